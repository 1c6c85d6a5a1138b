"""What each deployed component does to the org, and what the org refuses to deploy or delete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

from connectors.salesforce.standin import people, signing, worlds
from connectors.salesforce.standin.org import Json, Org, Row

CERTIFICATE = "certs/Deskhand_Signing.crt"
OWN, SWEEP, JOB = "Deskhand_Action__c", "DeskhandSweep", "Deskhand sweep"
PLACES = {
    "Certificate": ("certs/{}.crt", "certs/{}.crt-meta.xml"),
    "NamedCredential": ("namedCredentials/{}.namedCredential",),
    "PlatformEventSubscriberConfig": ("PlatformEventSubscriberConfigs/{}.platformEventSubscriberConfig",),
    "ExternalClientApplication": ("externalClientApps/{}.eca",),
    "ExtlClntAppOauthSettings": ("extlClntAppOauthSettings/{}.ecaOauth",),
    "ExtlClntAppGlobalOauthSettings": ("extlClntAppGlobalOauthSets/{}.ecaGlblOauth",),
    "ExtlClntAppOauthConfigurablePolicies": ("extlClntAppOauthPolicies/{}.ecaOauthPlcy",),
    "PermissionSet": ("permissionsets/{}.permissionset",), "Flow": ("flows/{}.flow",),
    "FlowDefinition": ("flowDefinitions/{}.flowDefinition",),
    "ApexClass": ("classes/{}.cls", "classes/{}.cls-meta.xml"),
    "ApexTrigger": ("triggers/{}.trigger", "triggers/{}.trigger-meta.xml")}
"""Where the components of a type stand; of other types only the name is kept."""


OF_OTHERS = ("CustomLabels", "Flow", "FlowDefinition")
"""Not components of their own: labels are, and versions of flows."""


@dataclass(frozen=True)
class Deployed:
    type: str
    name: str

    def paths(self) -> tuple[str, ...]:
        if self.type == "WorkflowOutboundMessage":
            return (f"workflows/{self.name.partition('.')[0]}.workflow",)
        return tuple(place.format(self.name) for place in PLACES.get(self.type, ()))

    def __str__(self) -> str:
        return f"{self.type}:{self.name}"


@dataclass(frozen=True)
class Change:
    files: dict[str, bytes]
    made: tuple[Deployed, ...]
    gone: tuple[Deployed, ...]


def problems(org: Org, change: Change, options: Json) -> Iterator[tuple[Deployed, str]]:
    """What of it the org refuses, and why; a thing to delete that is not there is a warning."""
    for one in change.made:
        missing = [path for path in one.paths() if path not in change.files]
        if missing:
            yield one, f"File {missing[0]} specified in package.xml was not found in zipped directory"
        elif words := _refused(org, one, change):
            yield one, words
    for one in change.gone:
        if one.type == "Flow" and (words := _flow_kept(org, one, change)):
            yield one, words
        elif str(one) not in org.installed:
            if not options.get("ignoreWarnings"):
                yield one, f"No {one.type} named: {one.name} found"
        elif words := _kept(org, one):
            yield one, words
    for each in org.desk.get("deploy_failures", ()):
        if Deployed(each["type"], each["name"]) in change.made:
            yield Deployed(each["type"], each["name"]), each["problem"]


def _refused(org: Org, one: Deployed, change: Change) -> str:
    there = org.installed | {str(each) for each in change.made}
    xml = _xml(change.files, one)
    if one.type == "ApexClass" and one.name == SWEEP and _scheduled(org):
        return "This schedulable class has jobs pending or in progress"
    if one.type == "NamedCredential" and "ExternalCredential:Deskhand" not in there:
        return "In field: externalCredential - no ExternalCredential named Deskhand found"
    if one.type == "PlatformEventSubscriberConfig":
        if f"ApexTrigger:{_text(xml, 'platformEventConsumer')}" not in there:
            return f"In field: platformEventConsumer - no ApexTrigger named {_text(xml, 'platformEventConsumer')} found"
        if org.named("User", _text(xml, "user"), "Username") is None:
            return f"In field: user - no User named {_text(xml, 'user')} found"
    if one.type == "ExtlClntAppOauthConfigurablePolicies" and org.named(
            "User", _text(xml, "clientCredentialsFlowUser"), "Username") is None:
        return "The execution user for the client credentials flow does not exist"
    if one.type == "Certificate" and str(one) in org.installed:
        return "Certificate content can't be changed"
    return ""


def _kept(org: Org, one: Deployed) -> str:
    if one.type == "PermissionSet":
        row = org.named("PermissionSet", one.name)
        if row and org.children("PermissionSetAssignment", "PermissionSetId", row["Id"]):
            return "Unable to delete a permission set that is assigned to users"
    if one.type == "ApexClass" and one.name == SWEEP and _scheduled(org):
        return "This schedulable class has jobs pending or in progress"
    return ""


def _flow_kept(org: Org, one: Deployed, change: Change) -> str:
    """Only versions can be deleted, and not the active one ("FlowDefinition")."""
    name, dash, number = one.name.rpartition("-")
    if not dash:
        return "insufficient access rights on cross-reference id"
    off = Deployed("FlowDefinition", name) in change.made
    if not off and org.flow_versions.get(name, {}).get("active") == int(number):
        return "The active version of a flow can't be deleted"
    return ""


def take(org: Org, change: Change, now: datetime) -> None:
    """Does it, deletions last."""
    for one in change.made:
        org.installed |= {str(one)} if one.type not in OF_OTHERS else _labels(change.files)
        if one.type == "FlowDefinition":
            _activate(org, one, change)
            continue
        org.files.update({path: change.files[path] for path in one.paths()})
    made = {one.type: one for one in change.made}
    if Deployed("CustomObject", OWN) in change.made:
        worlds.install(org, now)
    for one in change.made:
        _effect(org, one, change, now)
    if "ExtlClntAppGlobalOauthSettings" in made or "ExtlClntAppOauthConfigurablePolicies" in made:
        _client(org)
    for one in change.gone:
        _delete(org, one)
    _triggers(org)


def _effect(org: Org, one: Deployed, change: Change, now: datetime) -> None:
    xml = _xml(change.files, one)
    if one.type == "PermissionSet":
        row = people.add_permission_set(org, one.name, _text(xml, "label"), now)
        org.put("PermissionSet", {**row, "Description": _text(xml, "description")})
    elif one.type == "Flow":
        _new_version(org, one, change)
    elif one.type == "Certificate":
        turn = org.counters["certificate"] = org.counters["certificate"] + 1
        if org.package is not None:
            org.package = {**org.package, "certificate_turn": turn}
        org.files[CERTIFICATE] = signing.certificate(org).encode()
    elif one.type == "NamedCredential" and org.package is not None and xml is not None:
        address = xml.findtext("{*}namedCredentialParameters/{*}parameterValue")
        org.package = {**org.package, "named_credential": address}
    elif one.type == "PlatformEventSubscriberConfig" and org.package is not None:
        org.package = {**org.package, "subscriber_user": True}


def _new_version(org: Org, one: Deployed, change: Change) -> None:
    """Active as its file says. What differs in nothing but that is no new version, and stays as it was."""
    held = org.flow_versions.setdefault(one.name, {"numbers": [], "active": 0, "text": b""})
    said = re.sub(rb"<status>\w+</status>", b"", change.files[one.paths()[0]])
    if said != held["text"]:
        number = max(held["numbers"], default=0) + 1
        held |= {"numbers": [*held["numbers"], number], "active": number, "text": said}
        org.installed.add(f"Flow:{one.name}-{number}")
    _shown(org, one)


def _activate(org: Org, one: Deployed, change: Change) -> None:
    held = org.flow_versions[one.name]
    held["active"] = int(_text(_root(change.files[one.paths()[0]]), "activeVersionNumber"))
    _shown(org, Deployed("Flow", one.name))


def _shown(org: Org, flow: Deployed) -> None:
    """The newest version's file says whether it is active."""
    path, held = flow.paths()[0], org.flow_versions[flow.name]
    status = b"Active" if held["active"] == max(held["numbers"]) else b"Draft"
    org.files[path] = re.sub(rb"<status>\w+</status>", b"<status>" + status + b"</status>", org.files[path])


def _client(org: Org) -> None:
    """The app's consumer, with the user of its policy."""
    known, policy = (_root(org.files.get(path)) for path in (
        "extlClntAppGlobalOauthSets/Deskhand_glbloauth.ecaGlblOauth",
        "extlClntAppOauthPolicies/Deskhand_oauthPlcy.ecaOauthPlcy"))
    user = org.named("User", _text(policy, "clientCredentialsFlowUser"), "Username")
    if known is not None and user is not None:
        org.clients[_text(known, "consumerKey")] = {"secret": _text(known, "consumerSecret"), "user": user["Id"],
                                                    "permissions": None, "app": True}


def _labels(files: dict[str, bytes]) -> set[str]:
    """Each label is a component of its own."""
    root = _root(files.get("labels/CustomLabels.labels"))
    return set() if root is None else {f"CustomLabel:{_text(each, 'fullName')}" for each in root.findall("{*}labels")}


def _delete(org: Org, one: Deployed) -> None:
    """An object goes with its fields."""
    org.installed.discard(str(one))
    if one.type == "CustomObject":
        org.installed -= {each for each in org.installed if each.partition(":")[2].startswith(f"{one.name}.")}
    for path in one.paths():
        org.files.pop(path, None)
    if one.type == "Flow":
        name, _, number = one.name.rpartition("-")
        org.flow_versions[name]["numbers"].remove(int(number))
        if not org.flow_versions[name]["numbers"]:
            del org.flow_versions[name], org.files[Deployed("Flow", name).paths()[0]]
    elif one == Deployed("CustomObject", OWN):
        worlds.uninstall(org)
    elif one.type == "PermissionSet" and (row := org.named("PermissionSet", one.name)):
        org.drop("PermissionSet", row["Id"])
    elif one.type == "ExternalClientApplication":
        org.clients = {key: client for key, client in org.clients.items() if not client.get("app")}
    elif one.type in ("NamedCredential", "PlatformEventSubscriberConfig") and org.package is not None:
        gone = {"named_credential": None} if one.type == "NamedCredential" else {"subscriber_user": False}
        org.package = {**org.package, **gone}


def _triggers(org: Org) -> None:
    """Whether the package, deployed by these means, has its triggers."""
    if org.package is not None and f"CustomObject:{OWN}" in org.installed:
        org.package = {**org.package, "triggers": "ApexTrigger:DeskhandCaseTrigger" in org.installed,
                       "scheduled": _scheduled(org)}


def _scheduled(org: Org) -> bool:
    return any(org.tables["CronJobDetail"][row["CronJobDetailId"]]["Name"] == JOB
               for row in org.tables["CronTrigger"].values())


def schedule(org: Org, by: Row, now: datetime) -> None:
    """As DeskhandSweep.start() does; scheduled already, it changes nothing."""
    if not _scheduled(org):
        detail = org.insert("CronJobDetail", {"Name": JOB, "JobType": "7"}, by["Id"], now)
        org.insert("CronTrigger", {"CronJobDetailId": detail["Id"], "State": "WAITING", "OwnerId": by["Id"],
                                   "CronExpression": "0 7 * * * ?"}, by["Id"], now)
    _triggers(org)


def unschedule(org: Org) -> None:
    for row in list(org.tables["CronTrigger"].values()):
        if org.tables["CronJobDetail"][row["CronJobDetailId"]]["Name"] == JOB:
            org.drop("CronTrigger", row["Id"])
            org.drop("CronJobDetail", row["CronJobDetailId"])
    _triggers(org)


def _xml(files: dict[str, bytes], one: Deployed) -> ElementTree.Element | None:
    paths = one.paths()
    return _root(files.get(paths[-1])) if paths else None


def _root(raw: bytes | None) -> ElementTree.Element | None:
    return None if raw is None else ElementTree.fromstring(raw)  # noqa: S314 - a stand-in reads what it is sent


def _text(xml: ElementTree.Element | None, name: str) -> str:
    return "" if xml is None else (xml.findtext("{*}" + name) or "").strip()
