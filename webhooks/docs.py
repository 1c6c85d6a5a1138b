"""`/api/docs`: the API's written contract as a page of our own; nothing on it comes from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from webhooks.api import contract
from webhooks.pages import Pages


def docs_door(pages: Pages) -> Blueprint:
    door = Blueprint("docs", __name__)

    @door.get("/api/docs")
    def docs() -> Response:
        return pages.show("docs.html", api=contract(), model=_model, type=_type)

    return door


def _model(content: dict[str, Any]) -> str:
    """The model's name of a body."""
    return next(str(one["schema"]["$ref"]).rsplit("/", 1)[-1] for one in content.values())


def _type(shape: dict[str, Any]) -> str:
    """A field's type as people say it: "list of Card", "string or nothing"."""
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in shape:
        return " or ".join(_type(one) for one in shape["anyOf"])
    if "enum" in shape:
        return "one of " + ", ".join(str(one) for one in shape["enum"])
    if shape.get("type") == "array":
        return f"list of {_type(shape.get('items', {}))}"
    return {"null": "nothing"}.get(shape.get("type", ""), str(shape.get("format") or shape.get("type", "anything")))
