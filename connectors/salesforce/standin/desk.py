"""What customers and colleagues do on cases: mails and forms become cases, people answer, change and take them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.salesforce.standin import people, saving
from connectors.salesforce.standin.assigning import owner_named
from connectors.salesforce.standin.ids import id18, moment, spoken, stamp
from connectors.salesforce.standin.org import Json, Org, Row
from connectors.salesforce.standin.saving import Save

ORIGINS = {"email": "Email", "web": "Web", "phone": "Phone", "chat": "Web"}


def support_address(org: Org) -> str:
    return str(org.desk.get("support_address", f"support@{org.domain}.example"))


def case_of(org: Org, given: Json) -> Row:
    """The case a happening is about, by id or number; KeyError when it is not there."""
    named = str(given.get("case") or given["ticket"])
    found = org.row("Case", named) or org.named("Case", named, "CaseNumber")
    if found is None:
        raise KeyError(f"no case {named}")
    return found


def customer_writes(org: Org, given: Json, now: datetime) -> Json:
    """A new case, or an answer to `case`: by mail as Email-to-Case makes it, by form as Web-to-Case does.

    A deleted case is not answered to: a new one is made ("Email-to-Case Threading").
    """
    named = str(given.get("case") or given.get("ticket") or "")
    answered = (org.row("Case", named) or org.named("Case", named, "CaseNumber")) if named else None
    with org.transaction():
        case = _open(org, given, now) if answered is None else _answer(org, answered, given, now)
    return {"case": case["Id"], "ticket": case["Id"], "number": case["CaseNumber"]}


def _open(org: Org, given: Json, now: datetime) -> Row:
    channel = given.get("channel", "email")
    by, contact = people.automation(org, now), contact_under(org, given["email"])
    fields: Row = {"Subject": given.get("subject") or "(no subject)", "Origin": ORIGINS.get(channel, "Web"),
                   "Description": given["body"], "ContactId": contact["Id"] if contact else None,
                   "SuppliedEmail": given["email"], "SuppliedName": given.get("name"),
                   "Priority": given.get("priority"), **given.get("fields", {})}
    made = {name: value for name, value in fields.items() if value is not None}
    case = saving.create(org, "Case", made, Save(by, now, assign=True, admin=True))
    if given.get("owner") or given.get("group"):
        org.put("Case", {**case, "OwnerId": owner_named(org, given.get("owner") or given["group"])})
    if channel == "email":
        mail_comes(org, case, given, by, now)
    return org.tables["Case"][case["Id"]]


def contact_under(org: Org, email: str) -> Row | None:
    """The contact of that address when there is exactly one."""
    found = org.find("Contact", "Email", email)
    return org.tables["Contact"][found[0]] if len(found) == 1 else None


def mail_comes(org: Org, case: Row, given: Json, by: Row, now: datetime) -> Row:
    """The EmailMessage of a customer's mail; `headers`, `auto` and `sender` say what else the mail shows."""
    sender = given.get("sender") or given["email"]
    headers = {"From": sender, "To": support_address(org), **given.get("headers", {})}
    if given.get("auto"):
        headers |= {"Auto-Submitted": "auto-replied"}
    row = saving.create(org, "EmailMessage", {
        "ParentId": case["Id"], "Incoming": True, "Status": "0", "Subject": given.get("subject") or case["Subject"],
        "TextBody": given["body"], "FromAddress": sender, "FromName": given.get("name") or _name(org, given["email"]),
        "ToAddress": support_address(org), "CcAddress": "; ".join(given.get("ccs", [])) or None,
        "MessageDate": spoken(stamp(now)), "Headers": "\n".join(f"{k}: {v}" for k, v in headers.items()),
        "MessageIdentifier": f"<{org.counters['02s'] + 1:06d}@mail.customer.example>"}, Save(by, now, admin=True))
    for name in given.get("attachments", ()):
        _attach(org, row, name, by, now)
    return org.tables["EmailMessage"][row["Id"]]


def _attach(org: Org, mail: Row, name: str, by: Row, now: datetime) -> None:
    title, _, kind = name.rpartition(".")
    document = org.insert("ContentDocument", {"Title": title or name, "FileExtension": kind or None}, by["Id"], now)
    link = {"LinkedEntityId": mail["Id"], "ContentDocumentId": document["Id"]}
    org.insert("ContentDocumentLink", link, by["Id"], now)
    org.put("EmailMessage", {**mail, "HasAttachment": True})


def _name(org: Org, email: str) -> str | None:
    contact = contact_under(org, email)
    return contact["Name"] if contact else None


def _answer(org: Org, case: Row, given: Json, now: datetime) -> Row:
    """A mail on the case; what it does to a waiting or closed case is the desk's choice, nothing by itself."""
    by, channel = people.automation(org, now), given.get("channel", "email")
    if channel == "email":
        mail_comes(org, case, given, by, now)
    else:
        saving.create(org, "CaseComment", {"ParentId": case["Id"], "CommentBody": given["body"], "IsPublished": True},
                      Save(_portal_user(org, given, now), now, admin=True))
    status = org.desk.get("closed_answer" if case["IsClosed"] else "waiting_answer")
    if status and status != case["Status"]:
        saving.update(org, "Case", case["Id"], {"Status": status}, Save(by, now, admin=True))
    return org.tables["Case"][case["Id"]]


def _portal_user(org: Org, given: Json, now: datetime) -> Row:
    """A customer who writes in the portal does so as a user of their own."""
    found = org.named("User", given["email"], "Username")
    contact = contact_under(org, given["email"])
    return found or people.add_user(org, {
        "Name": given.get("name") or (contact or {}).get("Name") or given["email"].split("@")[0].title(),
        "Email": given["email"], "UserType": "CSPLitePortal", "Profile": "Customer Community User",
        "ContactId": contact["Id"] if contact else None}, now)


def agent_replies(org: Org, given: Json, now: datetime) -> Json:
    """A colleague mails the customer from the case, or, not `public`, comments on it."""
    case, by = case_of(org, given), people.person(org, given["agent"], now)
    if not given.get("public", True):
        return agent_comments(org, {**given, "public": False}, now)
    to = given.get("to") or case["ContactEmail"] or case["SuppliedEmail"]
    with org.transaction():
        mail = saving.create(org, "EmailMessage", {
            "ParentId": case["Id"], "Incoming": False, "Status": "3", "Subject": "Re: " + (case["Subject"] or ""),
            "TextBody": given["body"], "FromAddress": support_address(org), "FromName": by["Name"], "ToAddress": to,
            "MessageDate": spoken(stamp(now))}, Save(by, now, admin=True))
        _also(org, case, given, by, now)
    return {"case": case["Id"], "ticket": case["Id"], "email": mail["Id"]}


def agent_comments(org: Org, given: Json, now: datetime) -> Json:
    """A colleague comments on the case; unpublished unless `public`."""
    case, by = case_of(org, given), people.person(org, given["agent"], now)
    with org.transaction():
        made = saving.create(org, "CaseComment", {"ParentId": case["Id"], "CommentBody": given["body"],
                                                  "IsPublished": given.get("public", False)}, Save(by, now, admin=True))
        _also(org, case, given, by, now)
    return {"case": case["Id"], "ticket": case["Id"], "comment": made["Id"]}


def agent_posts(org: Org, given: Json, now: datetime) -> Json:
    """A colleague posts in the case's feed."""
    case, by = case_of(org, given), people.person(org, given["agent"], now)
    made = saving.create(org, "FeedItem", {
        "ParentId": case["Id"], "Body": given["body"], "Type": "TextPost",
        "Visibility": "AllUsers" if given.get("public") else "InternalUsers"}, Save(by, now, admin=True))
    return {"case": case["Id"], "ticket": case["Id"], "post": made["Id"]}


def _also(org: Org, case: Row, given: Json, by: Row, now: datetime) -> None:
    fields = _changes(org, given, now)
    if fields:
        saving.update(org, "Case", case["Id"], fields, Save(by, now, admin=True))


def _changes(org: Org, given: Json, now: datetime) -> Row:
    names = {"status": "Status", "priority": "Priority", "subject": "Subject", "contact": "ContactId"}
    fields: Row = {theirs: given[ours] for ours, theirs in names.items() if ours in given}
    owner = given.get("owner") or given.get("assignee") or given.get("group")
    if owner:
        fields["OwnerId"] = people.person(org, owner, now)["Id"] if "@" in owner else owner_named(org, owner)
    if "tags" in given:
        fields["Deskhand_Tags__c"] = f" {' '.join(given['tags'])} " if given["tags"] else None
    return {**fields, **given.get("fields", {})}


def agent_edits(org: Org, given: Json, now: datetime) -> Json:
    """A colleague changes status, owner, priority, subject, tags or any `fields` of the case."""
    case = case_of(org, given)
    by = people.person(org, given.get("agent") or given.get("by") or "Alex Admin", now)
    saving.update(org, "Case", case["Id"], _changes(org, given, now), Save(by, now, admin=True))
    return {"case": case["Id"], "ticket": case["Id"]}


def agent_takes(org: Org, given: Json, now: datetime) -> Json:
    """A colleague makes the case their own."""
    return agent_edits(org, {**given, "owner": people.person(org, given["agent"], now)["Id"]}, now)


def routing_assigns(org: Org, given: Json, now: datetime) -> Json:
    """Routing or a flow changes the case: the running user is the Automated Process."""
    robot = org.named("User", "Automated Process") or people.add_user(
        org, {"Name": "Automated Process", "UserType": "AutomatedProcess"}, now)
    case = case_of(org, given)
    saving.update(org, "Case", case["Id"], _changes(org, given, now), Save(robot, now, admin=True))
    return {"case": case["Id"], "ticket": case["Id"]}


def change_requester(org: Org, given: Json, now: datetime) -> Json:
    """A colleague gives the case another contact, by address."""
    contact = contact_under(org, given["email"])
    if contact is None:
        raise KeyError(f"no single contact under {given['email']}")
    return agent_edits(org, {**given, "contact": contact["Id"]}, now)


def close(org: Org, given: Json, now: datetime) -> Json:
    """A colleague closes the case, with the first status that does so."""
    closed = next(s["ApiName"] for s in org.tables["CaseStatus"].values() if s["IsClosed"])
    return agent_edits(org, {**given, "status": closed}, now)


def merge(org: Org, given: Json, now: datetime) -> Json:
    """`case` is merged into `into`: what was said moves, the case goes into the bin and names its master."""
    source, target = case_of(org, given), case_of(org, {"case": given["into"]})
    by = people.person(org, given.get("agent", "Alex Admin"), now)
    with org.transaction():
        for obj in ("CaseComment", "EmailMessage", "FeedItem"):
            for row in org.children(obj, "ParentId", source["Id"]):
                org.put(obj, {**row, "ParentId": target["Id"]})
        saving.delete(org, "Case", source["Id"], Save(by, now, admin=True))
        org.bin["Case"][source["Id"]]["MasterRecordId"] = target["Id"]
        _touched(org, target, by, now)
    return {"case": target["Id"], "ticket": target["Id"]}


def _touched(org: Org, case: Row, by: Row, now: datetime) -> None:
    at = stamp(now)
    org.put("Case", {**case, "LastModifiedDate": at, "SystemModstamp": at, "LastModifiedById": by["Id"]})


def delete(org: Org, given: Json, now: datetime) -> Json:
    case, by = case_of(org, given), people.person(org, given.get("agent", "Alex Admin"), now)
    saving.delete(org, "Case", case["Id"], Save(by, now, admin=True))
    return {"case": case["Id"], "ticket": case["Id"]}


def bounce(org: Org, given: Json, now: datetime) -> Json:
    """A mail that was sent comes back: `email` is its id, else the last one sent on `case`."""
    id = id18(given["email"]) if given.get("email") else [
        r["Id"] for r in org.children("EmailMessage", "ParentId", case_of(org, given)["Id"]) if not r["Incoming"]][-1]
    org.put("EmailMessage", {**org.tables["EmailMessage"][id], "IsBounced": True, "SystemModstamp": stamp(now)})
    for one in org.sent:
        one["bounced"] = one["bounced"] or one["email"] == id
    return {"email": id}


def bulk_cases(org: Org, given: Json, now: datetime) -> Json:
    """A load of `count` cases by a colleague, 200 rows per transaction."""
    by, ids = people.person(org, given.get("agent", "Data Loader"), now), []
    for start in range(0, int(given["count"]), 200):
        with org.transaction():
            for number in range(start, min(start + 200, int(given["count"]))):
                ids.append(saving.create(org, "Case", {"Subject": f"Loaded {number + 1}", "Origin": "Web",
                                                       **given.get("fields", {})}, Save(by, now, admin=True))["Id"])
    return {"cases": ids}


def load_case(org: Org, given: Json, now: datetime) -> None:
    """A case of a world: its first message, later `comments` (email or agent, body, public, at), what it was set to."""
    at = moment(given.get("created_at") or now, now)
    id = customer_writes(org, given, at)["case"]
    for said in given.get("comments", ()):
        when = moment(said.get("at") or now, now)
        does = agent_replies if said.get("agent") else customer_writes
        does(org, {**said, "case": id}, when)
    changes: Json = {name: given[name] for name in ("status", "tags", "assignee") if name in given}
    if changes:
        agent_edits(org, {"case": id, **changes}, at)


CASE_OPERATIONS: dict[str, Callable[[Org, Json, datetime], Json]] = {
    "customer_writes": customer_writes, "agent_replies": agent_replies, "agent_comments": agent_comments,
    "agent_posts": agent_posts, "agent_edits": agent_edits, "agent_sets": agent_edits, "agent_takes": agent_takes,
    "routing_assigns": routing_assigns, "trigger_assigns": routing_assigns, "change_requester": change_requester,
    "close": close, "bounce": bounce, "bulk_cases": bulk_cases}


