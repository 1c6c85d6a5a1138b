"""The gates that read our own code and workflows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from scripts.checkers import last_lines
from scripts.gating import Found
from scripts.static.finding import PRODUCT, Excuses, Finding, files, workflows
from scripts.static.tools import Tools

RULES = Path(__file__).with_name("rules")
IMPORTS = ("B404", "B405", "B406")
"""An import does nothing; what is called is looked at by B602 to B607 and B314 to B318."""
NO_SECRETS = {
    "": "nothing is set",
    "None": "compared with nothing",
    "Bearer": "the name of a kind of token",
    "bearer": "the name of a kind of token",
    "renewed by the session": "what stands in the library's own place for a token; the session adds the real one",
    "secret-key": "the name of a check of `deskhand doctor`",
    "zendesk": "the name of a vendor",
    "stripe": "the name of a vendor",
    "zendesk-token": "the stand-in's, in measurements",
    "salesforce-secret": "the stand-in's, in measurements",
    ": a secret of your own; make one with: openssl rand -base64 36": "a sentence",
}
"""What bandit takes for a password (B105 to B107) and is none, with why. Ruff's S105 to S107 look, too."""


def bandit(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """No finding of bandit in the product without a reason beside it."""
    told = tools.run("bandit", "--quiet", "--recursive", *PRODUCT, "--skip", ",".join(IMPORTS), "--ignore-nosec",
                     "--format", "json", cwd=root)
    answer = _json(told.stdout)
    if answer is None:
        return Found(0, "lines", (f"bandit did not answer: {last_lines(told.stderr)}",))
    broken = [f"{one['filename']}: {one['reason']}" for one in answer["errors"]]
    results = [one for one in answer["results"] if not _no_secret(one)]
    return _judged(int(answer["metrics"]["_totals"]["loc"]), "lines of Python", map(_of_bandit, results), excuses,
                   broken + _unused_words(answer["results"]))


def _no_secret(one: Mapping[str, Any]) -> bool:
    return one["test_id"] in ("B105", "B106", "B107") and _word(one) in NO_SECRETS


def _word(one: Mapping[str, Any]) -> str:
    return str(one["issue_text"]).partition(": '")[2].removesuffix("'")


def _unused_words(results: Sequence[Mapping[str, Any]]) -> list[str]:
    there = {_word(one) for one in results}
    return [f"scripts/static/code.py: NO_SECRETS names {word!r}, which bandit no longer finds: take it out."
            for word in NO_SECRETS if word not in there]


def _of_bandit(one: Mapping[str, Any]) -> Finding:
    number = one["test_id"].removeprefix("B")
    return Finding(one["filename"], min(one["line_range"]), max(one["line_range"]), one["test_id"], one["issue_text"],
                   frozenset((f"B{number}", f"S{number}", *_ours_as().get(f"S{number}", ()))))


@lru_cache
def rules() -> Mapping[str, Mapping[str, Any]]:
    """Our own rules by their names."""
    return {rule["id"]: rule for path in sorted(RULES.glob("*.yaml"))
            for rule in yaml.safe_load(path.read_text())["rules"]}


@lru_cache
def _ours_as() -> Mapping[str, Sequence[str]]:
    """Ruff's rule → ours that mean the same: one comment is enough for both."""
    known = {name: rule["metadata"]["as"] for name, rule in rules().items() if "as" in rule.get("metadata", {})}
    return {code: [name for name, same in known.items() if same == code] for code in known.values()}


def own_rules(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """No finding of our own semgrep rules without a reason beside it; no file is passed over."""
    read, findings, broken = scan(tools, root, PRODUCT)
    if broken and not read:
        return Found(0, "own rules", tuple(broken))
    there = {str(path.relative_to(root)) for path in files(root)}
    passed_over = [f"{name}: semgrep did not read it" for name in sorted(there - read)]
    judged = _judged(len(rules()), f"own rules on {len(read & there)} files", findings, excuses, broken + passed_over)
    return Found(judged.count, judged.of, (*judged.faults, *_needless(findings, excuses)), judged.remark)


def scan(tools: Tools, root: Path, folders: Iterable[str]) -> tuple[set[str], list[Finding], list[str]]:
    """The files read, what our rules find in them, and what semgrep could not do."""
    told = tools.run("semgrep", "scan", "--metrics=off", "--disable-version-check", "--disable-nosem",
                     "--no-git-ignore", "--project-root", ".", "--max-target-bytes", "0", "--timeout", "0",
                     "--jobs", "1", "--quiet", "--json", "--config", RULES, *folders, cwd=root)
    answer = _json(told.stdout)
    if answer is None:
        return set(), [], [f"semgrep did not answer: {last_lines(told.stderr)}"]
    broken = [f"semgrep: {one.get('path', '')} {one.get('long_msg') or one.get('message', '')}"
              for one in answer["errors"]]
    return set(answer["paths"]["scanned"]), [_of_semgrep(one) for one in answer["results"]], broken


def _of_semgrep(one: Mapping[str, Any]) -> Finding:
    name = one["check_id"].rsplit(".", 1)[-1]
    same = rules()[name].get("metadata", {}).get("as", "")
    return Finding(one["path"], one["start"]["line"], one["end"]["line"], name, one["extra"]["message"],
                   frozenset((name, same)))


def _needless(findings: Sequence[Finding], excuses: Excuses) -> list[str]:
    """A comment for a rule of ours that would find nothing there; ruff sees to the others (RUF100)."""
    used = {excuses.of(one) for one in findings}
    return [f"{one.path}:{one.line}: the comment lets nothing pass: take it out, or name a rule that finds something "
            "here." for one in excuses.all if one.kind == "nosemgrep" and one not in used]


def zizmor(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """No finding of zizmor's strictest rules in the workflows without a reason beside it."""
    count = len(workflows(root))
    told = tools.run("zizmor", "--offline", "--persona", "auditor", "--strict-collection", "--no-progress", "--format",
                     "json", "--no-exit-codes", root / ".github" / "workflows", cwd=root)
    answer = _json(told.stdout)
    if answer is None or not count:
        return Found(count, "workflows", (f"zizmor did not answer: {last_lines(told.stderr)}",))
    return _judged(count, "workflow files", [_of_zizmor(one, root) for one in answer], excuses)


def _of_zizmor(one: Mapping[str, Any], root: Path) -> Finding:
    at = next(place for place in one["locations"] if place["symbolic"].get("kind") == "Primary")
    path = Path(at["symbolic"]["key"]["Local"]["verbatim_path"])
    line = int(at["concrete"]["location"]["start_point"]["row"]) + 1
    name = str(path.relative_to(root) if path.is_absolute() else path)
    return Finding(name, line, line, one["ident"], one["desc"], frozenset((one["ident"],)))


def reasons(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """Every comment that lets something pass names its rule, and says why where safety is meant."""
    del tools, root
    faults = [f"{one.path}:{one.line}: {one.kind} names no rule, or gives no reason." for one in excuses.unsaid()]
    return Found(sum(one.needs_a_reason for one in excuses.all), "exceptions", tuple(faults))


def _judged(count: int, of: str, findings: Iterable[Finding], excuses: Excuses,
            broken: Sequence[str] = ()) -> Found:
    every = list(findings)
    open_ = [one for one in every if excuses.of(one) is None]
    excused = len(every) - len(open_)
    return Found(count, of, (*broken, *sorted(map(str, open_))), f"{excused} with a reason" if excused else "")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
