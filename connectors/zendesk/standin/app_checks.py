"""What Zendesk's own checker finds in an uploaded package, told as it tells it."""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from connectors.zendesk.standin.state import Json

MOST_BYTES = 2_097_152
SUPPORT = {"top_bar", "nav_bar", "ticket_sidebar", "new_ticket_sidebar", "user_sidebar", "organization_sidebar",
           "background", "modal", "ticket_editor", "system_top_bar", "custom_object_record_sidebar"}
PRODUCTS = {"support", "chat", "standalone_chat", "sell"}
KINDS = {"text", "checkbox", "url", "number", "multiline", "hidden", "oauth"}
REFUSED = re.compile(r"\.(rar|zip|gz|gzip|pdf|docx?|avi|bin|bz2?|c?sh|jar|mp3|mpeg|odt|pptx?|xlsx?|7z)$", re.IGNORECASE)
MADE = {"automations", "channel_integrations", "custom_objects", "macros", "targets", "views", "ticket_fields",
        "triggers", "user_fields", "organization_fields", "webhooks", "custom_objects_v2"}


class Refusal(Exception):
    """The package is refused; the words are Zendesk's."""


def opened(package: bytes) -> dict[str, bytes]:
    """The files by path. Raises Refusal."""
    if len(package) > MOST_BYTES:
        raise Refusal("The file is too large. The maximum size is 2 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as read:
            if any(stat.S_ISLNK(one.external_attr >> 16) for one in read.infolist()):
                raise Refusal("Symlinks are not allowed in the zip file")
            return {one.filename: read.read(one) for one in read.infolist() if not one.is_dir()}
    except zipfile.BadZipFile as error:
        raise Refusal("The file you uploaded is not a valid zip file") from error


def manifest_of(package: bytes) -> Json:
    """The manifest of a package in which nothing is wrong. Raises Refusal with everything that is."""
    files = opened(package)
    if "manifest.json" not in files:
        raise Refusal("Could not find manifest.json")
    manifest = _json(files, "manifest.json")
    wrong = [*_whole(manifest, files), *_locations(manifest, files), *_parameters(manifest), *_texts(manifest, files),
             *_requirements(files)]
    if blocked := [path for path in files if REFUSED.search(path)]:
        wrong.append(f"Unsupported MIME type detected in {', '.join(blocked)}")
    if wrong:
        raise Refusal("\n".join(wrong))
    return manifest


def requirements_of(package: bytes) -> Json:
    files = opened(package)
    return _json(files, "requirements.json") if "requirements.json" in files else {}


def _json(files: dict[str, bytes], path: str) -> Json:
    try:
        read = json.loads(files[path])
    except ValueError as error:
        raise Refusal(f"{path} is not proper JSON. {error}") from error
    if not isinstance(read, dict):
        raise Refusal(f"{path} is not a JSON object")
    return read


def _whole(manifest: Json, files: dict[str, bytes]) -> Iterator[str]:
    missing = [key for key in ("author", "defaultLocale", "frameworkVersion") if manifest.get(key) is None]
    if missing:
        yield f"Missing required fields in manifest: {', '.join(missing)}"
    if manifest.get("frameworkVersion") not in (None, "2.0"):
        yield f"{manifest['frameworkVersion']} is not a valid framework version. Available versions are: 2.0"
    locale = manifest.get("defaultLocale")
    if locale is not None and f"translations/{locale}.json" not in files:
        yield f"Missing translation file for locale '{locale}'"
    for key in ("singleInstall", "signedUrls", "private"):
        if not isinstance(manifest.get(key, False), bool):
            yield f"{key} must be a boolean value, got {manifest[key]!r}."


def _locations(manifest: Json, files: dict[str, bytes]) -> Iterator[str]:
    named = manifest.get("location")
    if not isinstance(named, dict) or not any(named.values()):
        yield "Missing required field in manifest: location"
        return
    for product, places in named.items():
        if product not in PRODUCTS:
            yield f"{product} is an invalid host"
        for place, said in places.items():
            if product == "support" and place not in SUPPORT:
                yield f"{place} is an invalid location in Support"
            url = said.get("url") if isinstance(said, dict) else said
            if not url or not isinstance(url, str):
                yield f"{place} location does not specify a URI."
            elif "{{setting." not in url and not _is_address(url) and not (url.startswith("assets/") and url in files):
                yield f"{url} is either an invalid location URI, refers to a missing asset, or is not using https."


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.scheme) and (parts.scheme == "https" or parts.hostname == "localhost")


def _parameters(manifest: Json) -> Iterator[str]:
    listed = manifest.get("parameters") or []
    if not isinstance(listed, list):
        yield "App parameters must be an array."
        return
    names = [one.get("name") for one in listed]
    if len(set(names)) < len(names):
        yield "Duplicate app parameters defined"
    if "name" in names:
        yield "Can't call a parameter 'name'"
    for one in listed:
        if one.get("type", "text") not in KINDS:
            yield f"{one.get('type')} is an invalid parameter type."
        if one.get("type") == "hidden" and one.get("required"):
            yield f"{one.get('name')} is set to hidden and cannot be required."


def _texts(manifest: Json, files: dict[str, bytes]) -> Iterator[str]:
    wanted = {"name"} if manifest.get("private", True) else {
        "name", "short_description", "long_description", "installation_instructions"}
    for path in [one for one in files if re.fullmatch(r"translations/.*\.json", one)]:
        app = _json(files, path).get("app") or {}
        for name, one in (app.get("parameters") or {}).items():
            if not isinstance(one, dict) or "label" not in one:
                yield f"Missing required key 'label' on '{name}' in {path}"
        if path == "translations/en.json" and (lacking := wanted - app.keys()):
            yield f"Missing required key(s) in {path}: {', '.join(sorted(lacking))}"


def _requirements(files: dict[str, bytes]) -> Iterator[str]:
    if "requirements.json" not in files:
        return
    for kind, listed in _json(files, "requirements.json").items():
        if kind not in MADE:
            yield f"requirements.json contains an invalid type: {kind}"
            continue
        for name, one in listed.items() if isinstance(listed, dict) else ():
            if kind == "webhooks":
                needed: tuple[str, ...] = ("name", "status", "endpoint", "http_method", "request_format")
            else:
                needed = () if kind.startswith(("custom_objects", "channel")) else ("title",)
            for key in (key for key in needed if key not in one):
                yield f'Missing required fields in requirements.json: "{key}" is required in "{name}"'
