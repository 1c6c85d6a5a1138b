"""What the vendor's own tools let through: files without their other half, elements and names that do not exist."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from scripts.salesforce.wsdl import Wsdl, without_namespace

META = "-meta.xml"
IN_PAIRS = (".cls", ".trigger")
NOT_A_BUNDLE = ("__tests__", "jsconfig.json")
Faults = list[str]


def registry(modules: Path) -> Mapping[str, str]:
    """File ending -> root element, as the vendor's converter knows them."""
    at = modules / "@salesforce" / "source-deploy-retrieve" / "lib" / "src" / "registry" / "metadataRegistry.json"
    types = json.loads(at.read_text())["types"]
    children = [child for one in types.values() for child in one.get("children", {}).get("types", {}).values()]
    ours = {one["suffix"]: one["name"] for one in (*children, *types.values()) if "suffix" in one}
    return {**ours, "js": "LightningComponentBundle"}


def wsdl() -> Wsdl:
    """The Metadata API's own, as simple-salesforce brings it (v63)."""
    found = importlib.util.find_spec("simple_salesforce")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("simple-salesforce is not installed")
    return Wsdl.of(Path(found.submodule_search_locations[0]) / "metadata.wsdl")


def read(project: Path, roots: Mapping[str, str]) -> tuple[list[Path], str, Faults]:
    """The metadata files, what they are called, and what is wrong with them."""
    files = sorted(project.rglob(f"*{META}"))
    known, version = wsdl(), _version(project)
    faults = [*_halves(project)]
    for path in files:
        faults += [f"{path.relative_to(project).as_posix()}: {fault}" for fault in _file(path, roots, known, version)]
    return files, "metadata files", faults


def _file(path: Path, roots: Mapping[str, str], known: Wsdl, version: str) -> Iterator[str]:
    try:
        root = _root(path)
    except ElementTree.ParseError as error:
        yield f"not XML: {error}"
        return
    ending = path.name.removesuffix(META).rpartition(".")[2]
    expected = roots.get(ending)
    if expected is None:
        yield f".{ending} is no kind of metadata"
    elif without_namespace(root.tag) != expected:
        yield f"holds a {without_namespace(root.tag)}, and its ending says {expected}"
    yield from known.faults(root)
    said = _text(root, "apiVersion")
    if said and said != version:
        yield f"apiVersion {said}, where sfdx-project.json says {version}"
    name = _text(root, "fullName")
    if ending in ("field", "listView") and name != path.name.split(".")[0]:
        yield f"is called {name} inside"


def _halves(project: Path) -> Iterator[str]:
    for path in sorted(project.rglob("*")):
        where = path.relative_to(project).as_posix()
        if path.name.endswith(IN_PAIRS) and not path.with_name(path.name + META).is_file():
            yield f"{where}: has no {path.name}{META}"
        elif path.name.endswith(tuple(half + META for half in IN_PAIRS)) \
                and not path.with_name(path.name.removesuffix(META)).is_file():
            yield f"{where}: its {path.name.removesuffix(META)} is missing"
        elif path.is_dir() and path.parent.name == "lwc" and path.name not in NOT_A_BUNDLE:
            if not any((path / f"{path.name}{ending}").is_file() for ending in (".js", ".css")):
                yield f"{where}: has no {path.name}.js"
            if not (path / f"{path.name}.js{META}").is_file():
                yield f"{where}: has no {path.name}.js{META}"


IMPORTED = re.compile(r"""from\s+["'](@salesforce/(?:label|apex)/[^"']+|c/[^"']+)["']""")
CHILD = re.compile(r"<c-([a-z0-9-]+)")
GAP = re.compile(r"\{\w+\}")
LABEL_IN_APEX = re.compile(r"System\.Label\.(\w+)")
AURA_ENABLED = re.compile(r"@AuraEnabled(?:\([^)]*\))?\s+public\s+static\s+[\w<>,. ]+?\s+(\w+)\s*\(", re.IGNORECASE)


def named(project: Path) -> tuple[list[str], str, Faults]:
    """What one file names in another, what these are called, and those that do not exist."""
    there = _there(project)
    wanted = [*_wanted_by_component(project), *_wanted_by_permissions(project), *_wanted_by_pages(project)]
    faults = [f"{where}: {kind} {name} does not exist" for where, kind, name in wanted if name not in there[kind]]
    labels = {name for _, kind, name in wanted if kind == "label"} | _labels_of_apex(project)
    faults += [f"label {name} is used nowhere" for name in sorted(there["label"] - labels)]
    faults += _translations(project)
    return [f"{kind} {name}" for _, kind, name in wanted], "references", faults


def _there(project: Path) -> dict[str, set[str]]:
    classes = {path.stem: path.read_text() for path in project.rglob("*.cls")}
    labels = [one for path in project.rglob(f"*.labels{META}") for one in _root(path)]
    objects = project.rglob(f"objects/*/*.object{META}")
    fields = project.rglob(f"objects/*/fields/*.field{META}")
    return {
        "label": {_text(one, "fullName") for one in labels},
        "method": {f"{name}.{method}" for name, text in classes.items() for method in AURA_ENABLED.findall(text)},
        "component": {path.name for path in project.rglob("lwc/*") if path.is_dir()},
        "class": set(classes),
        "object": {path.parent.name for path in objects},
        "field": {f"{path.parents[1].name}.{path.name.split('.')[0]}" for path in fields},
        "custom permission": _stems(project, "customPermission"),
    }


Wanted = tuple[str, str, str]
"""The file, the kind, the name."""


def _wanted_by_component(project: Path) -> Iterator[Wanted]:
    for path in _of_components(project, ".js"):
        where = path.relative_to(project).as_posix()
        for imported in IMPORTED.findall(path.read_text()):
            kind, _, name = imported.removeprefix("@salesforce/").partition("/")
            yield (where, "label", name.removeprefix("c.")) if kind == "label" else \
                (where, "method", name) if kind == "apex" else (where, "component", name)
    for path in _of_components(project, ".html"):
        for name in CHILD.findall(path.read_text()):
            yield path.relative_to(project).as_posix(), "component", _camel(name)


def _wanted_by_permissions(project: Path) -> Iterator[Wanted]:
    for path in sorted(project.rglob(f"*.permissionset{META}")):
        where = path.name.removesuffix(META)
        for one in _root(path):
            kind = without_namespace(one.tag)
            if kind == "classAccesses":
                yield where, "class", _text(one, "apexClass")
            elif kind == "customPermissions":
                yield where, "custom permission", _text(one, "name")
            elif kind == "fieldPermissions" and _text(one, "field").endswith("__c"):
                yield where, "field", _text(one, "field")
            elif kind == "objectPermissions" and _text(one, "object").endswith(("__c", "__e")):
                yield where, "object", _text(one, "object")


def _wanted_by_pages(project: Path) -> Iterator[Wanted]:
    for path in sorted(project.rglob(f"*.flexipage{META}")):
        for one in _root(path).iter():
            name = (one.text or "").strip()
            if without_namespace(one.tag) == "componentName" and ":" not in name:
                yield path.name.removesuffix(META), "component", name


def _translations(project: Path) -> Iterator[str]:
    """Every label in each other language, with the same gaps to fill."""
    ours = {_text(one, "fullName"): _text(one, "value") for path in project.rglob(f"*.labels{META}")
            for one in _root(path)}
    for path in sorted(project.rglob(f"*.translation{META}")):
        theirs = {_text(one, "name"): _text(one, "label") for one in _root(path)}
        where = path.name.removesuffix(META)
        yield from (f"{where}: label {name} is not translated" for name in sorted(set(ours) - set(theirs)))
        yield from (f"{where}: label {name} does not exist" for name in sorted(set(theirs) - set(ours)))
        yield from (f"{where}: label {name} has other gaps" for name in sorted(set(ours) & set(theirs))
                    if sorted(GAP.findall(ours[name])) != sorted(GAP.findall(theirs[name])))


def _labels_of_apex(project: Path) -> set[str]:
    return {name for ending in IN_PAIRS for path in project.rglob(f"*{ending}")
            for name in LABEL_IN_APEX.findall(path.read_text())}


def _of_components(project: Path, ending: str) -> Iterable[Path]:
    return (path for path in sorted(project.rglob(f"lwc/*/*{ending}")) if path.is_file())


def _stems(project: Path, ending: str) -> set[str]:
    return {path.name.removesuffix(f".{ending}{META}") for path in project.rglob(f"*.{ending}{META}")}


def _camel(name: str) -> str:
    return re.sub(r"-([a-z0-9])", lambda found: found.group(1).upper(), name)


def _version(project: Path) -> str:
    return str(json.loads((project / "sfdx-project.json").read_text())["sourceApiVersion"])


def _root(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 - our own sources


def _text(element: ElementTree.Element, name: str) -> str:
    return next(((one.text or "").strip() for one in element if without_namespace(one.tag) == name), "")
