"""Stripe's wire format: bracketed form fields in, typed parameters out (Stripe docs: API reference).

A route declares its parameters as name → kind: `str`, `id`, `int`, `bool`, `map` (metadata), `hash` (a nested object as
it is), `list`, `when` (a time or its bounds), or `a|b|c` for a fixed choice. A trailing `!` makes it required.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.stripe.standin.refusals import Refusal, missing_parameter, unknown_parameter

Json = dict[str, Any]
Pairs = list[tuple[str, str]]

PAGING = {"limit": "int", "starting_after": "id", "ending_before": "id", "expand": "list"}


def nested(pairs: Pairs) -> Json:
    """`metadata[op_id]=x` → `{"metadata": {"op_id": "x"}}`; numbered or empty brackets become dicts, too."""
    tree: Json = {}
    for name, value in pairs:
        steps = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        spot = tree
        for step in steps[:-1]:
            spot = spot.setdefault(step, {})
            if not isinstance(spot, dict):
                raise Refusal(400, f"Invalid hash: {name}", param=steps[0])
        spot[steps[-1] if steps[-1] else str(len(spot))] = value
    return tree


def typed(pairs: Pairs, spec: dict[str, str]) -> Json:
    """The parameters by their declared kinds; the unknown, the missing and the wrong are refused as Stripe does."""
    given = nested(pairs)
    for name in given:
        if name not in spec:
            raise unknown_parameter(name)
    for name, kind in spec.items():
        if kind.endswith("!") and given.get(name) in (None, ""):
            raise missing_parameter(name)
    return {name: _one(name, value, spec[name].rstrip("!")) for name, value in given.items()}


def _one(name: str, value: Any, kind: str) -> Any:
    if "|" in kind:
        return _choice(name, value, kind)
    return KINDS[kind](name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"Invalid string: {value}", param=name)
    if len(value) > 5000:
        raise Refusal(400, "Invalid string: it is too long.", code="parameter_invalid_string", param=name)
    return value


def _id(name: str, value: Any) -> str:
    if value == "":
        raise Refusal(400, f"You passed an empty string for '{name}'.", code="parameter_invalid_empty", param=name)
    return _text(name, value)


def _integer(name: str, value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value):
        raise Refusal(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def _boolean(name: str, value: Any) -> bool:
    if value not in ("true", "false"):
        raise Refusal(400, f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def _choice(name: str, value: Any, kind: str) -> str:
    if value not in kind.split("|"):
        raise Refusal(400, f"Invalid {name}: must be one of {kind.replace('|', ', ')}", param=name)
    return str(value)


def _metadata(name: str, value: Any) -> Json | str:
    """At most 50 keys of 40 characters with values of 500 (Stripe docs: Metadata); an empty string clears all."""
    if value == "":
        return ""
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid metadata: metadata must be a set of key-value pairs", param=name)
    for key, text in value.items():
        if not isinstance(text, str):
            raise Refusal(400, f"Invalid value for {name}[{key}]: values must be strings", param=f"{name}[{key}]")
        if len(key) > 40 or len(text) > 500 or len(value) > 50:
            raise Refusal(400, "Metadata takes up to 50 keys of 40 characters with values of 500.", param=name)
    return value


def _hash(name: str, value: Any) -> Any:
    if value != "" and not isinstance(value, dict):
        raise Refusal(400, f"Invalid object: {name}", param=name)
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, dict):
        raise Refusal(400, f"Invalid array: {name}", param=name)
    return list(value.values())


def _when(name: str, value: Any) -> Json:
    """A time as bounds: `created=5` or `created[gte]=1&created[lt]=9`."""
    if isinstance(value, dict):
        for bound in value:
            if bound not in ("gt", "gte", "lt", "lte"):
                raise unknown_parameter(f"{name}[{bound}]")
        return {bound: _integer(f"{name}[{bound}]", moment) for bound, moment in value.items()}
    return {"gte": _integer(name, value), "lte": _integer(name, value)}


KINDS = {"str": _text, "id": _id, "int": _integer, "bool": _boolean, "map": _metadata, "hash": _hash, "list": _list,
         "when": _when}


def merged(metadata: dict[str, str], change: Json | str) -> dict[str, str]:
    """Metadata after an update: keys merge, an empty value deletes its key, an empty string deletes all."""
    if not isinstance(change, dict):
        return {}
    return {key: value for key, value in {**metadata, **change}.items() if value != ""}
