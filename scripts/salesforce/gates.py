"""Each gate reads a copy of the package and says what is wrong with it, in sentences that name the file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts.gating import Found
from scripts.salesforce import metadata, package
from scripts.salesforce.tools import Tools

HERE = Path(__file__).parent
APEX = (".cls", ".trigger")
FORMATTED = (".cls", ".trigger", ".js", ".html", ".css", ".xml", ".json")
NOT_OURS_TO_FORMAT = ("package-lock.json",)
EXPLAINED = {
    ("ProtectSensitiveData", "force-app/main/default/objects/Deskhand_Action__c/fields/Key__c.field-meta.xml"):
        "The key of one operation, made of what was asked for; it opens nothing.",
}
"""What PMD finds and is no fault, each with its reason; a security review is told the same."""

Gate = Callable[[Tools, Path], Found]


def apex_types(tools: Tools, project: Path) -> Found:
    """Apex parses, and every type, method, field and label in it exists (apex-ls, with the platform's own types)."""
    told = tools.run(tools.java, "-cp", f"{tools.jars}/*", "io.github.apexdevtools.apexls.CheckForIssues",
                     "--nocache", "--format", "json", "--workspace", project, cwd=project)
    listed = _json(told.stdout)
    if listed is None:
        return Found(0, "Apex files", (f"apex-ls did not answer: {_short(told.stderr or told.stdout)}",))
    faults = (f"{_where(one['path'], project)}:{said['start']['line']}: {said['message'].replace(f'{project}/', '')}"
              for one in listed["files"] for said in one["messages"])
    return _found(_named(project, *APEX), "Apex files", faults)


def pmd(tools: Tools, project: Path) -> Found:
    """No finding of PMD's AppExchange and recommended security rules (@salesforce/code-analyzer-pmd-engine)."""
    told = tools.run(tools.node, HERE / "pmd.mjs", tools.folder, project, cwd=project)
    answer = _json(told.stdout)
    if answer is None:
        return Found(0, "rules", (f"PMD did not answer: {_short(told.stderr or told.stdout)}",))
    faults = [f"{_where(one['file'], project)}:{one['line']}: {one['rule']}: {one['words']}"
              for one in answer["violations"] if (one["rule"], _where(one["file"], project)) not in EXPLAINED]
    return Found(answer["rules"], "rules", (*sorted(faults), *answer["errors"]))


def lint(tools: Tools, project: Path) -> Found:
    """The component keeps Salesforce's rules for Lightning web components (eslint.config.js)."""
    told = tools.run(tools.node, tools.modules / "eslint" / "bin" / "eslint.js", "--format", "json", ".", cwd=project)
    answer = _json(told.stdout)
    if answer is None:
        return Found(0, "scripts", (f"ESLint did not answer: {_short(told.stderr or told.stdout)}",))
    return Found(len(answer), "scripts", tuple(
        f"{_where(one['filePath'], project)}:{said.get('line', 1)}: {said.get('ruleId') or 'syntax'}: {said['message']}"
        for one in answer for said in one["messages"]))


def jest(tools: Tools, project: Path) -> Found:
    """The component's own tests (@salesforce/sfdx-lwc-jest)."""
    at = project / ".jest.json"
    told = tools.run(tools.node, tools.modules / "jest" / "bin" / "jest.js", "--ci", "--json", "--outputFile", at,
                     "--maxWorkers", "2", cwd=project)
    answer = _json(at.read_text()) if at.exists() else None
    if answer is None:
        return Found(0, "tests", (f"Jest did not answer: {_short(told.stderr or told.stdout)}",))
    faults = [f"{_where(one['name'], project)}: {_short(one['message'], 12)}"
              for one in answer["testResults"] if one["status"] == "failed"]
    if answer["numPendingTests"] or answer["numTodoTests"]:
        faults.append("A test of the component is skipped.")
    return Found(answer["numTotalTests"], "tests", tuple(faults))


def format_(tools: Tools, project: Path) -> Found:
    """Everything is written as Prettier writes it (.prettierrc); for Apex that is a second parser's word."""
    files = _named(project, *FORMATTED, without=NOT_OURS_TO_FORMAT)
    told = tools.run(*_prettier(tools), "--list-different", *files, cwd=project)
    unlike = [f"{name}: not as Prettier writes it" for name in told.stdout.splitlines() if name.strip()]
    broken = [line.removeprefix("[error] ") for line in told.stderr.splitlines() if line.startswith("[error] ")]
    if told.returncode and not (unlike or broken):
        broken.append(f"Prettier did not answer: {_short(told.stderr)}")
    return _found(files, "files", (*unlike, *broken))


def names(tools: Tools, project: Path) -> Found:
    """Files stand in pairs, and every element's name and value is one of the Metadata API's WSDL."""
    return _found(*metadata.read(project, metadata.registry(tools.modules)))


def references(tools: Tools, project: Path) -> Found:
    """What the component and the permissions name exists: labels, Apex methods, components, classes, fields."""
    del tools
    return _found(*metadata.named(project))


def conversion(tools: Tools, project: Path) -> Found:
    """The vendor's converter drops nothing on the way to the metadata format."""
    try:
        with package.converted(tools, project) as made:
            return _found(*package.dropped(project, made))
    except package.CannotConvert as why:
        return Found(0, "source files", (_short(str(why)),))


def build(tools: Tools, project: Path) -> Found:
    """The files that are deployed are what these sources give."""
    try:
        with package.converted(tools, project) as made:
            fresh = package.zips(made)
    except package.CannotConvert as why:
        return Found(0, "files to deploy", (_short(str(why)),))
    stale = [f"{name}: not what the sources give; write it anew: scripts/check-salesforce --zip {package.PLACE}"
             for name, content in fresh.items()
             if not (project / name).is_file() or (project / name).read_bytes() != content]
    return Found(len(fresh), "files to deploy", tuple(stale))


GATES: Mapping[str, Gate] = {
    "apex": apex_types, "pmd": pmd, "lint": lint, "jest": jest, "format": format_, "metadata": names,
    "references": references, "conversion": conversion, "build": build,
}


def on_a_copy(gate: str, tools: Tools, project: Path) -> Found:
    """What one gate finds in a copy of the project."""
    with tools.copy_of(project) as copy:
        return GATES[gate](tools, copy)


def rewrite(tools: Tools, project: Path) -> int:
    """Writes every file as Prettier writes it; how many were changed."""
    files = _named(project, *FORMATTED, without=NOT_OURS_TO_FORMAT)
    with tools.copy_of(project) as copy:
        tools.run(*_prettier(tools), "--write", *files, cwd=copy)
        changed = [name for name in files if (copy / name).read_bytes() != (project / name).read_bytes()]
        for name in changed:
            shutil.copyfile(copy / name, project / name)
    return len(changed)


def _prettier(tools: Tools) -> tuple[str | Path, ...]:
    return tools.node, tools.modules / "prettier" / "bin" / "prettier.cjs"


def _named(project: Path, *endings: str, without: Iterable[str] = ()) -> list[str]:
    found = (path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file())
    return sorted(name for name in found if name.endswith(endings) and name not in without
                  and "/node_modules/" not in f"/{name}")


def _found(read: Iterable[object], of: str, faults: Iterable[str]) -> Found:
    count, said = len(list(read)), tuple(faults)
    return Found(count, of, said or (() if count else (f"There are no {of} to check.",)))


def _json(text: str) -> Any:
    """What a tool printed, or None where that is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _where(path: str, project: Path) -> str:
    at = Path(path)
    return at.relative_to(project).as_posix() if at.is_relative_to(project) else path


def _short(text: str, lines: int = 4) -> str:
    kept = [line for line in text.strip().splitlines() if line.strip()]
    return " | ".join(line.strip() for line in kept[:lines]) or "nothing was said"
