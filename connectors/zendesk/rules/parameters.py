"""What the admin sets when installing (zendesk_apps_support, validations/manifest and /secure_settings)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.zendesk.rules.app import App, Rule

TYPES = ("text", "checkbox", "url", "number", "multiline", "hidden", "oauth")
"""`password` ended on 14 January 2026: such a setting is a secure text."""
SCOPES = ("header", "body", "url", "jwt_secret_key", "jwt_claim", "basic_auth_username", "basic_auth_password")
SOUNDS_LIKE_A_KEY = re.compile("token|key|pwd|password", re.IGNORECASE)


def parameters_are_listed(app: App) -> Iterator[str]:
    said = app.manifest.get("parameters")
    if said is not None and (not isinstance(said, list) or len(app.parameters) < len(said)):
        yield 'parameters is not a list of objects: write it as [{"name": …, "type": …}].'


def parameters_are_named_once(app: App) -> Iterator[str]:
    names = [one.get("name") for one in app.parameters]
    for name in dict.fromkeys(names):
        if not isinstance(name, str) or not name:
            yield "A parameter has no name: add one."
        elif names.count(name) > 1:
            yield f"Two parameters are called {name}: give each a name of its own."


def none_is_called_name(app: App) -> Iterator[str]:
    if any(one.get("name") == "name" for one in app.parameters):
        yield 'A parameter must not be called "name", which is the installation\'s own: rename it.'


def types_are_known(app: App) -> Iterator[str]:
    for one in app.parameters:
        if one.get("type", "text") not in TYPES:
            yield f"The parameter {_name(one)} is of type {one['type']!r}: write {', '.join(TYPES)}."


def parameter_switches(app: App) -> Iterator[str]:
    for one in app.parameters:
        for switch in ("required", "secure"):
            if not isinstance(one.get(switch, False), bool):
                yield f"The parameter {_name(one)}: {switch} is neither true nor false: write one of them."


def hidden_ones_are_not_required(app: App) -> Iterator[str]:
    for one in app.parameters:
        if one.get("type") == "hidden" and one.get("required"):
            yield f"Nobody can fill in the hidden parameter {_name(one)}: make it not required, or not hidden."


def one_oauth_and_not_secure(app: App) -> Iterator[str]:
    found = [one for one in app.parameters if one.get("type") == "oauth"]
    if len(found) > 1:
        yield "There are several parameters of type oauth: keep one."
    for one in found:
        if one.get("secure"):
            yield f"The oauth parameter {_name(one)} cannot be secure: remove secure."


def secure_ones_say_where_they_go(app: App) -> Iterator[str]:
    """Without scopes, Zendesk's proxy would put the value anywhere in a request."""
    for one in app.parameters:
        scopes = one.get("scopes")
        if scopes is None:
            if one.get("secure") is True:
                yield f'The secure parameter {_name(one)} says not where it goes: add "scopes", such as ["header"].'
        elif not one.get("secure"):
            yield f"The parameter {_name(one)} has scopes and is not secure: make it secure, or remove them."
        elif not isinstance(scopes, list) or not scopes or not all(scope in SCOPES for scope in scopes):
            yield f"The parameter {_name(one)}: scopes must be a list of {', '.join(SCOPES)}."


def keys_are_secure(app: App) -> Iterator[str]:
    for one in app.parameters:
        if SOUNDS_LIKE_A_KEY.search(str(one.get("name"))) and one.get("type", "text") == "text" \
                and not one.get("secure"):
            yield f'The parameter {_name(one)} sounds like a key, and every browser sees it: write "secure": true.'


def no_default_for_what_is_kept(app: App) -> Iterator[str]:
    for one in app.parameters:
        if "default" in one and (one.get("secure") or one.get("type") == "hidden"):
            yield f"The parameter {_name(one)} is kept from view, and its default is not: remove the default."


def _name(parameter: dict[str, object]) -> str:
    return str(parameter.get("name"))


RULES: tuple[Rule, ...] = (
    parameters_are_listed, parameters_are_named_once, none_is_called_name, types_are_known, parameter_switches,
    hidden_ones_are_not_required, one_oauth_and_not_secure, secure_ones_say_where_they_go, keys_are_secure,
    no_default_for_what_is_kept)
