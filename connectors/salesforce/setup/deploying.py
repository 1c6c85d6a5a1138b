"""Deploys to the org and waits for it, reads back what stands there, and says in words what went wrong."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from connectors.contract import Rejected, Unavailable
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.setup.api import Api, Json
from connectors.salesforce.setup.metadata import (
    DELETED,
    PACKAGE,
    Component,
    Files,
    manifest,
    text,
    unzipped,
    zipped,
)

OPTIONS = {"rollbackOnError": True, "singlePackage": True, "allowMissingFiles": False}
"""All or nothing."""
LOOKS, FIRST, LONGEST = 120, 0.3, 15.0
"""How often a deployment is asked after, and the pauses in seconds, each longer than the one before: 25 minutes."""
FRESH = timedelta(seconds=60)
MOST_TOLD = 5


@dataclass
class Deployer:
    """Changes of the org's metadata, one at a time, and the newest reading of what stands there."""

    api: Api
    told: Callable[[str], object]
    wanted: Sequence[Component]
    """What a reading asks for."""
    _read: tuple[datetime, dict[str, bytes]] | None = field(default=None, init=False)

    def files(self) -> dict[str, bytes]:
        """What stands in the org of the components that are asked for; at most a minute old."""
        now = self.api.around.now()
        if self._read is None or now - self._read[0] > FRESH:
            self._read = (now, self._retrieved())
        return self._read[1]

    def deploy(self, files: Files, components: Iterable[Component], gone: Iterable[Component] = (),
               tests: Sequence[str] = ()) -> None:
        """Raises Rejected with every component that the org refused; then nothing was changed.

        Production runs tests for Apex; unless `tests` names some, all of the org's own ("Running Tests in a
        Deployment"). What is to be deleted and is gone already is a warning only.
        """
        version, deleted = self.api.settings.api_version, list(gone)
        whole = {**files, PACKAGE: manifest(components, version)}
        if deleted:
            whole[DELETED] = manifest(deleted, None)
        ran = {"testLevel": "RunSpecifiedTests", "runTests": list(tests)} if tests else {}
        self._read = None
        self._wait_for(self.api.deploy(zipped(whole), {**OPTIONS, "ignoreWarnings": bool(deleted), **ran}))

    def delete(self, components: Iterable[Component]) -> None:
        self.deploy({}, [], components)

    def _wait_for(self, id: str) -> None:
        said = ""
        for look in range(LOOKS):
            now = self.api.deployment(id)
            words = progress(now)
            if words != said:
                self.told(words)
                said = words
            if now.get("status") == "Succeeded":
                return
            if now.get("done") or now.get("status") in ("Failed", "Canceled", "SucceededPartial"):
                raise Rejected("Salesforce did not take the deployment, and nothing was changed:\n"
                               + "\n".join(f"  {line}" for line in failures(now)), vendor=VENDOR, reason="deployment")
            self.api.around.sleep(min(FIRST * 1.3 ** look, LONGEST))
        raise Unavailable("Salesforce is still deploying (Setup, Deployment Status); run this again when it is done",
                          vendor=VENDOR, reason="deployment")

    def _retrieved(self) -> dict[str, bytes]:
        """By retrieve() and checkRetrieveStatus(), which REST does not have."""
        version = self.api.settings.api_version
        types = "".join(f"<types><members>{escape(one.name)}</members><name>{one.type}</name></types>"
                        for one in self.wanted)
        asked = self.api.soap("retrieve", f"<retrieveRequest><apiVersion>{version}</apiVersion><singlePackage>true"
                              f"</singlePackage><unpackaged>{types}<version>{version}</version></unpackaged>"
                              "</retrieveRequest>")
        id = text(asked, "id")
        for look in range(LOOKS):
            now = self.api.soap("checkRetrieveStatus", f"<asyncProcessId>{escape(id)}</asyncProcessId>"
                                "<includeZip>true</includeZip>")
            if text(now, "done") == "true" and text(now, "success") == "true":
                return unzipped(base64.b64decode(text(now, "zipFile")))
            if text(now, "done") == "true":
                raise Rejected(f"Salesforce does not show its metadata: {text(now, 'errorMessage')}", vendor=VENDOR,
                               reason="retrieve")
            self.api.around.sleep(min(FIRST * 1.3 ** look, LONGEST))
        raise Unavailable("Salesforce does not show its metadata yet; run this again in some minutes", vendor=VENDOR,
                          reason="retrieve")


def progress(result: Json) -> str:
    """"12 of 118 components, 3 of 20 tests"."""
    tests = f", {result.get('numberTestsCompleted')} of {result['numberTestsTotal']} tests" if int(
        result.get("numberTestsTotal") or 0) else ""
    if not int(result.get("numberComponentsTotal") or 0):
        return "Salesforce has the deployment in its queue"
    return f"{result.get('numberComponentsDeployed')} of {result['numberComponentsTotal']} components{tests}"


def failures(result: Json) -> list[str]:
    """What the org refused and why, one line each; the rest is counted."""
    lines = list(_failures(result)) or [str(result.get("errorMessage") or "it did not say why")]
    more = [f"and {len(lines) - MOST_TOLD} more (Setup, Deployment Status)"] if len(lines) > MOST_TOLD else []
    return lines[:MOST_TOLD] + more


def _failures(result: Json) -> Iterator[str]:
    details = result.get("details") or {}
    for one in details.get("componentFailures") or []:
        line = f", line {one['lineNumber']}" if one.get("lineNumber") else ""
        yield f"{one.get('componentType') or 'file'} {one.get('fullName')}{line}: {one.get('problem')}"
    for one in (details.get("runTestResult") or {}).get("failures") or []:
        yield f"test {one.get('name')}.{one.get('methodName')}: {one.get('message')}"
