"""The stand-in's Metadata API: answers as the Metadata API Developer Guide shows them, and all or nothing."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from urllib3.filepost import encode_multipart_formdata

from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Answer, Request
from tests.connectors.salesforce.acme import NOW

TOKEN, BASE = "00D!admin", "/services/data/v66.0/metadata/deployRequest"
SET = b"<PermissionSet><label>Deskhand Agent</label><description>Ours</description></PermissionSet>"


@pytest.fixture
def org() -> SalesforceRules:
    rules = SalesforceRules()
    rules.load({"package": False, "sessions": {TOKEN: "ada@acme.example"}, "users": [
        {"Name": "Ada", "Email": "ada@acme.example", "Profile": "System Administrator"}]}, NOW)
    return rules


def package(*members: tuple[str, str], gone: tuple[tuple[str, str], ...] = (), **files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as out:
        out.writestr("package.xml", manifest(members))
        if gone:
            out.writestr("destructiveChangesPost.xml", manifest(gone))
        for name, content in files.items():
            out.writestr(f"permissionsets/{name}.permissionset", content)
    return held.getvalue()


def manifest(members: Any) -> str:
    return "<Package>" + "".join(f"<types><members>{name}</members><name>{kind}</name></types>"
                                 for kind, name in members) + "</Package>"


def deploy(org: SalesforceRules, raw: bytes, token: str = TOKEN, **options: Any) -> Answer:
    body, kind = encode_multipart_formdata({
        "json": ("options.json", json.dumps({"deployOptions": options}), "application/json"),
        "file": ("deploy.zip", raw, "application/zip")})
    return org.answer(Request.to("POST", BASE, {"Authorization": f"Bearer {token}", "Content-Type": kind}, body), NOW)


def result(org: SalesforceRules, id: str) -> Any:
    asked = Request.to("GET", f"{BASE}/{id}?includeDetails=true", {"Authorization": f"Bearer {TOKEN}"})
    return org.answer(asked, NOW).json()["deployResult"]


def test_a_deployment_is_in_progress_and_then_done(org: SalesforceRules) -> None:
    begun = deploy(org, package(("PermissionSet", "Deskhand_Agent"), Deskhand_Agent=SET))
    assert begun.status == 201
    first, last = result(org, begun.json()["id"]), result(org, begun.json()["id"])
    assert (first["status"], first["done"], last["status"], last["success"]) == ("InProgress", False, "Succeeded", True)
    assert (last["numberComponentsDeployed"], last["numberComponentsTotal"]) == (1, 1)
    made = org.state.named("PermissionSet", "Deskhand_Agent")
    assert made is not None
    assert made["Description"] == "Ours"


def test_one_component_that_is_refused_takes_the_others_with_it(org: SalesforceRules) -> None:
    begun = deploy(org, package(("PermissionSet", "Deskhand_Agent"), ("PermissionSet", "Missing"), Deskhand_Agent=SET))
    result(org, begun.json()["id"])
    last = result(org, begun.json()["id"])
    assert (last["status"], last["numberComponentErrors"]) == ("Failed", 1)
    assert "was not found in zipped directory" in last["details"]["componentFailures"][0]["problem"]
    assert org.state.named("PermissionSet", "Deskhand_Agent") is None


def test_what_is_gone_already_is_an_error_unless_warnings_are_ignored(org: SalesforceRules) -> None:
    gone = package(gone=(("PermissionSet", "Deskhand_Agent"),))
    for ignored, status in ((False, "Failed"), (True, "Succeeded")):
        id = deploy(org, gone, ignoreWarnings=ignored).json()["id"]
        result(org, id)
        assert result(org, id)["status"] == status


def test_a_permission_set_that_somebody_has_is_not_deleted(org: SalesforceRules) -> None:
    deploy(org, package(("PermissionSet", "Deskhand_Agent"), Deskhand_Agent=SET))
    org.control("grant", {"user": "ada@acme.example", "permission_set": "Deskhand_Agent"}, NOW)
    id = deploy(org, package(gone=(("PermissionSet", "Deskhand_Agent"),))).json()["id"]
    result(org, id)
    assert "assigned to users" in result(org, id)["details"]["componentFailures"][0]["problem"]


def test_who_may_not_modify_metadata_deploys_nothing(org: SalesforceRules) -> None:
    org.state.clients["PlatformCLI"] |= {"permissions": ["Case:read"], "admin": False}
    assert deploy(org, package()).status == 403


def test_a_flow_is_deleted_by_versions_only(org: SalesforceRules) -> None:
    id = deploy(org, package(gone=(("Flow", "Deskhand_Tell"),)), ignoreWarnings=True).json()["id"]
    result(org, id)
    assert result(org, id)["details"]["componentFailures"][0]["problem"] == (
        "insufficient access rights on cross-reference id")


def soap(org: SalesforceRules, body: str, token: str = TOKEN) -> ElementTree.Element:
    text = (f"<Envelope><Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></Header>"
            f"<Body>{body}</Body></Envelope>")
    answer = org.answer(Request.to("POST", "/services/Soap/m/66.0", {}, text.encode()), NOW)
    return ElementTree.fromstring(answer.body)  # noqa: S314 - our own stand-in wrote it


def test_a_retrieval_brings_what_is_there_and_leaves_out_what_is_not(org: SalesforceRules) -> None:
    deploy(org, package(("PermissionSet", "Deskhand_Agent"), Deskhand_Agent=SET))
    asked = "".join(f"<types><members>{name}</members><name>PermissionSet</name></types>"
                    for name in ("Deskhand_Agent", "Other"))
    begun = soap(org, f"<retrieve><retrieveRequest><unpackaged>{asked}</unpackaged></retrieveRequest></retrieve>")
    look = f"<checkRetrieveStatus><asyncProcessId>{begun.findtext('.//{*}id')}</asyncProcessId></checkRetrieveStatus>"
    assert soap(org, look).findtext(".//{*}done") == "false"
    raw = soap(org, look).findtext(".//{*}zipFile")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(raw or ""))) as given:
        assert given.read("permissionsets/Deskhand_Agent.permissionset") == SET
        assert sorted(given.namelist()) == ["package.xml", "permissionsets/Deskhand_Agent.permissionset"]


def test_a_stale_session_is_a_soap_fault(org: SalesforceRules) -> None:
    assert soap(org, "<retrieve/>", "stale").findtext(".//faultcode") == "sf:INVALID_SESSION_ID"
