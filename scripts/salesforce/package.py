"""From source format to the files that the Metadata API deploys: nothing dropped, and the same bytes every time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from scripts.salesforce.tools import Tools

HERE = Path(__file__).parent
PLACE = "manifests/salesforce/deskhand.zip"
DEPLOYED = {"force-app": "deskhand.zip", "german": "deskhand-german.zip"}
"""The files to deploy, by package directory. What names an org's own users and addresses is in none."""
META = "-meta.xml"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can hold."""

Converted = Mapping[str, Path]
"""Where the metadata format of each package directory stands, by that directory's name."""


class CannotConvert(Exception):
    """The vendor's converter refused the sources; says why."""


def directories(project: Path) -> tuple[str, ...]:
    """The package directories, as sfdx-project.json names them."""
    said = json.loads((project / "sfdx-project.json").read_text())["packageDirectories"]
    return tuple(one["path"] for one in said)


@contextmanager
def converted(tools: Tools, project: Path) -> Iterator[Converted]:
    """Each package directory in metadata format (@salesforce/source-deploy-retrieve). Raises CannotConvert."""
    with TemporaryDirectory(prefix="converted-", dir=tools.folder) as place:
        made = {one: Path(place) / str(number) for number, one in enumerate(directories(project))}
        for one, at in made.items():
            told = tools.run(tools.node, HERE / "convert.mjs", tools.folder, project, one, at, cwd=project)
            if told.returncode or not (at / "package.xml").is_file():
                raise CannotConvert((told.stderr or told.stdout).strip() or f"{one}: nothing was written")
        yield made


def dropped(project: Path, made: Converted) -> tuple[list[str], str, list[str]]:
    """The source files, what they are called, and those of which something is missing after the conversion."""
    sources = [path for one in made for path in _sources(project / one)]
    missing = [f"{path.relative_to(project).as_posix()}: lost on the way to the metadata format"
               for path in sources if not _arrived(path, made[path.relative_to(project).parts[0]])]
    return [str(path) for path in sources], "source files", missing


def zips(made: Converted) -> dict[str, bytes]:
    """The files to deploy, by name."""
    return {name: _zipped(made[directory]) for directory, name in DEPLOYED.items()}


def _sources(at: Path) -> list[Path]:
    """Everything but the component's tests."""
    return sorted(path for path in at.rglob("*") if path.is_file() and "__tests__" not in path.parts
                  and path.name != ".DS_Store")


def _arrived(source: Path, made: Path) -> bool:
    if not source.name.endswith(META):
        return any(path.read_bytes() == source.read_bytes() for path in made.rglob(source.name)
                   if path.parent.name == source.parent.name)
    tree = _canonical(ElementTree.parse(source).getroot())  # noqa: S314 - our own sources
    whole = [path for name in (source.name, source.name.removesuffix(META)) for path in made.rglob(name)]
    if any(_canonical(_root(path)) == tree for path in whole):
        return True
    return _inside_an_object(source, tree, made)


def _inside_an_object(source: Path, tree: _Tree, made: Path) -> bool:
    """A field or list view stands in its object's file; of the object itself every element does."""
    parts = source.parts
    if "objects" not in parts:
        return False
    at = made / "objects" / f"{parts[parts.index('objects') + 1]}.object"
    if not at.is_file():
        return False
    there = [_canonical(one) for one in _root(at)]
    if source.name.endswith(f".object{META}"):
        return all(one in there for one in tree[2])
    return any(one[1:] == tree[1:] for one in there)


_Tree = tuple[str, str, tuple["_Tree", ...]]
"""An element: its name, its text, its children in a fixed order."""


def _canonical(element: ElementTree.Element) -> _Tree:
    return (element.tag, (element.text or "").strip(), tuple(sorted(_canonical(one) for one in element)))


def _root(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 - written by the converter from our own sources


def _zipped(at: Path) -> bytes:
    """Stored, not deflated: compressors differ from machine to machine."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as out:
        for path in _in_order(at):
            entry = zipfile.ZipInfo(path.relative_to(at).as_posix(), LONG_AGO)
            entry.external_attr = 0o644 << 16
            out.writestr(entry, path.read_bytes())
    return held.getvalue()


def _in_order(at: Path) -> Iterable[Path]:
    return sorted((path for path in at.rglob("*") if path.is_file()), key=lambda path: path.relative_to(at).as_posix())
