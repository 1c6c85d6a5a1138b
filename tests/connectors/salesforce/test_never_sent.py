"""What a whole day's work sends to an org, request by request, and what is never among it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from connectors.contract import ContactChange, ContactField, ContactReceipt, Key, LogActivity, Rejected, Undo
from connectors.salesforce import CONNECTOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Part
from tests.connectors.salesforce.acme import ANNA, NOW
from tests.connectors.salesforce.service import NOTE_KEY, REPLY_KEY, Overheard, Service, note, reply, service
from tests.connectors.salesforce.test_notes import KIM, later

VERSION = "67.0"
CHANGE = ContactChange(contact=ANNA, changes={ContactField.PHONE: "2"}, expected={ContactField.PHONE: "+49 30 1"})
CHANGED, LOGGED, UNDONE = (Key(operation="op-" + one * 24) for one in "cde")


@dataclass(frozen=True)
class Asked:
    """One subrequest of a composite."""

    method: str
    url: str
    body: dict[str, Any]
    headers: dict[str, str]

    def object(self) -> str:
        """Or the action."""
        return re.split("/sobjects/|/actions/standard/", urlsplit(self.url).path)[-1].partition("/")[0]


@dataclass(frozen=True)
class Composite:
    """Also a batch, of which each part stands for itself."""

    whole: bool
    parts: tuple[Asked, ...]


@dataclass(frozen=True)
class Day:
    sent: tuple[requests.PreparedRequest, ...]

    def paths(self) -> list[str]:
        return [urlsplit(one.url or "").path for one in self.sent]

    def composites(self) -> Iterator[Composite]:
        for one in self.sent:
            said = {} if (one.url or "").endswith("token") else json.loads(one.body or b"")
            if "compositeRequest" in said:
                yield Composite(said["allOrNone"], tuple(
                    Asked(part["method"], part["url"], part.get("body", {}), part.get("httpHeaders", {}))
                    for part in said["compositeRequest"]))
            if "batchRequests" in said:
                assert said["haltOnError"]
                yield Composite(False, tuple(
                    Asked(part["method"], f"/services/data/{part['url']}", part.get("richInput", {}), {})
                    for part in said["batchRequests"]))

    def parts(self) -> list[Asked]:
        return [part for one in self.composites() for part in one.parts]

    def headers(self) -> set[str]:
        """Names, of requests and of their parts."""
        return {name.lower() for one in self.sent for name in one.headers} | {
            name.lower() for part in self.parts() for name in part.headers}

    def writes(self, object: str) -> list[Asked]:
        return [part for part in self.parts() if part.method != "GET" and part.object() == object]


@pytest.fixture(scope="module")
def day() -> Day:
    lines: list[Overheard] = []

    def carry(adapter: BaseAdapter) -> BaseAdapter:
        lines.append(Overheard(adapter))
        return lines[-1]

    at = service({"custom_fields": {"Case": {"Order__c": "Text"}}}, carry=carry, SALESFORCE_API_VERSION=VERSION)
    at_the_helpdesk(at)
    with_contacts(at)
    return Day(tuple(one for line in lines for one in line.sent))


def at_the_helpdesk(at: Service) -> None:
    ref = at.case()
    at.time.on(minutes=1)
    since = at.read(ref).ticket.updated_at
    first = note(ref, text="größer " * 3_000, add_tags=("deskhand_waiting",), unless_changed_since=since)
    at.helpdesk.read_back(first, at.performs(first))
    at.time.on(minutes=1)
    at.rules.control("expire_tokens", {}, at.time())
    at.performs(note(ref, group=at.id_of("Group", "Refunds"), priority="high", fields={"Order__c": "1"},
                     remove_tags=("deskhand_waiting",)), Key(operation="op-" + "f" * 24))
    at.time.on(minutes=1)
    at.performs(note(ref, text="", status="solved"), Key(operation="op-" + "9" * 24))
    at.time.on(minutes=1)
    answer = reply(ref)
    at.helpdesk.read_back(answer, at.performs(answer, REPLY_KEY))
    at.helpdesk.find(first, NOTE_KEY)
    kim = at.helpdesk.agent(at.id_of("User", "Kim Agent"))
    at.helpdesk.may_see(kim, ref)
    at.does("bulk_cases", agent=KIM, count=400)
    assert len(at.helpdesk.changed_since(NOW).tickets) == 401
    at.helpdesk.past(NOW, at.time())


def with_contacts(at: Service) -> None:
    records = CONNECTOR.connect(at.helpdesk.desk.settings, at.helpdesk.desk.around)
    records.contacts("anna@example.com")
    receipt = records.perform(CHANGE, CHANGED)
    assert isinstance(receipt, ContactReceipt)
    records.read_back(CHANGE, receipt)
    logged = LogActivity(contact=ANNA, about="d1:log", subject="Phone changed", text="By request.")
    records.perform(logged, LOGGED)
    records.find(logged, LOGGED)
    at.time.on(minutes=1)
    records.perform(Undo(of=CHANGED.operation, action=CHANGE, receipt=receipt), UNDONE)


def test_the_day_holds_every_kind_of_work(day: Day) -> None:
    kinds = {(part.method, part.object()) for part in day.parts() if part.method != "GET"}
    assert kinds == {("POST", "Deskhand_Action__c"), ("PATCH", "Deskhand_Action__c"), ("PATCH", "Case"),
                     ("POST", "CaseComment"), ("PATCH", "Contact"), ("POST", "Task"), ("POST", "emailSimple")}


def test_nobody_signs_in_with_a_password_or_by_soap(day: Day) -> None:
    base = f"/services/data/v{VERSION}/"
    assert set(day.paths()) == {"/services/oauth2/token", base + "composite", base + "composite/batch"}
    assert not [name for name in SalesforceSettings.model_fields if "password" in name or "security" in name]
    forms = [str(one.body) for one in day.sent if (one.url or "").endswith("token")]
    assert len(forms) >= 2
    assert not any("password" in form or "username" in form for form in forms)


def test_every_call_and_part_is_of_the_version_that_is_set(day: Day) -> None:
    addresses = [*(path for path in day.paths() if not path.endswith("token")), *(part.url for part in day.parts())]
    assert {re.match(r"/services/data/v([\d.]+)/", one)[1] for one in addresses} == {VERSION}  # type: ignore[index]


def test_the_version_is_one_that_the_package_has_too_and_not_the_sdks_own() -> None:
    settings = SalesforceSettings(domain="acme", client_id="x", client_secret="y")
    assert settings.api_version == "66.0"


def test_a_composite_keeps_to_twenty_five_parts_and_five_queries(day: Day) -> None:
    for one in day.composites():
        assert 1 <= len(one.parts) <= 25
        assert sum("/query?" in part.url for part in one.parts) <= 5


def test_no_part_bears_a_header_that_a_part_may_not_have(day: Day) -> None:
    names = {name.lower() for part in day.parts() for name in part.headers}
    assert names == {"if-unmodified-since", "sforce-auto-assign"}


def test_a_condition_is_a_date_in_gmt_and_never_an_etag(day: Day) -> None:
    said = [part.headers["If-Unmodified-Since"] for part in day.parts() if "If-Unmodified-Since" in part.headers]
    assert said
    shape = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} [\d:]{8} GMT"
    assert all(re.fullmatch(shape, one) for one in said), said
    assert not day.headers() & {"if-match", "if-none-match"}


def test_what_people_change_too_is_written_on_a_condition_only(day: Day) -> None:
    for part in [*day.writes("Contact"), *day.writes("Case")]:
        if set(part.body) != {"Deskhand_Tags__c"}:
            assert "If-Unmodified-Since" in part.headers, part


def test_notes_are_added_unpublished_and_never_changed_or_deleted(day: Day) -> None:
    notes = day.writes("CaseComment")
    assert [(one.method, one.body["IsPublished"], len(one.body["CommentBody"].encode()) <= 4_000) for one in notes] \
        == [("POST", False, True)] * 2
    assert not [part for part in day.parts() if part.method == "DELETE"]


def test_the_field_of_a_case_that_would_add_a_comment_is_never_written(day: Day) -> None:
    written = {name for part in day.writes("Case") for name in part.body}
    assert written == {"Deskhand_Tags__c", "OwnerId", "Priority", "Order__c", "Status"}


def test_that_field_is_refused_whoever_names_it() -> None:
    at, ref = later()
    with pytest.raises(Rejected) as refusal:
        at.performs(note(ref, text="", fields={"Comments": "Refunded."}))
    assert (refusal.value.reason, at.notes(), at.rows("Deskhand_Action__c")) == ("no_field", [], [])


def test_a_receipt_goes_before_what_it_stands_for_and_all_of_it_holds_or_none(day: Day) -> None:
    seen = 0
    for one in day.composites():
        writes = [part for part in one.parts if part.method != "GET"]
        if any(part.object() in ("Case", "CaseComment") for part in writes):
            seen += 1
            assert one.whole
            assert (writes[0].method, writes[0].object()) == ("POST", "Deskhand_Action__c")
        if any(part.object() == "emailSimple" for part in writes):
            assert [(part.method, part.object()) for part in writes] == [
                ("POST", "Deskhand_Action__c"), ("POST", "emailSimple")]
    assert seen == 3


def test_a_key_is_made_once_and_never_upserted(day: Day) -> None:
    keys = [part.body["Key__c"] for part in day.writes("Deskhand_Action__c") if part.method == "POST"]
    assert len(keys) == len(set(keys)) == 4
    assert not [part.url for part in day.parts() if "Key__c/" in part.url]
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one) for one in keys)


def test_several_records_under_one_key_are_no_success() -> None:
    """An upsert's 300 lists addresses, where other answers are records or errors."""
    several = Part(httpStatusCode=300, body=["/services/data/v66.0/sobjects/Deskhand_Action__c/a01"])
    assert (several.row(), several.rows(), several.code()) == ({}, None, "")


def test_no_duplicate_rule_is_ever_overruled(day: Day) -> None:
    assert not any("duplicate" in name for name in day.headers())


def test_every_address_is_short_enough_to_be_taken(day: Day) -> None:
    """An address of more than 16,384 bytes is refused with 414 ("Status Codes and Error Responses"); half is ours."""
    assert max(len(part.url) for part in day.parts()) < 8_192


def test_no_query_asks_for_a_row_by_unquoted_words(day: Day) -> None:
    """Values stand in quotes, or are dates, true or false, or numbers."""
    value = r"'.*|TRUE|FALSE|NULL|\d+|\d{4}-\d\d-\d\dT\S+"
    asked = [unquote(part.url.partition("?q=")[2]) for part in day.parts() if "/query?" in part.url]
    assert len(asked) > 10
    for soql in asked:
        compared = re.findall(r"(?:=|>=|<=|<|>|LIKE)\s+(\S+)", soql.partition(" WHERE ")[2])
        assert all(re.fullmatch(value, one.rstrip(")")) for one in compared), soql
