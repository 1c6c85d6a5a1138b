"""Zendesk's published rules of an app's package, one function each; what its checker only warns of counts as broken.

Sources: Zendesk docs ("Manifest reference", "Styles and assets", "Create brand assets", "Create content", "Uploading
and installing a private app") and the behaviour of its checker, zendesk_apps_support 4.52.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.zendesk.rules import files, keys, manifest, pages, parameters, pictures, places, requirements, texts
from connectors.zendesk.rules.app import App, Rule, Unreadable

RULES: tuple[Rule, ...] = (*files.RULES, *manifest.RULES, *places.RULES, *parameters.RULES, *texts.RULES,
                           *requirements.RULES, *keys.RULES, *pictures.RULES, *pages.RULES)
OF_THE_FILES = (*files.RULES, *keys.RULES, *pictures.RULES, *pages.RULES)


@dataclass(frozen=True)
class Broken:
    """A rule that the package breaks, in a sentence that says what to do."""

    rule: str
    says: str


def check(package: bytes) -> list[Broken]:
    """What Zendesk would refuse or warn of; empty when nothing."""
    try:
        app = App.read(package)
    except Unreadable as why:
        return [Broken("it_opens", str(why))]
    return list(_broken(app, RULES if app.manifest else OF_THE_FILES))


def _broken(app: App, rules: Iterable[Rule]) -> Iterable[Broken]:
    for rule in rules:
        yield from (Broken(rule.__name__, says) for says in rule(app))


__all__ = ["RULES", "App", "Broken", "check"]
