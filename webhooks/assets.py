"""Scripts and styles of our pages: browsers keep them for a year, under a name that their content gives."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, abort

FOLDER = Path(__file__).parent / "pages" / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
A_YEAR = "public, max-age=31536000, immutable"


class Assets:
    """All files of a folder, read once. One digest names them all, so that one script may import its neighbour."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {path.relative_to(folder).as_posix(): path.read_bytes()
                       for path in sorted(folder.rglob("*")) if path.suffix in TYPES}
        whole = hashlib.sha256()
        for name, content in self._files.items():
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
        self._digest = whole.hexdigest()[:16]

    def url(self, path: str) -> str:
        """The address of a file, for a template. Raises KeyError for a file that is not there."""
        self._files[path]
        return f"/static/{self._digest}/{path}"

    def door(self) -> Blueprint:
        """Serves them under `/static`. An address of an earlier version is gone, not answered with other content."""
        door = Blueprint("assets", __name__)

        @door.get("/static/<digest>/<path:path>")
        def asset(digest: str, path: str) -> Response:
            if digest != self._digest or path not in self._files:
                abort(404)
            return Response(self._files[path], content_type=TYPES[Path(path).suffix], headers={
                "Cache-Control": A_YEAR, "Cross-Origin-Resource-Policy": "same-origin"})

        return door
