"""The API's written contract (OpenAPI 3.1), made from the models that the routes take and give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from webhooks.catalogue import LANGUAGES
from webhooks.problems import CONTENT_TYPE, Problem

WANTED: dict[str, Any] = {
    "name": "Accept-Language", "in": "header", "required": False, "schema": {"type": "string"},
    "description": f"What our own sentences are to be written in: {', '.join(LANGUAGES)}. What people wrote, names, "
                   "amounts and digests are the same in each."}
SAID_IN: dict[str, Any] = {
    "Content-Language": {"description": "What our own sentences are written in.", "schema": {"type": "string"}}}


@dataclass(frozen=True)
class Route:
    """One route, as people read of it."""

    method: Literal["GET", "POST"]
    path: str
    """With its parts in braces."""
    words: str
    gives: type[BaseModel]
    takes: type[BaseModel] | None
    refusals: tuple[int, ...]
    """The statuses of its problems."""


def document(routes: Sequence[Route], conflict: type[Problem]) -> dict[str, Any]:
    """The whole document; `conflict` is what a 409 says."""
    models: set[type[BaseModel]] = {Problem, conflict, *(route.gives for route in routes)}
    models |= {route.takes for route in routes if route.takes}
    in_order = sorted(models, key=lambda one: one.__name__)
    _, schemas = models_json_schema([(one, "serialization") for one in in_order],
                                    ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, conflict)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Deskhand", "version": version("deskhand"), "description":
                 "What people on a ticket see and press. Every write names the digest of what was shown; when "
                 "something else stands by then, the answer is 409 with the new state."},
        "security": [{"session": []}],
        "paths": paths,
        "components": {"schemas": schemas["$defs"], "securitySchemes": {"session": {
            "type": "http", "scheme": "bearer", "description": "Given to the sidebar's page when it is opened."}}},
    }


def _operation(route: Route, conflict: type[Problem]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "summary": route.words, "operationId": _name(route),
        "parameters": [*_parts(route), WANTED],
        "responses": {"200": {"description": "As it stands now", "headers": SAID_IN,
                              "content": _content(route.gives)}} | {
            str(status): {"description": HTTPStatus(status).phrase, "headers": SAID_IN, "content": {
                CONTENT_TYPE: _schema(conflict if status == HTTPStatus.CONFLICT else Problem)}}
            for status in route.refusals}}
    if route.takes:
        told["requestBody"] = {"required": True, "content": _content(route.takes)}
    return told


def _parts(route: Route) -> list[dict[str, Any]]:
    return [{"name": part, "in": "path", "required": True, "schema": {
        "type": "integer" if part == "wait" else "string"}} for part in re.findall(r"{(\w+)}", route.path)]


def _name(route: Route) -> str:
    words = re.findall(r"\w+", route.path.removeprefix("/api"))
    return "_".join([route.method.lower(), *words])


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": _schema(model)}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
