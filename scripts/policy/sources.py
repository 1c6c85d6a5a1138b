"""Where a policy comes from: the draft in the policy folder, any file, or a version that was published."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import click

from agent import published
from agent.policy import Policy, PolicyUnusable, load, read_text, shipped_policy_path
from agent.policy.never import Never, load_never
from scripts.installation import opened
from webhooks.settings import environment

POLICY, NEVER = "policy.yaml", "never.yaml"
IN_FORCE = "published"
VERSION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Source:
    """Texts of a policy and of what may never happen, with a name for people."""

    name: str
    """"policy/policy.yaml", or "version 3"."""
    text: str
    never_text: str
    never_name: str
    version: int = 0

    def policy(self) -> Policy:
        """Raises click.ClickException with every mistake, each with its line."""
        try:
            return load(self.text, self.version)
        except PolicyUnusable as error:
            raise unusable(self.name, error) from error

    def never(self) -> Never:
        """Raises as `policy`."""
        try:
            return load_never(self.never_text)
        except PolicyUnusable as error:
            raise unusable(self.never_name, error) from error


def unusable(name: str, error: PolicyUnusable) -> click.ClickException:
    return click.ClickException("\n".join(f"{name}: {mistake}" for mistake in error.mistakes))


def folder() -> Path | None:
    """The folder of drafts that DESKHAND_POLICY names. Raises click.ClickException where nothing is there."""
    named = environment().get("DESKHAND_POLICY", "").strip()
    if named and not Path(named).exists():
        raise click.UsageError(f"DESKHAND_POLICY names {named}, and nothing is there: put policy.yaml and never.yaml "
                               "there, or correct it.")
    return Path(named) if named else None


def source(name: str | None = None) -> Source:
    """By a file, a folder, a version number, "published", or nothing: the folder of drafts, else what is shipped.

    Raises click.ClickException with what to do. Only a version number and "published" need an installation.
    """
    if name is None:
        return _files(folder() or shipped_policy_path().parent)
    if (path := Path(name)).exists():
        return _files(path)
    if name == IN_FORCE or VERSION.fullmatch(name):
        return _published(name)
    raise click.UsageError(f"{name} is neither a file, nor a folder, nor a published version; write a path, a version "
                           f"number (deskhand policy log lists them), or: {IN_FORCE}")


def _files(path: Path) -> Source:
    """A policy file stands beside its never.yaml, either names both; where there is none, the shipped one holds."""
    if path.name == NEVER:
        path = path.parent
    policy = path / POLICY if path.is_dir() else path
    never = policy.parent / NEVER
    if not os.path.lexists(never):
        never = shipped_policy_path().parent / NEVER
    return Source(str(policy), _text(policy), _text(never), str(never))


def _text(path: Path) -> str:
    if not path.is_file():
        raise click.UsageError(f"There is no {path.name} in {path.parent}.")
    try:
        return read_text(path)
    except PolicyUnusable as error:
        raise unusable(str(path), error) from error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from error


def _published(name: str) -> Source:
    with opened() as installation, installation.desk.ledger.begin() as c:
        found = published.newest_version(c) if name == IN_FORCE else published.version(c, int(name))
    if found is None:
        what = published.NONE_YET if name == IN_FORCE else f"version {name} was never published"
        raise click.ClickException(what[0].upper() + what[1:] + ".")
    return Source(f"version {found.version}", found.text, found.never, f"never.yaml of version {found.version}",
                  found.version)
