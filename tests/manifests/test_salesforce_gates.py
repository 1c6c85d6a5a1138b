"""Every gate of scripts/check-salesforce finds what it is there for: a fault is planted in a copy, and it is told."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.checkers import NoTools
from scripts.gating import Found
from scripts.salesforce import package
from scripts.salesforce.command import main
from scripts.salesforce.gates import on_a_copy
from scripts.salesforce.tools import PROJECT, Tools, installed, tools_for

MAIN = "force-app/main/default"
CLASS = """<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>66.0</apiVersion>
    <status>Active</status>
</ApexClass>
"""
BUNDLE = """<?xml version="1.0" encoding="UTF-8"?>
<LightningComponentBundle xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>66.0</apiVersion>
    <isExposed>false</isExposed>
</LightningComponentBundle>
"""


@pytest.fixture(scope="module")
def tools() -> Tools:
    there = installed()
    if there is None:
        pytest.skip("The Salesforce checkers are not installed: scripts/check-salesforce --install")
    return there


@pytest.fixture
def project(tmp_path: Path) -> Path:
    at = tmp_path / "salesforce"
    shutil.copytree(PROJECT, at)
    return at


@pytest.fixture
def told(tools: Tools, project: Path) -> Callable[[str], Found]:
    """What a gate finds in the copy."""
    return lambda gate: on_a_copy(gate, tools, project)


@pytest.fixture
def alone(project: Path) -> Path:
    """The copy without our own sources, which check-salesforce has read: what is planted stands alone, and is quick."""
    shutil.rmtree(project / "force-app")
    shutil.rmtree(project / "german")
    return project


def put(project: Path, name: str, text: str) -> None:
    at = project / MAIN / name
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(text)


def an_apex_class(project: Path, body: str) -> None:
    put(project, "classes/Planted.cls", f"public with sharing class Planted {{\n    {body}\n}}\n")
    put(project, "classes/Planted.cls-meta.xml", CLASS)


def a_component(project: Path, script: str, page: str = "<template></template>\n") -> None:
    put(project, "lwc/planted/planted.js", script)
    put(project, "lwc/planted/planted.html", page)
    put(project, "lwc/planted/planted.js-meta.xml", BUNDLE)


def faults(found: Found, name: str) -> list[str]:
    return [fault for fault in found.faults if name in fault]


def test_apex_that_does_not_parse_or_names_what_does_not_exist_is_told(
        project: Path, told: Callable[[str], Found]) -> None:
    put(project, "classes/Unread.cls", "public with sharing class Unread {\n    public void a( { }\n}\n")
    put(project, "classes/Unread.cls-meta.xml", CLASS)
    an_apex_class(project, """public String a(Integer i) {
        String s = i;
        UserInfo.getNoSuchThing();
        return System.Label.Deskhand_No_Such_Label + new Deskhand_Outbox__c(No_Such__c = s);
    }""")
    found = told("apex")
    assert faults(found, f"{MAIN}/classes/Unread.cls:2")
    said = faults(found, f"{MAIN}/classes/Planted.cls")
    assert [fault.split(": ", 1)[1] for fault in said] == [
        "Incompatible types in assignment, from 'System.Integer' to 'System.String'",
        "No matching method found for 'getNoSuchThing' on 'System.UserInfo' taking no arguments",
        "Unknown field or type 'Deskhand_No_Such_Label' on 'System.Label'",
        "Unknown field 'No_Such__c' on SObject 'Schema.Deskhand_Outbox__c'",
    ]


def test_a_read_past_the_users_rights_and_a_secret_in_a_header_are_told(
        alone: Path, told: Callable[[str], Found]) -> None:
    an_apex_class(alone, """public List<Case> a(String subject) {
        HttpRequest r = new HttpRequest();
        r.setHeader('Authorization', 'Bearer 00Dxx0000001gER');
        insert new Case(Subject = subject);
        return Database.query('SELECT Id FROM Case WHERE Subject = \\'' + subject + '\\'');
    }""")
    said = {fault.split(": ")[1] for fault in faults(told("pmd"), f"{MAIN}/classes/Planted.cls")}
    assert {"ApexCRUDViolation", "ApexSOQLInjection", "AvoidHardcodedCredentialsInHttpHeader"} <= said


def test_a_script_that_writes_markup_or_keeps_something_in_the_browser_is_told(
        alone: Path, told: Callable[[str], Found]) -> None:
    a_component(alone, """import { LightningElement, api } from "lwc";
export default class Planted extends LightningElement {
    @api words;
    renderedCallback() {
        this.template.querySelector("p").innerHTML = this.words;
        localStorage.setItem("words", this.words);
        const unused = 1;
    }
}
""")
    said = {fault.split(": ")[1] for fault in faults(told("lint"), f"{MAIN}/lwc/planted/planted.js")}
    assert {"@lwc/lwc/no-inner-html", "no-restricted-globals", "no-unused-vars"} <= said


def test_a_failing_or_skipped_test_of_the_component_and_a_page_that_does_not_compile_are_told(
        project: Path, told: Callable[[str], Found]) -> None:
    shutil.rmtree(project / MAIN / "lwc" / "deskhandPanel" / "__tests__")  # the long run is check-salesforce's own
    a_component(project, 'import { LightningElement } from "lwc";\n'
                         "export default class Planted extends LightningElement {}\n",
                "<template><p onclick={go}>{a + b}</p><script>go()</script></template>\n")
    put(project, "lwc/planted/__tests__/planted.test.js", """
it("is wrong", () => { expect(1).toBe(2); });
it.skip("is not looked at", () => {});
""")
    put(project, "lwc/planted/__tests__/page.test.js", """
import Planted from "c/planted";
it("is made", () => { expect(Planted).toBeDefined(); });
""")
    found = told("jest")
    assert [fault for fault in found.faults if "lwc/planted/__tests__/planted.test.js" in fault and "is wrong" in fault]
    assert faults(found, "lwc/planted/__tests__/page.test.js")
    assert "A test of the component is skipped." in found.faults


def test_what_prettier_would_write_otherwise_or_cannot_read_is_told(
        alone: Path, told: Callable[[str], Found]) -> None:
    an_apex_class(alone, "public void   a()  { }")
    put(alone, "classes/Unread.cls", "public class {")
    found = told("format")
    assert f"{MAIN}/classes/Planted.cls: not as Prettier writes it" in found.faults
    assert faults(found, f"{MAIN}/classes/Unread.cls")


def test_a_file_without_its_other_half_is_told(project: Path, told: Callable[[str], Found]) -> None:
    put(project, "classes/Alone.cls", "public with sharing class Alone {}\n")
    put(project, "classes/Ghost.cls-meta.xml", CLASS)
    put(project, "lwc/planted/planted.js", "export default 1;\n")
    said = told("metadata").faults
    assert f"{MAIN}/classes/Alone.cls: has no Alone.cls-meta.xml" in said
    assert f"{MAIN}/classes/Ghost.cls-meta.xml: its Ghost.cls is missing" in said
    assert f"{MAIN}/lwc/planted: has no planted.js-meta.xml" in said


def test_elements_values_and_names_that_the_metadata_api_does_not_know_are_told(
        project: Path, told: Callable[[str], Found]) -> None:
    field = "objects/Deskhand_Outbox__c/fields/Planted__c.field-meta.xml"
    put(project, field, """<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Other__c</fullName>
    <colour>red</colour>
    <required>perhaps</required>
    <type>Word</type>
</CustomField>
""")
    put(project, "classes/Planted.cls", "public with sharing class Planted {}\n")
    put(project, "classes/Planted.cls-meta.xml", CLASS.replace("66.0", "59.0"))
    put(project, "permissionsets/Planted.permissionset-meta.xml", CLASS)
    said = faults(told("metadata"), "lanted")
    assert sorted(said) == sorted([
        f"{MAIN}/{field}: CustomField holds no colour",
        f"{MAIN}/{field}: CustomField.required cannot be 'perhaps'",
        f"{MAIN}/{field}: CustomField.type cannot be 'Word'",
        f"{MAIN}/{field}: is called Other__c inside",
        f"{MAIN}/classes/Planted.cls-meta.xml: apiVersion 59.0, where sfdx-project.json says 66.0",
        f"{MAIN}/permissionsets/Planted.permissionset-meta.xml: holds a ApexClass, and its ending says PermissionSet",
    ])


def test_what_is_named_and_does_not_exist_is_told(project: Path, told: Callable[[str], Found]) -> None:
    a_component(project, """import { LightningElement } from "lwc";
import words from "@salesforce/label/c.Deskhand_No_Such_Label";
import act from "@salesforce/apex/DeskhandPanel.noSuchMethod";
export default class Planted extends LightningElement { words = words; act = act; }
""", "<template><c-no-such-child></c-no-such-child></template>\n")
    put(project, "permissionsets/Planted.permissionset-meta.xml", """<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <classAccesses><apexClass>NoSuchClass</apexClass><enabled>true</enabled></classAccesses>
    <fieldPermissions><editable>false</editable><field>Case.No_Such__c</field><readable>true</readable>
    </fieldPermissions>
    <label>Planted</label>
</PermissionSet>
""")
    german = project / "german/main/default/translations/de.translation-meta.xml"
    german.write_text(german.read_text().replace("{money} erstatten", "Geld erstatten").replace(
        "<name>Deskhand_Panel_Idle<", "<name>Deskhand_Panel_Idles<"))
    said = told("references").faults
    assert [fault for fault in said if fault.startswith("de.translation")] == [
        "de.translation: label Deskhand_Panel_Idle is not translated",
        "de.translation: label Deskhand_Panel_Idles does not exist",
        "de.translation: label Deskhand_Panel_Refund_Of has other gaps",
    ]
    assert [fault for fault in said if "lanted" in fault] == [
        f"{MAIN}/lwc/planted/planted.js: label Deskhand_No_Such_Label does not exist",
        f"{MAIN}/lwc/planted/planted.js: method DeskhandPanel.noSuchMethod does not exist",
        f"{MAIN}/lwc/planted/planted.html: component noSuchChild does not exist",
        "Planted.permissionset: class NoSuchClass does not exist",
        "Planted.permissionset: field Case.No_Such__c does not exist",
    ]


def test_what_the_converter_drops_without_a_word_is_told(project: Path, told: Callable[[str], Found]) -> None:
    put(project, "classes/Alone.cls", "public with sharing class Alone {}\n")
    put(project, ".forceignore", "**/Deskhand_Admin.permissionset-meta.xml\n")
    (project / MAIN / ".forceignore").replace(project / ".forceignore")
    lost = "lost on the way to the metadata format"
    assert {f"{MAIN}/classes/Alone.cls: {lost}",
            f"{MAIN}/permissionsets/Deskhand_Admin.permissionset-meta.xml: {lost}"} <= set(told("conversion").faults)


def test_a_file_to_deploy_that_is_older_than_its_sources_is_told(
        project: Path, told: Callable[[str], Found]) -> None:
    an_apex_class(project, "")
    assert faults(told("build"), "deskhand.zip: not what the sources give")


def test_the_files_to_deploy_are_the_same_bytes_as_when_they_were_made_and_hold_no_test_of_the_component(
        tools: Tools, project: Path) -> None:
    with package.converted(tools, project) as at:
        made = package.zips(at)
    names = zipfile.ZipFile(io.BytesIO(made["deskhand.zip"])).namelist()
    assert set(made) == {"deskhand.zip", "deskhand-german.zip"}
    assert {"package.xml", "classes/DeskhandPanel.cls", "lwc/deskhandPanel/deskhandPanel.js"} <= set(names)
    assert [name for name in names if "__tests__" in name] == []
    assert made == {name: (project / name).read_bytes() for name in made}


def test_without_npm_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("There is no Java on this machine.")
    (tmp_path / "java").symlink_to(java)
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text(json.dumps({}))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(NoTools, match="npm is missing"):
        tools_for(tmp_path)


def test_the_command_tells_each_gate_as_one_json_object(tools: Tools) -> None:
    told = CliRunner().invoke(main, ["--only", "metadata", "--only", "references", "--json"])
    said = json.loads(told.stdout)
    assert [(one["gate"], one["passed"], one["faults"]) for one in said["gates"]] == [
        ("metadata", True, []), ("references", True, [])]
    assert (said["passed"], told.exit_code) == (True, 0)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_every_report_says_that_the_apex_tests_were_not_run(tools: Tools, options: list[str]) -> None:
    said = CliRunner().invoke(main, ["--only", "references", *options])
    assert said.exit_code == 0
    assert "The Apex tests were parsed and type-checked, not run" in said.stdout
