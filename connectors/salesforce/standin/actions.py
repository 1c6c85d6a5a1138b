"""Standard actions: sending one e-mail ("Simple Email Actions").

How a refusal is worded, and that it comes with 400, is unverified.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from connectors.salesforce.standin import saving
from connectors.salesforce.standin.asking import GONE, Asked, error
from connectors.salesforce.standin.checking import ADDRESS
from connectors.salesforce.standin.ids import id18, is_id, spoken, stamp
from connectors.salesforce.standin.org import Json, Org, Refused, Row
from connectors.standin import Answer

NAME = "emailSimple"
INPUTS = {"recipientAddresses", "ccAddresses", "bccAddresses", "emailAddresses", "emailAddressesArray", "emailSubject",
          "emailBody", "senderType", "senderAddress", "recipientId", "relatedRecordId", "logEmailOnSend",
          "addThreadingTokenToBody", "addThreadingTokenToSubject", "sendRichBody", "useLineBreaks", "emailTemplateId",
          "attachmentId", "attachmentIdCollection"}
SINCE_65 = ("recipientAddresses", "ccAddresses", "bccAddresses")
MOST_RECIPIENTS = 150


class NotSent(Exception):
    """One input that the action refuses."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.error = {"statusCode": code, "message": message, "fields": []}


def standard(org: Org, asked: Asked, rest: list[str], now: datetime) -> Answer:
    """Answers for `actions/standard`: what there is, and one result per input in the order given."""
    if not rest:
        return Answer.of(200, {"actions": [{"label": "Send Email", "name": NAME, "type": "EMAILSIMPLE",
                                            "url": f"/services/data/{asked.version}/actions/standard/{NAME}"}]})
    if rest != [NAME]:
        return error(404, "NOT_FOUND", GONE)
    if asked.method == "GET":
        return Answer.of(200, {"name": NAME, "type": "EMAILSIMPLE", "label": "Send Email", "standard": True,
                               "inputs": [{"name": name} for name in sorted(INPUTS)], "outputs": []})
    inputs = asked.body.get("inputs") if isinstance(asked.body, dict) else None
    if not isinstance(inputs, list) or not inputs:
        return error(400, "INVALID_INPUT", "Missing required property: inputs")
    given = [_one(org, asked, each, now) for each in inputs]
    return Answer.of(200 if all(one["isSuccess"] for one in given) else 400, given)


def _one(org: Org, asked: Asked, given: Json, now: datetime) -> Json:
    result: Json = {"actionName": NAME, "errors": None, "invocationId": None, "isSuccess": True, "outcome": None,
                    "outputValues": None, "sortOrder": -1, "version": 1}
    try:
        with org.transaction():
            _send(org, asked, given, now)
    except NotSent as no:
        return {**result, "errors": [no.error], "isSuccess": False}
    except Refused as no:
        first: Any = no.body[0]
        return {**result, "isSuccess": False, "errors": [
            {"statusCode": first["errorCode"], "message": first["message"], "fields": first.get("fields", [])}]}
    return result


def _send(org: Org, asked: Asked, given: Json, now: datetime) -> None:
    unknown = set(given) - INPUTS
    if float(asked.version[1:]) < 65:
        unknown |= set(given) & set(SINCE_65)
    if unknown:
        raise NotSent("INVALID_API_INPUT", f"Unknown input parameter: {', '.join(sorted(unknown))}")
    if "SendEmail" not in asked.may:
        raise NotSent("INSUFFICIENT_ACCESS_OR_READONLY", "You don't have permission to send email")
    for name in ("emailSubject", "emailBody"):
        if not given.get(name):
            raise NotSent("REQUIRED_FIELD_MISSING", f"Missing required input parameter: {name}")
    to = _addresses(given, "recipientAddresses", "emailAddresses", "emailAddressesArray")
    cc, bcc = _addresses(given, "ccAddresses"), _addresses(given, "bccAddresses")
    if not to:
        raise NotSent("REQUIRED_FIELD_MISSING", "Add at least one recipient")
    if len([*to, *cc, *bcc]) > MOST_RECIPIENTS:
        raise NotSent("LIMIT_EXCEEDED", f"The combined number of recipients must be {MOST_RECIPIENTS} or fewer")
    sender = _sender(org, asked, given)
    related = _related(org, given)
    if org.mail_left < len([*to, *cc, *bcc]):
        raise NotSent("SINGLE_EMAIL_LIMIT_EXCEEDED", "Daily limit for single emails is reached.")
    if org.deliverability == "all":
        org.mail_left -= len([*to, *cc, *bcc])
        _leave(org, asked, given, {"to": to, "cc": cc, "bcc": bcc}, sender, related, now)


def _addresses(given: Json, *names: str) -> list[str]:
    """Addresses of inputs that are lists or text with commas; refuses what is no address."""
    listed: list[str] = []
    for name in names:
        value = given.get(name) or []
        listed += [each.strip() for each in (value.split(",") if isinstance(value, str) else value)]
    for address in listed:
        if not ADDRESS.fullmatch(address):
            raise NotSent("INVALID_EMAIL_ADDRESS", f"Invalid email address: {address}")
    return listed


def _sender(org: Org, asked: Asked, given: Json) -> tuple[str, str]:
    """Address and name the mail comes from."""
    kind = given.get("senderType", "CurrentUser")
    if kind in ("CurrentUser", "DefaultWorkflowUser"):
        return asked.user.get("Email") or asked.user["Username"], asked.user["Name"]
    if kind != "OrgWideEmailAddress":
        raise NotSent("INVALID_API_INPUT", f"Invalid senderType: {kind}")
    row = org.named("OrgWideEmailAddress", str(given.get("senderAddress", "")), "Address")
    if row is None or not row["IsVerified"]:
        raise NotSent("INVALID_EMAIL_ADDRESS", "The organization-wide email address isn't verified or doesn't exist: "
                                               f"{given.get('senderAddress', '')}")
    profile = org.tables["Profile"].get(asked.user.get("ProfileId") or "", {}).get("Name")
    if not row["IsAllowAllProfiles"] and profile not in org.desk.get("sender_profiles", {}).get(row["Address"], ()):
        raise NotSent("INSUFFICIENT_ACCESS_OR_READONLY",
                      f"Your profile isn't allowed to send from {row['Address']}")
    return str(row["Address"]), str(row["DisplayName"])


def _related(org: Org, given: Json) -> Row | None:
    named = id18(str(given.get("relatedRecordId") or ""))
    if not named:
        if given.get("logEmailOnSend") and not given.get("recipientId"):
            raise NotSent("REQUIRED_FIELD_MISSING", "To log an email, specify recipientId or relatedRecordId")
        return None
    found = org.any(named) if is_id(named) else None
    if found is None:
        raise NotSent("INVALID_CROSS_REFERENCE_KEY", f"Invalid relatedRecordId: {given['relatedRecordId']}")
    return {**found[1], "Type": found[0]}


def threading_token(org: Org, case: str) -> str:
    """What Email-to-Case finds the case by in an answer."""
    return "thread::" + hashlib.sha256(f"{org.id}{case}".encode()).hexdigest()[:22] + "::"


def _leave(org: Org, asked: Asked, given: Json, to: dict[str, list[str]], sender: tuple[str, str],
           related: Row | None, now: datetime) -> None:
    body, subject = str(given["emailBody"]), str(given["emailSubject"])
    token = threading_token(org, related["Id"]) if related else ""
    if token and given.get("addThreadingTokenToBody"):
        body += ("<br>" if given.get("sendRichBody") else "\n\n") + token
    if token and given.get("addThreadingTokenToSubject"):
        subject += f" [ {token} ]"
    number = org.counters["mail"] = org.counters["mail"] + 1
    identifier = f"<{number:06d}.{org.id}@mail.salesforce.example>"
    logged = None
    if given.get("logEmailOnSend") and related:
        said = "HtmlBody" if given.get("sendRichBody") else "TextBody"
        parent = {"ParentId": related["Id"]} if related["Type"] == "Case" else {"RelatedToId": related["Id"]}
        logged = saving.create(org, "EmailMessage", {
            **parent, "Subject": subject, said: body, "FromAddress": sender[0], "FromName": sender[1],
            "Incoming": False,
            "ToAddress": "; ".join(to["to"]), "CcAddress": "; ".join(to["cc"]), "BccAddress": "; ".join(to["bcc"]),
            "Status": "3", "MessageDate": spoken(stamp(now)), "MessageIdentifier": identifier,
            "IsExternallyVisible": True}, saving.Save(asked.user, now))["Id"]
    org.sent.append({**to, "from": sender[0], "subject": subject, "body": body, "at": spoken(stamp(now)),
                     "case": related["Id"] if related and related["Type"] == "Case" else None, "by": asked.user["Name"],
                     "email": logged, "identifier": identifier, "bounced": False})
