"""For orgs that may not deploy Apex: a flow sends an outbound message, which only wakes Deskhand."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from xml.etree import ElementTree

from connectors.parts import MARK, Found, House, Known
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deployed import NAME, Deployed
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.metadata import Component, Files, document, parsed, text
from connectors.salesforce.setup.user import IntegrationUser

VARIABLE = "SALESFORCE_OUTBOUND_TOKEN"
DOOR = "/webhooks/salesforce/"
MESSAGE = Component("WorkflowOutboundMessage", f"Case.{NAME}", "workflows/Case.workflow")
FLOW = Component("Flow", "Deskhand_Tell", "flows/Deskhand_Tell.flow")
DEFINITION = Component("FlowDefinition", FLOW.name, "flowDefinitions/Deskhand_Tell.flowDefinition")


class OutboundPart(Deployed):
    """New workflow rules cannot be made any more, so a flow sends the message. It is not signed: the address has a
    token of its own, and Deskhand takes it as a wake alone."""

    name = f'outbound message "{NAME}"'
    why = "tells Deskhand of new and changed cases without Apex"
    components = (MESSAGE, FLOW)

    def __init__(self, deployer: Deployer, house: House, choices: Choices, user: IntegrationUser) -> None:
        super().__init__(deployer)
        self._url = house.public_url + DOOR
        held = house.settings.get(VARIABLE, "").partition(",")[0].strip()
        self._token = held or secrets.token_hex(24)
        self._version = deployer.api.settings.api_version
        self._user = user
        self.wanted = choices.sends_messages

    def files(self) -> Files:
        user = self._user.name()
        message = document("Workflow", ("outboundMessages", [
            ("fullName", NAME), ("apiVersion", self._version), ("description", f"Wakes Deskhand. {MARK}"),
            ("endpointUrl", self._url + self._token), ("fields", "Id"), ("includeSessionId", "false"),
            ("integrationUser", user), ("name", NAME), ("protected", "false"), ("useDeadLetterQueue", "false")]))
        return {MESSAGE.path: message, FLOW.path: self._flow(user)}

    def change(self, found: Found, known: Known) -> Found:
        """A flow that only was switched off counts as unchanged when it is deployed, so it is switched on besides."""
        self.deployer.deploy(self.files(), self.components)
        self._activate(max(self._versions(), default=0))
        return self.found(self.deployer.files(), ())

    def remove(self, found: Found) -> None:
        """A flow can be deleted when no version is active, and then version by version ("FlowDefinition")."""
        versions = [Component("Flow", f"{FLOW.name}-{number}") for number in self._versions()]
        if versions:
            self._activate(0, gone=[*versions, MESSAGE])
        else:
            self.deployer.delete([MESSAGE])

    def _versions(self) -> list[int]:
        return [int(one["VersionNumber"]) for one in self.deployer.api.rows(
            "VersionNumber", "Flow", {"Definition.DeveloperName": FLOW.name}, tooling=True)]

    def _activate(self, number: int, gone: Sequence[Component] = ()) -> None:
        """0: none."""
        self.deployer.deploy({DEFINITION.path: document("FlowDefinition", ("activeVersionNumber", str(number)))},
                             [DEFINITION], gone)

    def _flow(self, user: str) -> bytes:
        """After a case was made, or its status or owner changed, by anybody but Deskhand."""
        changed = "OR(ISNEW(), ISCHANGED({!$Record.Status}), ISCHANGED({!$Record.OwnerId}))"
        return document(
            "Flow",
            ("actionCalls", [("name", "Send"), ("label", "Send"), ("locationX", "176"), ("locationY", "287"),
                             ("actionName", MESSAGE.name), ("actionType", "outboundMessage"),
                             ("flowTransactionModel", "CurrentTransaction"), ("nameSegment", MESSAGE.name)]),
            ("apiVersion", self._version), ("description", f"Tells Deskhand of cases. {MARK}"),
            ("interviewLabel", "Deskhand: tell of cases"), ("label", "Deskhand: tell of cases"),
            ("processType", "AutoLaunchedFlow"),
            ("start", [("locationX", "50"), ("locationY", "0"), ("connector", [("targetReference", "Send")]),
                       ("filterFormula", f'AND({{!$User.Username}} <> "{user}", {changed})'), ("object", "Case"),
                       ("recordTriggerType", "CreateAndUpdate"), ("triggerType", "RecordAfterSave")]),
            ("status", "Active"))

    def found(self, held: Files, differs: tuple[str, ...]) -> Found:
        token = self._address(held).rpartition("/")[2]
        return Found(MESSAGE.name, differs, {VARIABLE: token} if token else {})

    def differences(self, one: ElementTree.Element, held: Files) -> tuple[str, ...]:
        address = self._address(held)
        words = [] if address.startswith(self._url) else [f"it calls {address.rpartition('/')[0] or 'nobody'}"]
        if not words and address != self._url + self._token:
            words.append(f"its address has another token than the newest of {VARIABLE}")
        if FLOW.path not in held:
            words.append("no flow sends it")
        elif text(parsed(held[FLOW.path]), "status") != "Active":
            words.append("its flow is switched off")
        return tuple(words)

    def _address(self, held: Files) -> str:
        for one in parsed(held[MESSAGE.path]).findall("{*}outboundMessages"):
            if text(one, "name") == NAME:
                return text(one, "endpointUrl")
        return ""
