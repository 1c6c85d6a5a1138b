"""Strict structured output (OpenAI docs, "Structured model outputs"): its rules, and a least value."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

NOT_SUPPORTED = ("oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
                 "patternProperties", "unevaluatedProperties", "discriminator", "default")


def complaint(schema: Any) -> str | None:
    """Why strict mode would refuse this schema; None when it is fine."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'"
    return _complaint(schema, ())


def _complaint(node: Any, at: tuple[str, ...]) -> str | None:
    if isinstance(node, list):
        return next((found for each in node if (found := _complaint(each, at))), None)
    if not isinstance(node, dict):
        return None
    for word in NOT_SUPPORTED:
        if word in node:
            return f"In context={at}, '{word}' is not permitted."
    if "properties" in node or node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            return f"In context={at}, 'additionalProperties' is required to be supplied and to be false."
        if set(node.get("required", [])) != set(node.get("properties", {})):
            return f"In context={at}, 'required' is required to be supplied and to name every key in properties."
    for part in ("properties", "$defs", "definitions"):
        for name, member in node.get(part, {}).items():
            found = _complaint(member, (*at, part, name))
            if found:
                return found
    return _complaint([node[word] for word in ("items", "anyOf") if word in node], at)


def least(schema: Json, root: Json | None = None) -> Any:
    """The smallest value that fits: null where allowed, otherwise empty, false, zero or the first choice."""
    root = schema if root is None else root
    if "$ref" in schema:
        return least(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "anyOf" in schema:
        return None if {"type": "null"} in schema["anyOf"] else least(schema["anyOf"][0], root)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object":
        return {name: least(member, root) for name, member in schema.get("properties", {}).items()}
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return None if "null" in kinds else least({**schema, "type": kinds[0]}, root)
    return {"array": [], "string": "", "boolean": False, "integer": 0, "number": 0}.get(str(kinds))
