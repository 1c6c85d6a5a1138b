"""Which files a package may hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.zendesk.rules.app import App, Rule, Unreadable, extension

LARGEST = 2 * 1024 * 1024
ASSET_TYPES = ("png", "jpg", "jpeg", "gif", "svg", "js", "htm", "html", "css", "map", "eot", "woff", "woff2", "otf",
               "ttf", "json", "xml", "hbs", "hdbs")
BLOCKED_TYPES = ("7z", "avi", "bin", "bz", "bz2", "csh", "dll", "doc", "docx", "exe", "gz", "gzip", "jar", "mp3",
                 "mpeg", "odt", "pdf", "ppt", "pptx", "rar", "sh", "tar", "xls", "xlsx", "zip")
BLOCKED_BEGINNINGS = {
    b"PK\x03\x04": "an archive", b"Rar!": "an archive", b"\x1f\x8b": "an archive", b"BZh": "an archive",
    b"7z\xbc\xaf": "an archive", b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an office document", b"ID3": "audio",
    b"MZ": "a program", b"\x7fELF": "a program", b"#!": "a program"}
TOOLS_OWN = ("zcli.apps.config.json", ".zcliignore", ".zat", ".env")
KEY_FILES = ("pem", "key", "p12", "pfx", "env")
LEFT_OVERS = ("tmp", "node_modules", "__pycache__")


def it_is_small(app: App) -> Iterator[str]:
    """2 MB for a private app (Zendesk docs, "Uploading and installing a private app")."""
    if app.size > LARGEST:
        yield f"The package has {app.size / 1024 / 1024:.1f} MB; Zendesk takes 2 MB: make its pictures smaller."


def no_link(app: App) -> Iterator[str]:
    """zendesk_apps_support, validations/marketplace: no symbolic link."""
    for path in app.links:
        yield f"{path} is a symbolic link: put the file itself there."


def plain_paths(app: App) -> Iterator[str]:
    for path in app.files:
        if path.startswith("/") or "\\" in path or ":" in path or ".." in PurePosixPath(path).parts:
            yield f"{path!r} leads out of the package: name files by their path below it."
    for path in app.twice:
        yield f"{path} stands twice in the package: keep one."


def asset_types(app: App) -> Iterator[str]:
    """Zendesk docs, "Styles and assets": the file types that are accepted."""
    for path in app.files:
        if path.startswith("assets/") and extension(path) not in (*ASSET_TYPES, *BLOCKED_TYPES):
            yield f"{path} is of a type that Zendesk does not take as an asset: remove it, or convert it."


def no_blocked_type(app: App) -> Iterator[str]:
    """zendesk_apps_support, validations/mime: archives, office files, PDF, audio and programs, by name or content."""
    for path, content in app.files.items():
        kinds = [kind for start, kind in BLOCKED_BEGINNINGS.items() if content.startswith(start)]
        if extension(path) in BLOCKED_TYPES or kinds:
            what = kinds[0] if kinds else f"of the type {extension(path)}"
            yield f"{path} is {what}, which Zendesk refuses: remove it."


def nothing_private(app: App) -> Iterator[str]:
    """zcli packs what lies in the folder: live settings, hidden files and keys must not be among it."""
    for path in app.files:
        parts = PurePosixPath(path).parts
        if parts[-1] in TOOLS_OWN or extension(path) in KEY_FILES or any(
                one.startswith(".") for one in parts if one != ".."):
            yield f"{path} is for your own machine and may hold secrets: remove it from the package."
        elif parts[0] in LEFT_OVERS:
            yield f"{path} is a left-over of a build: remove it from the package."


def manifest_at_the_root(app: App) -> Iterator[str]:
    """zendesk_apps_support, validations/manifest: missing, or one folder too deep."""
    if "manifest.json" not in app.files:
        deeper = next((path for path in app.files if path.count("/") == 1 and path.endswith("/manifest.json")), None)
        yield (f"The manifest is at {deeper}: pack the folder's content, not the folder." if deeper else
               "There is no manifest.json: put it at the root of the package.")


def manifest_is_json(app: App) -> Iterator[str]:
    """zendesk_apps_support, validations/manifest: JSON, and no key twice."""
    if "manifest.json" in app.files:
        try:
            app.json("manifest.json")
        except Unreadable as why:
            yield str(why)


RULES: tuple[Rule, ...] = (it_is_small, no_link, plain_paths, asset_types, no_blocked_type, nothing_private,
                           manifest_at_the_root, manifest_is_json)
