"""Loads a world into the org: who is in it, how its desk works, what there is.

The keys of a world, all of them optional:
- org_id, domain, organization (fields), limits (daily, used, app_daily, mail_left), page_size, session_seconds
- clients (id: secret or certificate, user, users, permissions), users (fields, Profile, permission_sets, groups),
  groups (Name, Type, members), sharing (private: objects, callers: whether it binds the API's callers too)
- statuses, record_types (Name, Status, Priority: values), restricted, custom_fields, hidden_fields, read_only_fields,
  encrypted_fields, field_history, case_history, person_accounts, flows, validation_rules, duplicate_rules
- senders (Address, IsVerified, profiles), deliverability (all, system, no)
- desk: assignment_rule (owner, active), default_owner, automated_user, support_address, waiting_answer and
  closed_answer (the status an answer gives), comments_touch_case, feed_tracking, outbound_messages (object, url,
  fields, skip_ours)
- package: false, or triggers, named_credential, subscriber_user, credential_access, certificate, scheduled;
  deskhand_url
- accounts, contacts (with history), tasks, cases (as `customer_writes` takes them, with comments)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce.standin import desk, people
from connectors.salesforce.standin.deriving import derive
from connectors.salesforce.standin.histories import contact_history
from connectors.salesforce.standin.ids import checksum, id18, is_id, moment, stamp
from connectors.salesforce.standin.objects import PERSON_ACCOUNT, PERSON_CONTACT, TAGS, own_objects
from connectors.salesforce.standin.org import Json, Org, Row
from connectors.salesforce.standin.schema import custom_field, read_field

STATUSES: tuple[Json, ...] = ({"name": "New", "default": True}, {"name": "Working"}, {"name": "Escalated"},
                              {"name": "Closed", "closed": True})
TIMES = ("CreatedDate", "LastModifiedDate", "EmailBouncedDate")
NOT_FIELDS = {"history", "Account"}
PACKAGE: Json = {"triggers": True, "subscriber_user": True, "scheduled": True, "named_credential": None}
"""Installed with all steps done, but without an address to send to."""


def load(org: Org, world: Json, now: datetime) -> None:
    """Adds a world's clients and rows to what is there; each list of rules or fields it names replaces the former."""
    org.id, org.domain = id18(world.get("org_id", org.id)), world.get("domain", org.domain)
    _package(org, world, now)
    people.furnish(org, now)
    _organization(org, world, now)
    _desk(org, world, now)
    for given in world.get("users", []):
        people.add_user(org, given, now)
    for given in world.get("groups", []):
        for member in given.get("members", ()):
            people.join(org, people.person(org, member, now), given["Name"], now, given.get("Type", "Queue"))
        people.group(org, given["Name"], now, given.get("Type", "Queue"))
    for id, client in world.get("clients", {}).items():
        who = people.person(org, client["user"], now) if client.get("user") else people.integration(org, now)
        org.clients[id] = {"permissions": None, **client, "user": who["Id"]}
    for token, who in world.get("sessions", {}).items():
        user = people.person(org, who, now)["Id"]
        org.clients.setdefault("PlatformCLI", {"permissions": None, "admin": True, "user": user})
        org.tokens[token] = {"client": "PlatformCLI", "user": user, "seen": now, "calls": 0}
    _customers(org, world, now)
    _settings(org, world)
    for given in world.get("cases", []):
        desk.load_case(org, given, now)
    org.wakes.clear()


def _package(org: Org, world: Json, now: datetime) -> None:
    """`package` false takes it out; a mapping says how it is set up; `deskhand_url` is where it calls."""
    wanted = world.get("package", {} if org.package is None and not org.tables["Profile"] else None)
    if wanted is None:
        return
    if wanted is False:
        uninstall(org)
        return
    install(org, now)
    org.package = {**(org.package or PACKAGE), **(wanted if isinstance(wanted, dict) else {})}
    if world.get("deskhand_url"):
        org.package["named_credential"] = world["deskhand_url"]


def install(org: Org, now: datetime) -> None:
    """The package's objects, its field on Case, its permission sets."""
    for each in own_objects().values():
        if each.name not in org.objects:
            org.schema(each)
    org.schema(org.objects["Case"].plus(read_field(TAGS)))
    for name, label in people.PERMISSION_SETS.items():
        people.add_permission_set(org, name, label, now)
    org.package = org.package or dict(PACKAGE)


def uninstall(org: Org) -> None:
    """Takes the package out with everything it kept."""
    for name in own_objects():
        org.objects.pop(name, None)
        org.tables.pop(name, None)
        for key in [k for k in org.indexes if k[0] == name]:
            org.indexes.pop(key)
    org.schema(org.objects["Case"].without(TAGS.split()[0]))
    for row in [r for r in org.tables["PermissionSet"].values() if r["Name"] in people.PERMISSION_SETS]:
        for held in org.children("PermissionSetAssignment", "PermissionSetId", row["Id"]):
            org.drop("PermissionSetAssignment", held["Id"])
        org.drop("PermissionSet", row["Id"])
    org.package = None


def _organization(org: Org, world: Json, now: datetime) -> None:
    """What kind of org it is shows in its domain: acme--uat.sandbox, acme.scratch, acme.develop ("My Domain")."""
    if world.get("organization") or org.id not in org.tables["Organization"]:
        kind = org.domain.partition(".")[2]
        org.clear("Organization")
        add(org, "Organization", {
            "Id": org.id, "Name": "Acme", "InstanceName": "EU42", "IsSandbox": kind in ("sandbox", "scratch"),
            "OrganizationType": "Developer Edition" if kind in ("develop", "scratch") else "Enterprise Edition",
            **world.get("organization", {})}, now)


def _desk(org: Org, world: Json, now: datetime) -> None:
    if "statuses" in world or not org.tables["CaseStatus"]:
        set_statuses(org, world.get("statuses", STATUSES), now)
    for dotted in world.get("restricted", []):
        obj, _, name = dotted.partition(".")
        org.schema(org.objects[obj].plus(replace(org.objects[obj].fields[name], restricted=True)))
    for given in world.get("record_types", []):
        _record_type(org, given, now)
    for given in world.get("senders", []):
        org.insert("OrgWideEmailAddress", {
            "DisplayName": "Acme Support", "IsVerified": True, "Purpose": "UserSelection",
            "IsAllowAllProfiles": "profiles" not in given,
            **{k: v for k, v in given.items() if k != "profiles"}}, "", now)
        org.desk.setdefault("sender_profiles", {})[given["Address"]] = given.get("profiles", [])
    org.desk |= world.get("desk", {})
    org.sharing |= world.get("sharing", {})
    org.deliverability = world.get("deliverability", org.deliverability)
    if world.get("person_accounts"):
        enable_person_accounts(org)


def set_statuses(org: Org, given: Any, now: datetime) -> None:
    """The values of Case.Status, in order; as names, or with `closed` and `default`."""
    org.clear("CaseStatus")
    listed = [{"name": each} if isinstance(each, str) else each for each in given]
    for place, each in enumerate(listed):
        org.insert("CaseStatus", {"MasterLabel": each.get("label", each["name"]), "ApiName": each["name"],
                                  "SortOrder": place + 1, "IsDefault": each.get("default", place == 0),
                                  "IsClosed": each.get("closed", each["name"] == "Closed")}, "", now)
    first = next(s for s in org.tables["CaseStatus"].values() if s["IsDefault"])["ApiName"]
    org.desk.setdefault("defaults", {})["Case"] = {"Status": first}
    case = org.objects["Case"]
    org.schema(case.plus(replace(case.fields["Status"], picklist=tuple(each["name"] for each in listed))))


def _record_type(org: Org, given: Json, now: datetime) -> None:
    if "RecordTypeId" not in org.objects["Case"].fields:
        org.schema(org.objects["Case"].plus(read_field("RecordTypeId reference 18 > RecordType RecordType")))
    row = org.insert("RecordType", {"Name": given["Name"], "SobjectType": "Case",
                                    "DeveloperName": given.get("DeveloperName", given["Name"].replace(" ", "_"))},
                     "", now)
    offered = {name: tuple(values) for name, values in given.items() if isinstance(values, list)}
    org.desk.setdefault("record_types", {})[row["Id"]] = offered


def enable_person_accounts(org: Org) -> None:
    for obj, table in (("Account", PERSON_ACCOUNT), ("Contact", PERSON_CONTACT)):
        made = org.objects[obj]
        for line in table.split(";"):
            made = made.plus(read_field(" ".join(line.split())))
        org.schema(replace(made, fields={n: replace(f, nillable=True) if obj == "Account" and n == "Name" else f
                                         for n, f in made.fields.items()}))


def _customers(org: Org, world: Json, now: datetime) -> None:
    for obj, fields in world.get("custom_fields", {}).items():
        for name, kind in fields.items():
            org.schema(org.objects[obj].plus(custom_field(name, ":" + kind)))
    names = {row["Name"]: row["Id"] for row in org.tables["Account"].values()}
    for given in world.get("accounts", []):
        row = add_account(org, given, now)
        names[row["Name"]] = row["Id"]
    for given in world.get("contacts", []):
        _contact(org, given, names, now)
    for given in world.get("tasks", []):
        add(org, "Task", {**given}, now)


def add_account(org: Org, given: Json, now: datetime) -> Row:
    """An account; one with a LastName is a person's, with the contact that Salesforce keeps for it."""
    row = add(org, "Account", given, now)
    if row.get("IsPersonAccount"):
        twin = add(org, "Contact", {
            "FirstName": row["FirstName"], "LastName": row["LastName"], "Email": row["PersonEmail"],
            "Phone": row["Phone"], "MobilePhone": row["PersonMobilePhone"], "AccountId": row["Id"],
            "IsPersonAccount": True}, now)
        org.put("Account", {**row, "PersonContactId": twin["Id"]})
    return org.tables["Account"][row["Id"]]


def _contact(org: Org, given: Json, accounts: dict[str, str], now: datetime) -> None:
    known = {"AccountId": accounts[given["Account"]]} if given.get("Account") else {}
    row = add(org, "Contact", {**given, **known}, now)
    for change in given.get("history", []):
        contact_history(org, row["Id"], change["Field"], change.get("OldValue"), change.get("NewValue"),
                        moment(change["CreatedDate"], now), row["LastModifiedById"])


def _settings(org: Org, world: Json) -> None:
    set_limits(org, world.get("limits", {}))
    org.page_size, org.session_seconds = world.get("page_size", org.page_size), world.get(
        "session_seconds", org.session_seconds)
    org.flows = list(world.get("flows", org.flows))
    org.validation_rules = list(world.get("validation_rules", org.validation_rules))
    org.duplicate_rules = list(world.get("duplicate_rules", org.duplicate_rules))
    org.hidden = set(world.get("hidden_fields", org.hidden))
    org.read_only = set(world.get("read_only_fields", org.read_only))
    if "field_history" in world:
        org.history = None if world["field_history"] is None else tuple(world["field_history"])
    org.case_history = tuple(world.get("case_history", org.case_history))
    for dotted in world.get("encrypted_fields", []):
        obj, _, name = dotted.partition(".")
        org.schema(org.objects[obj].plus(replace(org.objects[obj].fields[name], encrypted=True)))


def set_limits(org: Org, limits: Json) -> None:
    org.daily, org.used = limits.get("daily", org.daily), limits.get("used", org.used)
    org.app_daily = limits.get("app_daily", org.app_daily)
    org.mail_left = limits.get("mail_left", org.mail_left)


def add(org: Org, obj: str, given: Json, now: datetime) -> Row:
    """A row of a world as it is given: no checks but ids, types of custom fields, times as offsets allowed."""
    for name, value in given.items():
        if name.endswith("__c") and name not in org.objects[obj].fields:
            org.schema(org.objects[obj].plus(custom_field(name, value)))
    fields = org.objects[obj].fields
    unknown = set(given) - set(fields) - NOT_FIELDS
    if unknown:
        raise ValueError(f"{obj} has no field {', '.join(sorted(unknown))}")
    row = {**org.blank(obj), **{k: v for k, v in given.items() if k in fields}}
    row["Id"] = _given_id(given.get("Id") or org.new_id(org.objects[obj].prefix), org.objects[obj].prefix, obj)
    for name in fields:
        if fields[name].refers_to and row.get(name):
            row[name] = id18(row[name])
    for name in TIMES:
        if row.get(name):
            row[name] = moment(row[name], now)
    row["CreatedDate"] = row["CreatedDate"] or stamp(now - timedelta(days=365))
    row["LastModifiedDate"] = row["LastModifiedDate"] or row["CreatedDate"]
    row["SystemModstamp"] = row["LastModifiedDate"]
    by = people.integration(org, now)["Id"]
    for name in ("CreatedById", "LastModifiedById", "OwnerId"):
        if name in row and not row[name]:
            row[name] = by
    derive(org, obj, row)
    org.put(obj, row)
    return row


def _given_id(given: str, prefix: str, obj: str) -> str:
    id = id18(given)
    if not is_id(id) or not id.startswith(prefix):
        right = given[:15] + checksum(given[:15]) if len(given) >= 15 else "15 or 18 characters"
        raise ValueError(f"{given} is not the id of a {obj}: {right}, beginning with {prefix}")
    return id
