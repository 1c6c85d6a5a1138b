"""Where the org's Apex calls Deskhand, and as whom: the named credential and the user of the platform event."""

from __future__ import annotations

from xml.etree import ElementTree

from connectors.parts import MARK, House
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deployed import NAME, Deployed
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.metadata import Component, Files, document, text
from connectors.salesforce.setup.user import IntegrationUser

CREDENTIAL = Component("NamedCredential", NAME, "namedCredentials/Deskhand.namedCredential")
SUBSCRIBER = Component("PlatformEventSubscriberConfig", "Deskhand_Wake",
                       "PlatformEventSubscriberConfigs/Deskhand_Wake.platformEventSubscriberConfig")
TRIGGER = "DeskhandWakeTrigger"


class CredentialPart(Deployed):
    """It has no description, so its label bears our mark. It holds no secret: calls are signed with the certificate."""

    name = f'named credential "{NAME}"'
    why = "where Salesforce calls Deskhand"
    components = (CREDENTIAL,)

    def __init__(self, deployer: Deployer, house: House, choices: Choices) -> None:
        super().__init__(deployer)
        self._url = house.public_url
        self.wanted = choices.calls_us

    def files(self) -> Files:
        return {CREDENTIAL.path: document(
            "NamedCredential", ("allowMergeFieldsInBody", "false"), ("allowMergeFieldsInHeader", "false"),
            ("calloutStatus", "Enabled"), ("generateAuthorizationHeader", "false"), ("label", f"{NAME}. {MARK}"),
            ("namedCredentialParameters", [("parameterName", "Url"), ("parameterType", "Url"),
                                           ("parameterValue", self._url)]),
            ("namedCredentialParameters", [("externalCredential", NAME), ("parameterName", "ExternalCredential"),
                                           ("parameterType", "Authentication")]),
            ("namedCredentialType", "SecuredEndpoint"))}

    def differences(self, one: ElementTree.Element, held: Files) -> tuple[str, ...]:
        parameters = {text(each, "parameterType"): each for each in one.findall("{*}namedCredentialParameters")}
        calls = text(parameters["Url"], "parameterValue").rstrip("/") if "Url" in parameters else ""
        words = [] if calls == self._url else [f"it calls {calls or 'nobody'}"]
        if text(one, "calloutStatus") == "Disabled":
            words.append("it is switched off")
        signs = parameters.get("Authentication")
        if signs is None or text(signs, "externalCredential") != NAME:
            words.append("it uses another external credential")
        return tuple(words)


class SubscriberPart(Deployed):
    """Without it, what customers write by mail is sent by a user who may not call out, and so not at all
    ("Configure the User and Batch Size for Your Platform Event Trigger")."""

    name = f'user of the event trigger "{TRIGGER}"'
    why = "so that events of all cases are sent as the integration user"
    components = (SUBSCRIBER,)

    def __init__(self, deployer: Deployer, choices: Choices, user: IntegrationUser) -> None:
        super().__init__(deployer)
        self._user = user
        self.wanted = choices.calls_us

    def files(self) -> Files:
        return {SUBSCRIBER.path: document(
            "PlatformEventSubscriberConfig", ("batchSize", "200"), ("masterLabel", f"Deskhand Wake. {MARK}"),
            ("platformEventConsumer", TRIGGER), ("user", self._user.name()))}

    def differences(self, one: ElementTree.Element, held: Files) -> tuple[str, ...]:
        runs = text(one, "user")
        words = [] if self._user.may_be(runs) else [f"it runs as {runs or 'nobody'}"]
        if text(one, "platformEventConsumer") != TRIGGER:
            words.append(f"it is of {text(one, 'platformEventConsumer')}")
        return tuple(words)
