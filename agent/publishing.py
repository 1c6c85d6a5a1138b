"""Publishing a policy: loaded, proven against never.yaml, compared with what is in force, agreed to, and kept for ever.

Nothing else changes what Deskhand may do. Two who publish at once are told; neither overwrites the other unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, text

from agent import audit
from agent.desk import Chosen
from agent.policy import Policy, PolicyUnusable, load, read_text
from agent.policy.facts import fold
from agent.policy.never import Never, load_never, shipped_never_path
from agent.policy.proof import Change, Counterexample, difference, never_difference, prove
from agent.published import Version, as_published, newest_version, version
from agent.tables import policies

LOCK = "LOCK TABLE policies IN SHARE ROW EXCLUSIVE MODE"


class NotPublished(RuntimeError):
    """What is in force stays in force; the message says why and what to do."""


class People(Chosen):
    """The table [people]: who may publish, and who speaks for compliance. No publishers named: anyone may."""

    publishers: tuple[str, ...] = ()
    compliance: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What would be published, with all that must be known before."""

    policy: Policy
    never: Never
    policy_text: str
    never_text: str
    base: Version | None
    """What was in force when it was compared."""
    counterexamples: tuple[Counterexample, ...]
    changes: tuple[Change, ...]
    never_changes: tuple[Change, ...]
    incomparable: bool = False
    """What was published last can no longer be read, or is not what was published: nobody can say what this changes."""

    @property
    def same(self) -> bool:
        """Nothing at all would change, not even a word."""
        return self.base is not None and not self.incomparable and (
            (self.base.text, self.base.never) == (self.policy_text, self.never_text))

    @property
    def loosens(self) -> bool:
        return self.incomparable or any(change.looser for change in (*self.changes, *self.never_changes))

    @property
    def loosens_never(self) -> bool:
        return self.incomparable or any(change.looser for change in self.never_changes)


def draft(c: Connection, policy_text: str, never_text: str) -> Draft:
    """Loads, proves and compares with what is in force; a first never.yaml with the shipped one.

    Raises PolicyUnusable when a file does not load.
    """
    policy, never, base = load(policy_text), load_never(never_text), newest_version(c)
    compared = Draft(policy=policy, never=never, policy_text=policy_text, never_text=never_text, base=base,
                     counterexamples=prove(policy, never), changes=(), never_changes=())
    if base is None:
        return replace(compared, never_changes=never_difference(load_never(read_text(shipped_never_path())), never))
    if not as_published(c, base):
        return replace(compared, incomparable=True)
    try:
        old, old_never = load(base.text, base.version), load_never(base.never)
    except PolicyUnusable:
        return replace(compared, incomparable=True)
    return replace(compared, changes=difference(old, policy), never_changes=never_difference(old_never, never))


def publish(c: Connection, draft: Draft, people: People, by: str, second: str | None, now: datetime, *,
            rolled_back_to: int | None = None) -> Version:
    """Puts the draft in force, in the caller's transaction. Raises NotPublished."""
    by, second = _name(by), _name(second or "") or None
    if not (by + (second or "")).isprintable():
        raise NotPublished("A name holds a character that does not show; type it anew.")
    if draft.counterexamples:
        raise NotPublished("It breaks never.yaml; see the examples, and mend the rules or limits they name.")
    if draft.same:
        raise NotPublished("This is what is in force already.")
    agreed(draft, people, by, second)
    c.execute(text(LOCK))
    newest = newest_version(c)
    if (newest.version if newest else 0) != (draft.base.version if draft.base else 0):
        raise NotPublished("Someone else published meanwhile. Look at what the draft changes now, and publish again.")
    made = Version(version=(newest.version if newest else 0) + 1, digest=draft.policy.digest,
                   text=draft.policy_text, never=draft.never_text, published_by=by, second=second, published_at=now,
                   rolled_back_to=rolled_back_to)
    c.execute(insert(policies).values(**vars(made)))
    audit.record(c, kind="policy.published", ticket=None, operation=None, at=now, public={
        "version": made.version, "digest": made.digest, "never": draft.never.digest, "by": by,
        "second": second, "rolled_back_to": rolled_back_to, "loosens": draft.loosens,
        "changes": [change.words for change in (*draft.changes, *draft.never_changes)]})
    return made


def earlier(c: Connection, number: int) -> Version:
    """A version to go back to. Raises NotPublished when there was none of that number."""
    found = version(c, number)
    if found is None:
        raise NotPublished(f"Version {number} was never published. deskhand policy log lists those that were.")
    return found


def agreed(draft: Draft, people: People, by: str, second: str | None) -> None:
    """Raises NotPublished where those who must agree to the draft are not these."""
    if not by:
        raise NotPublished("Say who publishes: --by NAME.")
    for name in (by, second):
        if name and people.publishers and not _among(name, (*people.publishers, *people.compliance)):
            raise NotPublished(f"{name} may not publish policy; deskhand.toml names under [people] who may.")
    first = draft.base is None  # a fresh installation needs no second person, but whoever speaks for compliance
    if draft.loosens and second is None and not first:
        raise NotPublished("It loosens what is in force, so a second person must agree: --second NAME. "
                           "(To stop at once, nobody else is needed: deskhand pause.)")
    if draft.loosens and second is not None and _same(by, second):
        raise NotPublished("The second person must be someone else.")
    never = "the never.yaml that comes with Deskhand" if first else "never.yaml"
    if draft.loosens_never and not any(name and _among(name, people.compliance) for name in (by, second)):
        if not people.compliance:
            raise NotPublished(f"It loosens {never}, so compliance must agree; nobody is named yet in deskhand.toml: "
                               '[people] compliance = ["NAME"]')
        raise NotPublished(f"It loosens {never}, so {' or '.join(people.compliance)} must be one of the two.")


def _name(given: str) -> str:
    return " ".join(given.split())


def _same(one: str, other: str) -> bool:
    return fold(one) == fold(other)


def _among(name: str, names: Sequence[str]) -> bool:
    return any(_same(name, _name(other)) for other in names)
