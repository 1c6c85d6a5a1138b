"""What happens when a row is saved ("Triggers and Order of Execution", as far as it is modelled).

Locks, field checks, unique values, validation rules, duplicate rules, before-save flows, assignment rules, write,
history, what the save brings about, flows that come later. One save is one transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.salesforce.standin import outbound, package
from connectors.salesforce.standin.assigning import assigned
from connectors.salesforce.standin.checking import accepted, fits_the_record_type, one_of_a_kind
from connectors.salesforce.standin.deriving import derive
from connectors.salesforce.standin.histories import remember
from connectors.salesforce.standin.ids import stamp
from connectors.salesforce.standin.org import Later, Org, Refused, Row


@dataclass(frozen=True)
class Save:
    """Who saves, when and how. An `admin` sees every field; `assign` is what Sforce-Auto-Assign says."""

    by: Row
    now: datetime
    allow_duplicates: bool = False
    assign: bool = False
    admin: bool = False

    def closed(self, org: Org) -> set[str]:
        return set() if self.admin else org.hidden | org.read_only


def create(org: Org, obj: str, values: Row, save: Save) -> Row:
    """A new row after all checks; raises Refused."""
    with org.transaction():
        _open(org)
        kept = accepted(org, obj, values, creating=True, closed=save.closed(org))
        _complete(org, obj, kept)
        row = {**org.blank(obj), **kept, "Id": org.new_id(org.objects[obj].prefix)}
        _checked(org, obj, row, {}, set(kept), save)
        return _written(org, obj, row, {}, save)


def update(org: Org, obj: str, id: str, values: Row, save: Save) -> Row:
    """The row with these fields changed, after all checks; raises Refused."""
    before = org.tables[obj][id]
    with org.transaction():
        _open(org, id)
        kept = accepted(org, obj, values, creating=False, closed=save.closed(org))
        _still_open_to_change(obj, before, kept, save)
        row = {**before, **kept}
        _checked(org, obj, row, before, set(kept), save)
        return _written(org, obj, row, before, save)


def delete(org: Org, obj: str, id: str, save: Save) -> None:
    """Into the recycle bin, with the rows that belong to it."""
    with org.transaction():
        _open(org, id)
        row = org.tables[obj][id]
        for child, name in BELONGING.get(obj, ()):
            for each in org.children(child, name, id):
                delete(org, child, each["Id"], save)
        org.drop(obj, id)
        at = stamp(save.now)
        org.bin[obj][id] = {**row, "IsDeleted": True, "SystemModstamp": at, "LastModifiedDate": at,
                            "LastModifiedById": save.by["Id"]}


BELONGING = {"Case": (("CaseComment", "ParentId"), ("EmailMessage", "ParentId"), ("FeedItem", "ParentId"),
                      ("CaseHistory", "CaseId"))}


def _open(org: Org, id: str = "") -> None:
    if org.refusal is not None:
        raise Refused(*org.refusal, [])
    if id in org.locked:
        raise Refused("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {id}", [])


def _complete(org: Org, obj: str, values: Row) -> None:
    """A comment or mail locks its case too, so that its insert meets the case's lock."""
    needed = [f.name for f in org.objects[obj].fields.values()
              if f.createable and f.type != "boolean" and not (f.nillable or f.defaulted)]
    missing = [name for name in needed if values.get(name) is None]
    if missing:
        raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
    if obj in ("CaseComment", "EmailMessage") and values.get("ParentId") in org.locked:
        _open(org, values["ParentId"])


def _still_open_to_change(obj: str, before: Row, values: Row, save: Save) -> None:
    """A mail that is no draft keeps what it says (Object Reference, "EmailMessage")."""
    fixed = [n for n in values if n != "IsExternallyVisible" and not n.endswith("__c")]
    if obj == "EmailMessage" and before["Status"] != "5" and fixed and not save.admin:
        raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", "You can only edit draft emails.", fixed)


def _checked(org: Org, obj: str, row: Row, before: Row, written: set[str], save: Save) -> None:
    one_of_a_kind(org, obj, row, written)
    if obj == "Case":
        fits_the_record_type(org, row, written)
    for rule in org.validation_rules:
        name = rule["field"]
        if rule.get("object", "Contact") == obj and name in written and not re.fullmatch(
                rule["pattern"], str(row.get(name) or "")):
            raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], [name])
    for rule in org.duplicate_rules:
        name = rule["field"]
        if rule.get("object", "Contact") == obj and name in written and not save.allow_duplicates:
            _no_twin(org, obj, name, row)
    _run_flows(org, obj, row, before, save)
    if obj == "Case":
        assigned(org, row, save.assign)


def _no_twin(org: Org, obj: str, name: str, row: Row) -> None:
    twins = [r["Id"] for r in org.tables[obj].values()
             if r.get(name) is not None and r.get(name) == row.get(name) and r["Id"] != row.get("Id")]
    if twins:
        matches = [{"record": {"attributes": {"type": obj}, "Id": id}} for id in twins]
        found = {"allowSave": True, "duplicateRule": f"Standard_{obj}_Duplicate_Rule", "duplicateRuleEntityType": obj,
                 "errorMessage": "Use one of these records?", "matchResults": [{
                     "entityType": obj, "errors": [], "matchEngine": "ExactMatchEngine", "matchRecords": matches,
                     "rule": f"Standard_{obj}_Match_Rule", "size": len(twins), "success": True}]}
        raise Refused("DUPLICATES_DETECTED", "Use one of these records?", more={"duplicateResult": found})


def _run_flows(org: Org, obj: str, row: Row, before: Row, save: Save) -> None:
    """Flows of the world: `do` is revert, set, fail, or later (the old value comes back after `seconds`); one with
    `on` create leaves alone what is there already."""
    for flow in org.flows:
        name = flow["field"]
        if flow.get("object", "Contact") != obj or row.get(name) == before.get(name):
            continue
        if flow.get("on") == "create" and before:
            continue
        if flow["do"] == "fail":
            raise Refused("CANNOT_EXECUTE_FLOW_TRIGGER",
                          f"We can't save this record because the “{flow.get('name', obj + ' Check')}” process "
                          "failed. Give your Salesforce admin these details.", [])
        if flow["do"] == "later":
            due = stamp(save.now + timedelta(seconds=flow.get("seconds", 60)))
            value = flow.get("value", before.get(name))
            org.later.append(Later(due, obj, row.get("Id", ""), {name: value}, flow.get("by", "Flow")))
        else:
            row[name] = before.get(name) if flow["do"] == "revert" else flow.get("value")


def _written(org: Org, obj: str, row: Row, before: Row, save: Save) -> Row:
    at, fields, said = stamp(save.now), org.objects[obj].fields, row.get("Comments")
    if not before:
        row |= {"CreatedDate": at, "CreatedById": save.by["Id"], **_numbered(org, obj)}
        if "OwnerId" in fields:
            row["OwnerId"] = row.get("OwnerId") or save.by["Id"]
    row |= {"LastModifiedDate": at, "SystemModstamp": at, "LastModifiedById": save.by["Id"]}
    derive(org, obj, row)
    org.put(obj, row)
    remember(org, obj, before, row, save.by, at)
    if obj == "Case" and said:
        create(org, "CaseComment", {"ParentId": row["Id"], "CommentBody": said, "IsPublished": False}, save)
    if obj in TOUCHING and org.desk.get("comments_touch_case"):
        _touch(org, row["ParentId"], save)
    if not before:
        _posted(org, obj, row, save)
    package.saved(org, obj, before, row, save.by, save.now)
    outbound.saved(org, obj, row, save.by, save.now)
    return row


def _numbered(org: Org, obj: str) -> Row:
    """What an auto-number field holds in a new row."""
    name, shape = {"Case": ("CaseNumber", "{:08d}"), "Deskhand_Action__c": ("Name", "A-{:06d}")}.get(obj, ("", ""))
    if not name:
        return {}
    org.counters[name + obj] += 1
    return {name: shape.format(1000 * (obj == "Case") + org.counters[name + obj])}


def _posted(org: Org, obj: str, row: Row, save: Save) -> None:
    """Where cases have a feed, each comment and mail stands in it once more, as an event (FeedItem, Type)."""
    kind, said = {"CaseComment": ("CaseCommentPost", "CommentBody"), "EmailMessage": ("EmailMessageEvent", "TextBody")
                  }.get(obj, ("", ""))
    if kind and row["ParentId"] and org.desk.get("feed_tracking", True):
        org.insert("FeedItem", {
            "ParentId": row["ParentId"], "Type": kind, "Body": (row[said] or "")[:10000] or None,
            "RelatedRecordId": row["Id"],
            "Visibility": "AllUsers" if row.get("IsPublished") else "InternalUsers"}, save.by["Id"], save.now)


TOUCHING = ("CaseComment", "EmailMessage")


def _touch(org: Org, case: str | None, save: Save) -> None:
    """Whether a comment dates its case anew is unverified, so a world may have it either way."""
    row = org.tables["Case"].get(case or "")
    if row is not None:
        at = stamp(save.now)
        org.put("Case", {**row, "LastModifiedDate": at, "SystemModstamp": at, "LastModifiedById": save.by["Id"]})


def run_due(org: Org, now: datetime) -> None:
    """Lets scheduled flow paths write whose time has come."""
    due = [each for each in org.later if each.due <= now]
    org.later = [each for each in org.later if each.due > now]
    for each in due:
        row = org.tables[each.object].get(each.id)
        if row is not None:
            by = {"Id": row["LastModifiedById"], "Name": each.by}
            with org.transaction():
                _written(org, each.object, {**row, **each.values}, row, Save(by, each.due))
