"""Deployments over REST and retrievals over SOAP ("Metadata API Developer Guide").

What a deployment makes counts from the moment it was asked for, whoever asks after it; only the answers take time.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from connectors.salesforce.standin import sessions
from connectors.salesforce.standin.asking import GONE, Asked, error, permissions
from connectors.salesforce.standin.components import Change, Deployed, problems, take
from connectors.salesforce.standin.ids import spoken, stamp
from connectors.salesforce.standin.org import Json, Org
from connectors.standin import Answer, Request

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
LOOKS = 2
"""A deployment or retrieval is told of as done at this look."""
MAY, DELETED = "ModifyMetadata", "destructiveChangesPost.xml"
FAULT = ('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
         'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="{space}"><soapenv:Body><soapenv:Fault>'
         "<faultcode>sf:{code}</faultcode><faultstring>{code}: {words}</faultstring></soapenv:Fault></soapenv:Body>"
         "</soapenv:Envelope>")


def deploy(org: Org, asked: Asked, rest: list[str], now: datetime) -> Answer:
    """`POST metadata/deployRequest`, and `GET` of one by its id."""
    if MAY not in asked.may:
        return error(403, "INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData or "
                                                 "ModifyMetadata permissions")
    if asked.method == "POST" and not rest:
        return _begin(org, asked, now)
    job = org.deploys.get(rest[0]) if asked.method == "GET" and len(rest) == 1 else None
    if job is None:
        return error(404, "NOT_FOUND", GONE)
    job["looks"] += 1
    return Answer.of(200, _shown(job, asked.version))


def _begin(org: Org, asked: Asked, now: datetime) -> Answer:
    parts = _parts(asked)
    if not {"json", "file"} <= set(parts):
        return error(400, "INVALID_MULTIPART_REQUEST", "json and file parts are needed")
    options = json.loads(parts["json"])["deployOptions"]
    id = org.new_id("0Af")
    org.deploys[id] = {"id": id, "looks": 0, "options": options, "at": stamp(now), **_done(org, parts["file"], options,
                                                                                            now)}
    return Answer.of(201, {"id": id, "deployResult": None, "deployOptions": options})


def _done(org: Org, raw: bytes, options: Json, now: datetime) -> Json:
    """All of it, or with a failure nothing."""
    try:
        change = _change(raw)
    except (KeyError, zipfile.BadZipFile, ElementTree.ParseError) as no:
        return {"total": 0, "failures": [], "error": f"No package.xml found, or a file cannot be read: {no}"}
    found = [{"componentType": one.type, "fullName": one.name, "problem": words, "problemType": "Error",
              "success": False} for one, words in problems(org, change, options)]
    if not found:
        take(org, change, now)
    return {"total": len(change.made) + len(change.gone), "failures": found, "error": None}


def _change(raw: bytes) -> Change:
    with zipfile.ZipFile(io.BytesIO(raw)) as given:
        files = {name: given.read(name) for name in given.namelist()}
    gone = _listed(files[DELETED]) if DELETED in files else ()
    for held in (held for path, held in files.items() if not path.endswith((".crt", ".cls", ".trigger", ".js", ".html",
                                                                           ".css", ".svg", ".json"))):
        ElementTree.fromstring(held)  # noqa: S314 - a stand-in reads what it is sent
    return Change(files, _listed(files["package.xml"]), gone)


def _listed(raw: bytes) -> tuple[Deployed, ...]:
    root = ElementTree.fromstring(raw)  # noqa: S314 - a stand-in reads what it is sent
    return tuple(Deployed(types.findtext("{*}name") or "", member.text or "") for types in root.findall("{*}types")
                 for member in types.findall("{*}members"))


def _parts(asked: Asked) -> dict[str, bytes]:
    """The parts of a multipart body by name."""
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + asked.body)
    return {str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True) or b"")
            for part in message.iter_parts()}


def _shown(job: Json, version: str) -> Json:
    done, failed = job["looks"] >= LOOKS, bool(job["failures"] or job["error"])
    status = ("Failed" if failed else "Succeeded") if done else "InProgress"
    shown = job["total"] if done and not failed else job["total"] // 2
    result = {
        "id": job["id"], "status": status, "done": done, "success": done and not failed, "checkOnly": False,
        "numberComponentsTotal": job["total"], "numberComponentsDeployed": shown,
        "numberComponentErrors": len(job["failures"]) if done else 0, "numberTestsTotal": 0, "numberTestsCompleted": 0,
        "numberTestErrors": 0, "createdDate": spoken(job["at"]), "errorMessage": job["error"],
        "details": {"componentFailures": job["failures"] if done else [], "componentSuccesses": [],
                    "runTestResult": {"numTestsRun": 0, "failures": []}}}
    return {"id": job["id"], "url": f"/services/data/{version}/metadata/deployRequest/{job['id']}?includeDetails=true",
            "deployResult": result, "deployOptions": job["options"]}


def soap(org: Org, request: Request, now: datetime) -> Answer:
    """`POST /services/Soap/m/66.0`: retrieve() and checkRetrieveStatus()."""
    root = ElementTree.fromstring(request.body)  # noqa: S314 - a stand-in reads what it is sent
    token = root.findtext(".//{*}sessionId") or ""
    held = sessions.session(org, Request("POST", request.path, "", {"authorization": f"Bearer {token}"}), now)
    if held is None:
        return _fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    if MAY not in permissions(org, org.clients[held["client"]]):
        return _fault("INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData or "
                                             "ModifyMetadata permissions")
    if (asked := root.find(".//{*}retrieveRequest/{*}unpackaged")) is not None:
        id = org.new_id("09S")
        org.deploys[id] = {"asked": [(one.findtext("{*}name") or "", member.text or "")
                                     for one in asked.findall("{*}types") for member in one.findall("{*}members")],
                           "looks": 0}
        return _answered("retrieve", f"<done>false</done><id>{id}</id><state>Queued</state>")
    job = org.deploys.get(root.findtext(".//{*}asyncProcessId") or "")
    if job is None:
        return _fault("INVALID_ID_FIELD", "no such retrieval")
    job["looks"] += 1
    if job["looks"] < LOOKS:
        return _answered("checkRetrieveStatus", "<done>false</done><status>InProgress</status><success>false</success>")
    held_files = base64.b64encode(_zipped(org, [Deployed(*one) for one in job["asked"]])).decode()
    return _answered("checkRetrieveStatus", "<done>true</done><status>Succeeded</status><success>true</success>"
                                            f"<zipFile>{held_files}</zipFile>")


def _zipped(org: Org, asked: list[Deployed]) -> bytes:
    """The files of what is there; what is not is only told of in messages. A consumer's secret is not shown."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for path in sorted({path for one in asked for path in one.paths() if path in org.files}):
            held = org.files[path]
            if path.endswith(".ecaGlblOauth"):
                held = re.sub(rb"<consumer(Key|Secret)>.*?</consumer\1>", b"", held)
            made.writestr(path, held)
        made.writestr("package.xml", f'<Package xmlns="{NAMESPACE}"><version>66.0</version></Package>')
    return out.getvalue()


def _answered(call: str, result: str) -> Answer:
    text = ('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
            f'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{NAMESPACE}"><soapenv:Body>'
            f"<{call}Response><result>{result}</result></{call}Response></soapenv:Body></soapenv:Envelope>")
    return Answer(200, text.encode(), {"Content-Type": "text/xml;charset=UTF-8"})


def _fault(code: str, words: str) -> Answer:
    return Answer(500, FAULT.format(space=NAMESPACE, code=code, words=escape(words)).encode(),
                  {"Content-Type": "text/xml;charset=UTF-8"})
