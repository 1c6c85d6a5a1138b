"""A small app that keeps every rule, and ways to spoil it."""

from __future__ import annotations

import copy
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Spoil = Callable[["Parts"], None]


def png(width: int, height: int, kind: int = 6) -> bytes:
    """A picture of that size; kind 6 has transparency, kind 2 has none."""
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    row = b"\0" + b"\0" * width * (4 if kind == 6 else 3)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


MANIFEST: Json = {
    "name": "Acme", "author": {"name": "Acme", "email": "it@acme.example"}, "defaultLocale": "en",
    "frameworkVersion": "2.0", "private": True, "signedUrls": True,
    "location": {"support": {"ticket_sidebar": {"url": "https://desk.acme.example/sidebar"}}},
    "parameters": [{"name": "shop", "type": "text", "required": True}],
}
TEXTS: Json = {"app": {"name": "Acme", "parameters": {"shop": {"label": "Shop"}}}}
FILES = {"assets/logo.png": png(320, 320, 2), "assets/logo-small.png": png(128, 128)}


class Parts:
    """What a package is made of, to be changed before it is packed."""

    def __init__(self) -> None:
        self.manifest = copy.deepcopy(MANIFEST)
        self.texts = {"en": copy.deepcopy(TEXTS), "de": copy.deepcopy(TEXTS)}
        self.files: dict[str, bytes] = dict(FILES)
        self.entries: list[tuple[zipfile.ZipInfo, bytes]] = []

    def place(self, product: str = "support", name: str = "ticket_sidebar", **options: Any) -> None:
        self.manifest["location"] = {product: {name: {"url": "https://desk.acme.example/sidebar"} | options}}

    def parameter(self, name: str, **said: Any) -> None:
        self.manifest["parameters"].append({"name": name} | said)
        for texts in self.texts.values():
            texts["app"]["parameters"][name] = {"label": name}

    def requires(self, **said: Any) -> None:
        self.files["requirements.json"] = json.dumps(said).encode()

    def zip(self) -> bytes:
        files = {"manifest.json": json.dumps(self.manifest).encode(), **{
            f"translations/{name}.json": json.dumps(texts).encode() for name, texts in self.texts.items()}} | self.files
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as package:
            for path, content in files.items():
                package.writestr(path, content)
            for entry, content in self.entries:
                package.writestr(entry, content)
        return whole.getvalue()


def spoilt(spoil: Spoil) -> bytes:
    parts = Parts()
    spoil(parts)
    return parts.zip()
