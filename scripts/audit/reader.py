"""Who runs a command that shows people's data, for the trail."""

from __future__ import annotations

import getpass

from agent.audit import reading
from agent.desk import Desk


def noted(desk: Desk, what: str, by: str = "", **public: str | int) -> None:
    """Writes down, before anything is shown, that it is; `by` is the name that was given, else the machine's user."""
    with desk.ledger.begin() as c:
        reading.by_command(c, what, by.strip() or _user(), desk.now(), **public)


def _user() -> str:
    try:
        return f"user {getpass.getuser()}"
    except (OSError, KeyError):  # a container's user may have no name (Python docs, "getpass.getuser")
        return "a user without a name"
