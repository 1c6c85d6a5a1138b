"""`.env` as `deskhand init`, `setup` and `rotate` write it: readable by its owner alone, and never half written."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

PRIVATE = 0o600
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")


@dataclass(frozen=True)
class EnvFile:
    """Keeps every line it does not set: comments, order and what others wrote stay."""

    path: Path

    def values(self) -> dict[str, str]:
        """As `deskhand serve` will read them."""
        return {name: value for name, value in dotenv_values(self.path, interpolate=False).items() if value is not None}

    def put(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Sets these and returns the names whose value changed; an empty value takes the line away."""
        before = self.values()
        changed = tuple(name for name, value in settings.items() if before.get(name, "") != value)
        if changed:
            self._write(self._lines({name: settings[name] for name in changed}))
        return changed

    def _lines(self, changed: Mapping[str, str]) -> list[str]:
        kept, left = [], dict(changed)
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            found = _LINE.match(line)
            if found is None or found[1] not in changed:
                kept.append(line)
            elif value := left.pop(found[1], ""):  # a name set twice is written once
                kept.append(f"{found[1]}={_quoted(value)}")
        return kept + [f"{name}={_quoted(value)}" for name, value in left.items() if value]

    def _write(self, lines: list[str]) -> None:
        """A killed write leaves the file as it was."""
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".env-")  # made readable by its owner alone
        try:
            with os.fdopen(handle, "w") as file:
                file.write("\n".join([*lines, ""]))
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(PRIVATE)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _quoted(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_./:@,+=-]*", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\")
    if "\n" in value:  # a key in PEM; only between double quotes is \n read as a new line
        return '"' + escaped.replace('"', '\\"').replace("\n", "\\n") + '"'
    return "'" + escaped.replace("'", "\\'") + "'"
