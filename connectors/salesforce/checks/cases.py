"""The org as a helpdesk: its id, what the run-as user may do with cases, and which package is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.contract import NotFound, Rejected
from connectors.http import host_of
from connectors.parts import Finding, Found, House, Level, Taken
from connectors.salesforce.checks.asking import GRANTS, SETUP, Doctor
from connectors.salesforce.setup import SalesforceSetup
from connectors.salesforce.setup.bundle import STAMP, Bundle, shipped
from connectors.salesforce.setup.package import PackagePart
from connectors.salesforce.setup.user import PERMISSIONS

CASES, WHOSE, PACKAGE, STANDS, HISTORY = "cases", "org id", "package", "setup", "case history"
TRACKED: Mapping[str, str] = {
    "OwnerId": "a colleague who takes a case is not noticed", "Status": "a colleague who closes a case is not noticed",
    "ContactId": "a case that is given to another contact is not noticed"}
"""What only the field history of a case tells, and what is missed without it."""
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "Case": ("queryable", "updateable"), "CaseComment": ("queryable", "createable"), "EmailMessage": ("queryable",),
    "Deskhand_Action__c": ("queryable", "createable", "updateable"), "Deskhand_Head__c": ("queryable", "createable")}
WORDS = {"queryable": "read", "createable": "create", "updateable": "edit", "deletable": "delete"}
READ: Mapping[str, tuple[str, ...]] = {
    "Case": ("Subject", "Description", "Status", "Priority", "Origin", "ContactId", "SuppliedEmail",
             "Deskhand_Tags__c"),
    "CaseComment": ("CommentBody", "IsPublished"),
    "EmailMessage": ("TextBody", "FromAddress", "ToAddress", "Incoming", "Status", "Headers"),
    "Deskhand_Action__c": ("Key__c", "Case__c", "Kind__c", "Record__c"), "Deskhand_Head__c": ("Digest__c", "Head__c")}
EDIT: Mapping[str, tuple[str, ...]] = {"Case": ("Status", "Priority", "OwnerId", "Deskhand_Tags__c")}
NEEDLESS = {"Case": ("createable", "deletable"), "Deskhand_Head__c": ("updateable", "deletable")}


def permissions(doctor: Doctor) -> Iterator[Finding]:
    """As describe says for the run-as user."""
    found = [one for name in RIGHTS for one in _of(name, _described(doctor, name))]
    yield from found or [Finding(CASES, "green", "The run-as user may do what cases need and nothing more.", "",
                                 "CRM access")]


def _described(doctor: Doctor, name: str) -> dict[str, Any]:
    try:
        return dict(doctor.running.get(f"sobjects/{name}/describe"))
    except NotFound:
        return {}


def _of(name: str, row: Mapping[str, Any]) -> Iterator[Finding]:
    if not row.get("queryable"):
        yield _lacks(f"{name}: read")
        return
    yield from (_lacks(f"{name}: {WORDS[right]}") for right in RIGHTS[name] if not row.get(right))
    fields = {one["name"]: one for one in row.get("fields", [])}
    yield from (_lacks(f"{name}.{field}: read") for field in READ[name] if field not in fields)
    yield from (_lacks(f"{name}.{field}: edit") for field in EDIT.get(name, ())
                if field in fields and not fields[field].get("updateable"))
    for right in NEEDLESS.get(name, ()):
        if row.get(right):
            yield Finding(CASES, "yellow", f"The run-as user has the right {name}: {WORDS[right]}, which Deskhand does "
                          "not need.", f"Take it away: it comes from another permission set than {PERMISSIONS}, or "
                          "from the profile.", "CRM access")


def _lacks(right: str) -> Finding:
    return Finding(CASES, "red", f"The run-as user lacks the right {right}.",
                   f"Run {SETUP}: {GRANTS} has it, and is given to this user.", "CRM access")


def org(doctor: Doctor) -> Iterator[Finding]:
    """Events of another org are refused."""
    [row] = doctor.running.rows("Id", "Organization")
    held, is_now = doctor.settings.org_id, str(row["Id"])
    if held != is_now:
        yield Finding(WHOSE, "red", f"SALESFORCE_ORG_ID is {held}, and this org is {is_now}: every event is refused.",
                      f"Write SALESFORCE_ORG_ID={is_now} to .env.", "guardrails")
    else:
        yield Finding(WHOSE, "green", f"Cases of {is_now} at {host_of(doctor.settings.home())} are the tickets.", "",
                      "guardrails")


def history(doctor: Doctor) -> Iterator[Finding]:
    """Deskhand steps back where a person works, as far as the org records what people do ("FieldDefinition")."""
    rows = doctor.running.rows("QualifiedApiName, IsFieldHistoryTracked", "FieldDefinition",
                               {"EntityDefinitionId": "Case", "QualifiedApiName": tuple(TRACKED)})
    kept = {str(row["QualifiedApiName"]) for row in rows if row.get("IsFieldHistoryTracked")}
    for name in TRACKED:
        if name not in kept:
            yield Finding(HISTORY, "red", f"Changes of Case.{name} are not recorded: {TRACKED[name]}.",
                          f"Turn field history on for Case.{name} (Setup, Object Manager, Case, Fields, Set History "
                          "Tracking).", "guardrails")
    if kept >= TRACKED.keys():
        yield Finding(HISTORY, "green", "What people change on a case is recorded.", "", "guardrails")


def package(doctor: Doctor) -> Iterator[Finding]:
    rows = doctor.running.rows("Description", "PermissionSet", {"Name": PERMISSIONS})
    if not rows:
        yield Finding(PACKAGE, "red", "The package is not in the org.", f"Run {SETUP}.")
        return
    stands = STAMP.search(str(rows[0].get("Description")))
    if stands is None:
        yield Finding(PACKAGE, "yellow", "The package was deployed by other means, so its version is not known.",
                      f"Delete it and run {SETUP}, or keep it up to date yourself.")
        return
    wanted = _wanted(doctor)
    if wanted and stands[2] not in wanted:
        says = f"The package is of Deskhand {stands[1]}, and this is {doctor.house.version}."
        if stands[1] == doctor.house.version:
            says = f"The package is another one of Deskhand {stands[1]} than came with it."
        yield Finding(PACKAGE, "yellow", says, f"Run {SETUP}: it deploys the new one.")
    else:
        yield Finding(PACKAGE, "green", f"The package of Deskhand {stands[1]} is there.")


def _wanted(doctor: Doctor) -> Sequence[str]:
    """What the marks of this Deskhand's own package are called, whole and without Apex; none where it is not there."""
    try:
        whole = Bundle.of(shipped())
    except Rejected:
        return ()
    stamps = [STAMP.search(one.stamp(doctor.house.version)) for one in (whole, whole.without_apex())]
    return [one[2] for one in stamps if one]


def setup(doctor: Doctor) -> Iterator[Finding]:
    """What only an admin's login sees: each part of the setup as it stands."""
    choices = {} if doctor.calls_us() else {"apex": "no"}
    house = doctor.house
    known: dict[str, Found] = {}
    fine = True
    made = SalesforceSetup(doctor.settings, doctor.around, House(house.public_url, house.version, house.settings,
                                                                 choices))
    for part in [one for one in made.parts() if not isinstance(one, PackagePart)]:  # which has a check of its own
        try:
            found = part.look(known)
        except Taken as error:
            fine = False
            yield _not_so(str(error), "red")
            continue
        if found is None and part.wanted:
            fine = False
            yield _not_so(f"The {part.name} is gone.", "red")
        for words in found.differs if found is not None else ():
            fine = False
            yield _not_so(f"The {part.name} is not as made: {words}.", "red")
        if found is not None:
            known[part.name] = found
    if fine:
        yield Finding(STANDS, "green", "Everything stands as it was made.")


def _not_so(words: str, level: Level) -> Finding:
    return Finding(STANDS, level, words, f"Run {SETUP}.")
