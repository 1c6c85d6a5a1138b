"""What an app asks Zendesk to make at its installation: requirements.json (zendesk_apps_support,
validations/requirements)."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.zendesk.rules.app import App, Json, Rule, Unreadable

PATH = "requirements.json"
TYPES = ("automations", "channel_integrations", "custom_objects", "macros", "targets", "views", "ticket_fields",
         "triggers", "user_fields", "organization_fields", "webhooks", "custom_objects_v2")
UNTITLED = ("channel_integrations", "custom_objects", "webhooks", "custom_objects_v2")
KEYED = ("user_fields", "organization_fields")
WEBHOOK = ("name", "status", "endpoint", "http_method", "request_format")
OLD_TARGETS = ("http_target", "url_target_v2")
MOST = 5000
MOST_OBJECTS = 50


def requirements_are_there_when_promised(app: App) -> Iterator[str]:
    if app.requirements_only and PATH not in app.files:
        yield f"The app is said to be requirements only and has no {PATH}: add it."
    if app.marketing_only and PATH in app.files:
        yield f"A marketing-only app requires nothing: remove {PATH}."


def requirements_are_json(app: App) -> Iterator[str]:
    if PATH not in app.files:
        return
    try:
        said = app.json(PATH)
    except Unreadable as why:
        yield str(why)
        return
    for kind, listed in said.items():
        kind_of_one = list if kind == "custom_objects" else dict
        if not isinstance(listed, dict) or not all(isinstance(one, kind_of_one) for one in listed.values()):
            yield f'{PATH}: {kind} is not written as Zendesk reads it: {{"an_identifier": {{…}}}}.'


def kinds_are_known(app: App) -> Iterator[str]:
    for kind in _said(app):
        if kind not in TYPES:
            yield f"{PATH}: Zendesk makes no {kind}: write {', '.join(TYPES)}."


def not_too_many(app: App) -> Iterator[str]:
    said = _said(app)
    count = sum(len(listed) for listed in said.values())
    if count > MOST:
        yield f"{PATH} asks for {count} things, and {MOST} are the most: ask for fewer."
    objects = sum(len(one) for one in said.get("custom_objects", {}).values() if isinstance(one, list))
    if objects > MOST_OBJECTS:
        yield f"{PATH} asks for {objects} custom objects, and {MOST_OBJECTS} are the most: ask for fewer."


def titles_and_keys_are_there(app: App) -> Iterator[str]:
    for kind, name, one in _each(app):
        if kind in TYPES and kind not in UNTITLED and not one.get("title"):
            yield f"{PATH}: {kind}.{name} has no title: add one."
        if kind in KEYED and not one.get("key"):
            yield f"{PATH}: {kind}.{name} has no key: add one."
        if kind == "channel_integrations" and not one.get("manifest_url"):
            yield f"{PATH}: {kind}.{name} has no manifest_url: add it."


def webhooks_are_complete(app: App) -> Iterator[str]:
    for kind, name, one in _each(app):
        missing = [key for key in WEBHOOK if kind == "webhooks" and key not in one]
        if missing:
            yield f"{PATH}: webhooks.{name} lacks {', '.join(missing)}: add them."


def no_old_target(app: App) -> Iterator[str]:
    for kind, name, one in _each(app):
        if kind == "targets" and one.get("type") in OLD_TARGETS:
            yield f"{PATH}: targets.{name} is of the kind {one['type']}, which has ended: make it a webhook."


def custom_objects_are_complete(app: App) -> Iterator[str]:
    said = _said(app)
    if "custom_objects" in said and "custom_object_types" not in said["custom_objects"]:
        yield f"{PATH}: custom_objects has no custom_object_types: add them."
    if len(said.get("channel_integrations", {})) > 1:
        yield f"{PATH} asks for several channel integrations: keep one."


def _said(app: App) -> dict[str, Json]:
    """By kind; only what is written as an object."""
    try:
        said = app.json(PATH) if PATH in app.files else {}
    except Unreadable:
        return {}
    return {kind: listed for kind, listed in said.items() if isinstance(listed, dict)}


def _each(app: App) -> Iterator[tuple[str, str, Json]]:
    for kind, listed in _said(app).items():
        for name, one in listed.items():
            if isinstance(one, dict):
                yield kind, name, one


RULES: tuple[Rule, ...] = (
    requirements_are_there_when_promised, requirements_are_json, kinds_are_known, not_too_many,
    titles_and_keys_are_there, webhooks_are_complete, no_old_target, custom_objects_are_complete)
