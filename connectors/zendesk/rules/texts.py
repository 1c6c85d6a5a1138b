"""What people read of the app, in each language (zendesk_apps_support, validations/translations)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from connectors.zendesk.rules.app import App, Json, Rule, Unreadable
from connectors.zendesk.rules.manifest import LOCALE

LISTING = ("name", "short_description", "long_description", "installation_instructions")
LONGEST = {"name": 40, "short_description": 80}
_FILE = re.compile(r"translations/(.*)\.json", re.DOTALL)


def languages_are_languages(app: App) -> Iterator[str]:
    for path in app.files:
        found = _FILE.fullmatch(path)
        if found and not LOCALE.fullmatch(found[1]):
            yield f"{path} names no language: call it translations/en.json, or translations/en-gb.json."


def texts_are_json(app: App) -> Iterator[str]:
    for path in _files(app):
        try:
            app.json(path)
        except Unreadable as why:
            yield str(why)


def the_app_has_its_name(app: App) -> Iterator[str]:
    """A private app needs `app.name`, a listed one all four texts. We ask it of every language."""
    needed = LISTING[:1] if app.private else LISTING
    for path, texts in _texts(app):
        missing = [key for key in needed if not isinstance(texts.get(key), str) or not texts[key].strip()]
        if missing:
            yield f"{path} lacks {', '.join('app.' + key for key in missing)}: add it."


def every_setting_has_a_label(app: App) -> Iterator[str]:
    for path, texts in _texts(app):
        said = texts.get("parameters") or {}
        said = said if isinstance(said, dict) else {}
        labelled = {name for name, one in said.items() if isinstance(one, dict) and one.get("label")}
        for name in sorted({str(one.get("name")) for one in app.parameters} | said.keys()):
            if name not in labelled:
                yield f"{path} has no label for the setting {name}: add app.parameters.{name}.label."


def languages_say_the_same(app: App) -> Iterator[str]:
    """Ours: what one language says and another does not would be shown in the default language."""
    texts = {path: _keys(said) for path, said in _texts(app)}
    everything = set().union(*texts.values()) if texts else set()
    for path, said in texts.items():
        missing = sorted(everything - said)
        if missing:
            lacks = ", ".join("app." + key for key in missing)
            yield f"{path} lacks {lacks}, which another language has: translate it."


def names_are_short(app: App) -> Iterator[str]:
    """Zendesk docs, "Create content": name 40 characters, short description 80."""
    for path, texts in _texts(app):
        for key, most in LONGEST.items():
            if len(str(texts.get(key, ""))) > most:
                yield f"{path}: app.{key} has more than {most} characters: shorten it."


def _files(app: App) -> list[str]:
    return [path for path in app.files if _FILE.fullmatch(path)]


def _texts(app: App) -> Iterator[tuple[str, Json]]:
    """What stands below `app`, of each file that can be read."""
    for path in _files(app):
        try:
            said = app.json(path).get("app")
        except Unreadable:
            continue
        yield path, said if isinstance(said, dict) else {}


def _keys(said: Any, below: str = "") -> set[str]:
    if not isinstance(said, dict):
        return {below}
    return {key for name, one in said.items() for key in _keys(one, f"{below}.{name}" if below else name)}


RULES: tuple[Rule, ...] = (languages_are_languages, texts_are_json, the_app_has_its_name, every_setting_has_a_label,
                           languages_say_the_same, names_are_short)
