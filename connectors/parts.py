"""What `deskhand setup` makes at a vendor, and what `deskhand doctor` asks it: the admin's side of a vendor's folder.

A setup keeps no state of its own. Each part is found again by the mark it was made with, so that a run that was
killed goes on where it stopped, a second run changes nothing, and a teardown removes what was made and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

MARK = "Made by deskhand setup."
"""Stands in each part's description at the vendor. What bears our name without it is an admin's own, and stays."""


@dataclass(frozen=True)
class Found:
    """One part as it stands at the vendor."""

    id: str
    differs: tuple[str, ...] = ()
    """What is not as wanted, in words: "it calls https://old.example.com". Empty: as wanted."""
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What our settings must hold because of it, by variable name. Secrets among them: never print a value."""
    unreadable: tuple[str, ...] = ()
    """Variables it gives which the vendor shows only once. When ours are empty, the part must be made anew."""
    takes_along: tuple[str, ...] = ()
    """What is lost when it is removed, in words: "1,204 receipts of what Deskhand did"."""


class Taken(Exception):
    """Something of the admin's own has the name of a part; says what it is and what to do."""


@dataclass(frozen=True)
class House:
    """What a vendor's setup and checks must know of this installation."""

    public_url: str
    """Origin at which the vendor and people reach Deskhand, without a trailing slash."""
    version: str
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the environment and `.env` hold now, by variable name."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What the admin chose on the command line; each vendor's setup names its own."""
    tag_prefix: str = "deskhand"
    handoff_group: str | None = None
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Helpdesk groups by our role, as deskhand.toml names them."""
    told: Callable[[str], object] = lambda words: None
    """Is told how a long part goes on: "12 of 118 components"."""


@dataclass(frozen=True)
class AdminValue:
    """One value of the login that sets an account up. It is used and not stored."""

    variable: str
    """Where it may stand in the environment: STRIPE_SETUP_KEY."""
    stands_for: str
    """The variable whose place it takes in the settings that `setup` gets."""
    question: str
    """What it is and where to find it, one line."""
    secret: bool = True


Known = Mapping[str, Found]
"""The parts before this one that stand, by name."""


class Part(Protocol):
    """One thing at the vendor. Every method may raise a VendorError; a killed `make` is met by `look` again."""

    @property
    def name(self) -> str:
        """As the plan says it: `webhook "Deskhand"`. Unique within a setup."""

    @property
    def why(self) -> str:
        """What it is for, one clause."""

    @property
    def wanted(self) -> bool:
        """False: it is removed if it stands, because the admin chose otherwise."""

    @property
    def marks(self) -> Mapping[str, str]:
        """Where the vendor has no room for MARK: what our settings hold instead, by variable name, from before it is
        made until it is gone. What they do not mark is not removed. Empty for every other part."""

    def look(self, known: Known) -> Found | None:
        """Reads the vendor, writes nothing. Raises Taken."""

    def make(self, known: Known) -> Found:
        """Called only after `look` said None."""

    def change(self, found: Found, known: Known) -> Found:
        """Makes it as wanted; touches nothing else of it."""

    def remove(self, found: Found) -> None:
        """Gone already counts as removed."""


CHANGING = "changing"
"""Stands before the old signing secret while the vendor is given a new one. It signs nothing; it tells the door to ask
for again what is signed with a secret that is not known yet."""


class Rotation(Protocol):
    """A new signing secret at the vendor, without an event being lost."""

    @property
    def variable(self) -> str:
        """Which of our settings holds the secret."""

    @property
    def at_once(self) -> bool:
        """The vendor signs with the new secret alone from the moment it makes it."""

    def begin(self, known: Sequence[str]) -> str:
        """The new secret. What a killed one has made already is taken up; `known` are the secrets that we hold."""

    def finish(self, newest: str) -> None:
        """The vendor signs with this one alone. Raises Rejected when it does not sign with it at all."""


@dataclass(frozen=True)
class Notice:
    """Something of the admin's own that our work would set off, or that it needs."""

    what: str
    """"trigger "Reopen on comment" fires on every internal note"."""
    mend: str


class Setup(Protocol):
    """Everything an admin's account needs, in the order it is made; it is removed in reverse."""

    def account(self) -> str:
        """Whose account this is, and of which kind: "Acme Ltd (acct_1), TEST mode". One call: it proves the login."""

    def parts(self) -> Sequence[Part]: ...

    def notices(self) -> Iterable[Notice]:
        """What to tell the admin before anything is made."""


Level = Literal["green", "yellow", "red"]
Dimension = Literal["CRM access", "API access", "knowledge", "guardrails", "escalation path"]


@dataclass(frozen=True)
class Finding:
    """What one check of the doctor found."""

    check: str
    level: Level
    says: str
    mend: str = ""
    """What to do, one sentence. Empty only where it is green."""
    dimension: Dimension = "API access"


class Check(Protocol):
    """One question to a vendor. `run` raises VendorError where it could not be asked; the doctor makes that red."""

    @property
    def name(self) -> str: ...

    def run(self) -> Iterable[Finding]: ...


@dataclass(frozen=True)
class Question:
    """A check that needs nothing but a name and somebody to ask."""

    name: str
    ask: Callable[[], Iterable[Finding]]

    def run(self) -> Iterable[Finding]:
        return self.ask()


Verdict = Literal["true", "false", "not seen"]


@dataclass(frozen=True)
class Seen:
    """What a real account showed of a sentence that our vendor pages mark as not verified."""

    fact: str
    """Its id in the vendor's unverified.toml."""
    verdict: Verdict
    because: str
    """What was asked, and what came back."""


class Rehearsal(Protocol):
    """A vendor's part in `deskhand doctor --rehearse`. Choices of the house: `requester` and `charge`."""

    def begin(self) -> str:
        """Makes what is worked on, a throwaway ticket or a test charge, and names it; "" where nothing is needed.

        Raises Rejected, saying what to give instead, where it may not be made.
        """

    def look(self, made: str) -> Iterable[Seen]:
        """After the work was done. A fact that is not told of was not seen."""

    def end(self, made: str) -> None:
        """Takes away what `begin` made."""
