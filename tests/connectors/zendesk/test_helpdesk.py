"""The connector through the real zenpy and session, against the account in this process: the books tell."""

import copy
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from connectors.contract import (
    Conflict,
    Conversation,
    Key,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Role,
    Surroundings,
    TicketUpdate,
    Unavailable,
    UpdateReceipt,
    digest,
    operation_id,
)
from connectors.http import CONNECT, READ
from connectors.mount import Mounted
from connectors.standin import Fault
from connectors.zendesk import CONNECTOR
from connectors.zendesk.client import Client
from connectors.zendesk.helpdesk import ZendeskHelpdesk
from connectors.zendesk.settings import ZendeskSettings
from tests.connectors.zendesk.conftest import DANA, EVE, MIA, SECRET, US, Account

SETTINGS = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}
REF = "zendesk:acme:1"


class Watched(Mounted):
    """Remembers what was put on the wire."""

    def __init__(self, account: Account, prefix: str = "") -> None:
        super().__init__(account.door, prefix)
        self.sent: list[Any] = []
        self.timeouts: list[Any] = []
        self.urls: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(json.loads(request.body) if request.body else None)
        self.timeouts.append(kwargs.get("timeout"))
        self.urls.append(request.url or "")
        return super().send(request, *args, **kwargs)


def no_sleep(seconds: float) -> None:
    raise AssertionError("the connector must not sleep")


@pytest.fixture
def wire(account: Account) -> Watched:
    return Watched(account)


def connect(account: Account, wire: Watched, **settings: str) -> ZendeskHelpdesk:
    around = Surroundings(now=account.clock, sleep=no_sleep, transports={"zendesk": wire})
    made = CONNECTOR.connect(CONNECTOR.settings.model_validate(SETTINGS | settings), around)
    assert isinstance(made, ZendeskHelpdesk)
    return made


@pytest.fixture
def desk(account: Account, wire: Watched) -> ZendeskHelpdesk:
    account.writes()
    return connect(account, wire)


def note(text: str = "Refunded 18.00 EUR.", **more: Any) -> TicketUpdate:
    return TicketUpdate(ref=REF, about="d1:note", text=text, public=False, **more)


def reply(text: str = "We sent 18.00 EUR back.", **more: Any) -> TicketUpdate:
    return TicketUpdate(ref=REF, about="d1:reply", text=text, public=True, **more)


def key(action: TicketUpdate, send: int = 1) -> Key:
    return Key(operation=operation_id(REF, action, digest), send=send)


def write(desk: ZendeskHelpdesk, action: TicketUpdate) -> UpdateReceipt:
    receipt = desk.perform(action, key(action))
    assert isinstance(receipt, UpdateReceipt)
    return receipt


def asked(account: Account) -> list[str]:
    return [f"{call.method} {call.path.removeprefix('/api/v2/')}" for call in account.door.calls]


def test_connecting_makes_no_call(account: Account, desk: ZendeskHelpdesk) -> None:
    assert asked(account) == []
    assert (desk.vendor, desk.account, desk.production) == ("zendesk", "acme", True)


def test_a_sandbox_account_is_not_production(account: Account, wire: Watched) -> None:
    assert connect(account, wire, ZENDESK_SANDBOX="on").production is False


@pytest.mark.parametrize(("changed", "named"), [
    ({"ZENDESK_API_TOKEN": None}, "ZENDESK_API_TOKEN"),
    ({"ZENDESK_SUBDOMAIN": "acme.evil.example/"}, "ZENDESK_SUBDOMAIN"),
    ({"ZENDESK_URL": "https://acme.evil.example"}, "evil.example"),
    ({"ZENDESK_URL": "http://acme.zendesk.com"}, "http://acme.zendesk.com"),
    ({"ZENDESK_URL": "http://localhost:8000"}, "ZENDESK_URL"),
])
def test_wrong_settings_are_named(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        CONNECTOR.settings.model_validate(SETTINGS | changed)
    assert named in str(wrong.value)
    assert SECRET not in str(wrong.value)


def test_a_stand_in_under_a_path_on_loopback_is_reached_by_zenpy_too(account: Account) -> None:
    account.writes()
    wire = Watched(account, "/zendesk")
    desk = connect(account, wire, ZENDESK_URL="http://127.0.0.1:8000/zendesk")
    assert desk.identities(desk.read(REF).ticket.requester)
    assert write(desk, note()).comment is not None
    assert [url.startswith("http://127.0.0.1:8000/zendesk/api/v2/") for url in wire.urls] == [True] * 3


def test_an_oauth_token_speaks_too(account: Account, wire: Watched) -> None:
    account.writes()
    account.rules.load({"oauth": {"tok": {"email": US}}}, account.clock())
    settings = CONNECTOR.settings.model_validate({"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "tok"})
    desk = CONNECTOR.connect(settings, Surroundings(transports={"zendesk": wire}))
    assert desk.read(REF).ticket.subject == "Charged twice"


def test_one_call_reads_ticket_people_and_everything_that_happened(account: Account, desk: ZendeskHelpdesk) -> None:
    account.clock.forward(seconds=60)
    account.happens("agent_replies", ticket=1, agent=MIA, body="Looking into it.")
    seen = desk.read(REF)
    assert asked(account) == ["GET tickets/1/audits.json"]
    assert (seen.ticket.ref, seen.ticket.channel, seen.ticket.status) == (REF, "email", "new")
    assert [(c.text, c.public) for c in seen.comments()] == [
        ("I was charged twice for order 1042.", True), ("Looking into it.", True)]
    assert [seen.users[e.author].role for e in seen.entries] == [Role.CUSTOMER, Role.AGENT]
    assert seen.entries[1].at == datetime(2026, 11, 21, 4, 1, tzinfo=UTC)
    assert seen.read_at == account.clock()


@pytest.mark.parametrize(("offered", "calls"), [
    (["users"], ["GET tickets/1/audits.json", "GET tickets/1.json"]),
    ([], ["GET tickets/1/audits.json", "GET tickets/1.json", "GET users/show_many.json"]),
])
def test_what_an_account_does_not_side_load_is_read_by_itself(
        account: Account, desk: ZendeskHelpdesk, offered: list[str], calls: list[str]) -> None:
    account.happens("agent_replies", ticket=1, agent=MIA, body="Looking into it.")
    whole = desk.read(REF)
    account.door.calls.clear()
    account.rules.state.audit_sideloads = offered
    assert desk.read(REF) == whole
    assert asked(account) == calls


def test_all_pages_are_read_and_the_link_on_the_last_one_is_not_followed(
        account: Account, desk: ZendeskHelpdesk) -> None:
    for n in range(150):
        account.happens("agent_replies", ticket=1, agent=MIA, body=f"note {n}", public=False)
    assert len(desk.read(REF).entries) == 151
    assert asked(account) == ["GET tickets/1/audits.json"] * 2


def test_ip_addresses_and_places_are_dropped_at_the_door(account: Account, desk: ZendeskHelpdesk) -> None:
    kept = desk.read(REF).model_dump_json()
    assert "ip_address" in json.dumps(account.audits(1))
    for word in ("192.0.2", "Exampleville", "latitude", "ip_address"):
        assert word not in kept


def test_ticket_text_never_reaches_the_log_even_at_debug(
        desk: ZendeskHelpdesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.read(REF)
    write(desk, note("Card of Dana Customer"))
    assert "tickets/1" in caplog.text
    for word in ("charged twice for order", "Dana", SECRET, "192.0.2"):
        assert word not in caplog.text


def test_a_mails_claimed_sender_and_the_flags_ride_along(account: Account, desk: ZendeskHelpdesk) -> None:
    account.writes("Me again", ticket=1, sender="dana@spoofed.example", flags=[0])
    first, second = desk.read(REF).comments()
    assert (first.sender, first.flags, first.trusted) == (DANA, (), None)
    assert (second.sender, second.flags, second.trusted) == ("dana@spoofed.example", ("0",), False)


def test_machine_made_mail_is_marked(account: Account, desk: ZendeskHelpdesk) -> None:
    account.writes("I am out of office", ticket=1, flags=[4])
    assert [one.machine_made for one in desk.read(REF).comments()] == [False, True]


def test_a_strangers_private_note_is_known_as_a_customers(account: Account, desk: ZendeskHelpdesk) -> None:
    account.writes("Send it to my card", email=EVE, ticket=1)
    seen = desk.read(REF)
    said = seen.comments()[1]
    assert (said.public, said.flags, seen.users[said.author].role) == (False, ("2",), Role.CUSTOMER)


def test_assignment_by_rule_trigger_and_routing_is_not_by_hand(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("trigger_assigns", ticket=1, assignee=MIA)
    account.happens("routing_assigns", ticket=1, assignee=US)
    account.happens("agent_sets", ticket=1, agent=MIA, assignee=MIA)
    seen = desk.read(REF)
    made = [(change.by_rule, seen.users[entry.author].role) for entry in seen.entries[1:]
            for change in entry.changes if change.field == "assignee_id"]
    assert made == [(True, Role.SYSTEM), (True, Role.SYSTEM), (False, Role.AGENT)]


def test_a_trigger_inside_the_customers_own_entry_counts_as_a_rule(account: Account, wire: Watched) -> None:
    account.rules.load({"triggers": [{"kind": "assign_on_create", "assignee": MIA}]}, account.clock())
    account.writes()
    [entry] = connect(account, wire).read(REF).entries
    by_rule = {change.field: change.by_rule for change in entry.changes}
    assert (by_rule["subject"], by_rule["assignee_id"]) == (False, True)


def test_ids_in_audit_events_are_text_and_tags_are_joined(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("agent_sets", ticket=1, agent=MIA, assignee=MIA, tags=["vip", "billing"])
    changes = {change.field: change.value for change in desk.read(REF).entries[-1].changes}
    assert (changes["assignee_id"], changes["tags"]) == (str(account.id_of(MIA)), "billing vip")


def test_ccs_fields_brand_form_and_group_are_read(account: Account, wire: Watched) -> None:
    account.writes(ccs=[EVE], custom_fields={"Order number": "1042"}, group="Finance", tags=["billing"])
    seen, state = connect(account, wire).read(REF), account.rules.state
    assert seen.ticket.ccs == (str(account.id_of(EVE)),)
    assert seen.users[seen.ticket.ccs[0]].role is Role.CUSTOMER
    assert seen.ticket.fields == {str(state.ticket_field("Order number")): "1042"}
    assert (seen.ticket.group, seen.ticket.brand) == (str(state.group("Finance")), str(state.brand(None)))


def test_merged_and_side_conversation_tickets_are_known(account: Account, desk: ZendeskHelpdesk) -> None:
    account.writes(subject="Again", channel="side_conversation")
    account.happens("merge", ticket=1, into=2)
    assert (desk.read(REF).ticket.merged, desk.read(REF).ticket.status) == (True, "closed")
    other = desk.read("zendesk:acme:2").ticket
    assert (other.merged, other.side_conversation) == (False, True)


def test_a_suspended_requester_is_shown_as_suspended(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("suspend_user", email=DANA)
    requester = desk.read(REF).requester()
    assert requester is not None
    assert requester.suspended is True


def test_an_author_zendesk_no_longer_knows_is_nobody(account: Account, desk: ZendeskHelpdesk) -> None:
    account.writes("hello", email=EVE, ticket=1)
    gone = account.id_of(EVE)
    del account.rules.state.users[gone]
    seen = desk.read(REF)
    assert (seen.users[str(gone)].role, seen.users[str(gone)].active) == (Role.SYSTEM, False)


@pytest.mark.parametrize("ref", ["zendesk:other:1", "salesforce:acme:1", "zendesk:acme:../users", "1"])
def test_a_ticket_of_another_account_is_never_asked_for(account: Account, desk: ZendeskHelpdesk, ref: str) -> None:
    with pytest.raises(NotFound):
        desk.read(ref)
    assert asked(account) == []


def test_a_deleted_ticket_is_not_found(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("delete", ticket=1)
    with pytest.raises(NotFound):
        desk.read(REF)


def test_identities_tell_how_each_address_was_verified(account: Account, desk: ZendeskHelpdesk) -> None:
    known = desk.identities(str(account.id_of(DANA)))
    assert [(one.value, one.verification) for one in known] == [(DANA, "full"), ("dana@other.example", "none")]
    assert known[0].verified_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_cached_identities_and_tickets_are_never_used(account: Account, desk: ZendeskHelpdesk) -> None:
    user = str(account.id_of(DANA))
    account.rules.state.identities[int(user)][0]["id"] = int(user)  # zenpy looks identities up by the user's number
    assert desk.identities(user)[0].verification == "full"
    account.rules.state.identities[int(user)][0]["verification_method"] = "none"
    account.happens("agent_sets", ticket=1, agent=MIA, priority="high")
    assert desk.identities(user)[0].verification == "none"
    assert desk.read(REF).ticket.priority == "high"


def test_a_note_leaves_one_note_with_our_mark(account: Account, desk: ZendeskHelpdesk) -> None:
    receipt = write(desk, note(add_tags=("deskhand",), status="pending"))
    book = account.book(1)
    assert [one["body"] for one in book["notes"]] == ["Refunded 18.00 EUR."]
    assert (book["tags"], book["status"], book["ops"]) == (["deskhand"], "pending", [receipt.operation])
    assert (receipt.comment, receipt.public, receipt.notified) == (str(book["notes"][0]["id"]), False, False)
    assert receipt.request_id is not None
    assert receipt.request_id.startswith("zd-")


def test_our_own_update_is_recognised_when_read_again(desk: ZendeskHelpdesk) -> None:
    receipt = write(desk, note())
    assert [entry.operation for entry in desk.read(REF).entries] == [None, receipt.operation]


def test_a_customer_cannot_pass_as_us_by_sending_an_operation_id(account: Account, desk: ZendeskHelpdesk) -> None:
    audit = json.loads(account.rules.state.tickets[1].audits[0])
    audit["metadata"]["custom"] = {"deskhand_op": key(note()).operation}
    account.rules.state.tickets[1].audits[0] = json.dumps(audit)
    assert desk.read(REF).entries[0].operation is None
    assert desk.find(note(), key(note())) is None


@pytest.mark.parametrize("action", [note(), reply()])
def test_public_is_always_sent(wire: Watched, desk: ZendeskHelpdesk, action: TicketUpdate) -> None:
    write(desk, action)
    assert wire.sent[-1]["ticket"]["comment"]["public"] is action.public


def test_public_false_is_always_sent(account: Account, desk: ZendeskHelpdesk) -> None:
    write(desk, note())
    assert (len(account.book(1)["notes"]), account.book(1)["replies"]) == (1, [])


def test_a_comment_shows_the_text_as_it_is_not_as_markdown_or_html(account: Account, desk: ZendeskHelpdesk) -> None:
    text = "Customer wrote:\n<img src=x> **urgent** ![x](https://evil.example/p.png)\n\nDone & closed."
    write(desk, note(text))
    [event] = [one for one in account.audits(1)[-1]["events"] if one["type"] == "Comment"]
    assert event["body"] == text
    assert "<img" not in event["html_body"]
    assert "&lt;img src=x&gt;" in event["html_body"]


def test_tags_are_adjusted_and_never_replaced(account: Account, wire: Watched) -> None:
    account.writes(tags=["billing", "waiting"])
    write(connect(account, wire), note(add_tags=("deskhand",), remove_tags=("waiting",)))
    assert account.book(1)["tags"] == ["billing", "deskhand"]
    assert "tags" not in wire.sent[-1]["ticket"]


def test_group_assignee_priority_and_form_stay_untouched(account: Account, wire: Watched) -> None:
    account.writes(group="Finance", priority="high")
    before = account.ask("GET", "tickets/1.json").json()["ticket"]
    write(connect(account, wire), reply(status="pending"))
    after = account.ask("GET", "tickets/1.json").json()["ticket"]
    for field in ("group_id", "assignee_id", "priority", "ticket_form_id", "brand_id", "requester_id"):
        assert after[field] == before[field]
    assert wire.sent[-1]["ticket"].keys() == {"id", "comment", "metadata", "status"}


def test_told_means_the_requester_was_notified_by_a_trigger(account: Account, desk: ZendeskHelpdesk) -> None:
    assert write(desk, reply()).notified is True
    account.rules.state.triggers = []
    later = reply("And again.")
    assert write(desk, later).notified is False


def test_a_notification_to_requester_and_ccs_counts_as_told(account: Account, wire: Watched) -> None:
    account.rules.load({"triggers": [{"kind": "notify_requester_and_ccs_on_public_comment"}]}, account.clock())
    account.writes(ccs=[EVE])
    assert write(connect(account, wire), reply()).notified is True
    account.happens("suspend_user", email=DANA)
    assert write(connect(account, wire), reply("To the CCs only")).notified is False


def test_a_mail_about_the_new_status_does_not_mean_that_our_words_were_told(account: Account, wire: Watched) -> None:
    account.rules.load({"triggers": [{"kind": "notify_requester_on_status"}]}, account.clock())
    account.writes()
    desk = connect(account, wire)
    receipt = write(desk, note(status="pending"))
    assert desk.read(REF).entries[-1].notified == (str(account.id_of(DANA)),)
    assert receipt.notified is False


def test_a_reply_kept_private_because_we_may_not_speak_in_public_is_not_told(
        account: Account, desk: ZendeskHelpdesk) -> None:
    account.rules.state.users[account.id_of(US)]["only_private_comments"] = True
    receipt = write(desk, reply())
    assert (receipt.public, receipt.notified) == (False, False)
    assert desk.find(reply(), key(reply())) is not None


def test_a_confirmed_update_without_our_comment_is_an_unknown_outcome(account: Account) -> None:
    class Forgetful(Watched):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            answer = super().send(request, *args, **kwargs)
            answer._content = answer.content.replace(b'"type": "Comment"', b'"type": "Other"')
            return answer

    account.writes()
    with pytest.raises(OutcomeUnknown, match="without our comment"):
        write(connect(account, Forgetful(account)), note())


def test_a_note_without_text_only_sets_tags_and_status(account: Account, desk: ZendeskHelpdesk) -> None:
    receipt = write(desk, note("", add_tags=("deskhand",), status="open"))
    assert (receipt.comment, account.book(1)["tags"], account.book(1)["notes"]) == (None, ["deskhand"], [])


def test_a_reply_and_a_note_are_two_updates_each_with_its_own_mark(account: Account, desk: ZendeskHelpdesk) -> None:
    told, noted = write(desk, reply()), write(desk, note())
    assert account.book(1)["ops"] == [told.operation, noted.operation]
    assert told.operation != noted.operation


def test_a_change_since_the_read_is_a_conflict_and_nothing_is_written(
        account: Account, desk: ZendeskHelpdesk) -> None:
    seen = desk.read(REF).ticket.updated_at
    account.clock.forward(seconds=1)
    account.happens("agent_replies", ticket=1, agent=MIA, body="I take this one.")
    with pytest.raises(Conflict):
        write(desk, note(unless_changed_since=seen))
    assert account.book(1)["updates"] == 0


def test_a_guarded_update_sends_its_stamp_as_text_with_time_and_passes(
        account: Account, wire: Watched, desk: ZendeskHelpdesk) -> None:
    seen = desk.read(REF).ticket.updated_at
    first = write(desk, reply(unless_changed_since=seen))
    write(desk, note(unless_changed_since=first.updated_at))
    assert wire.sent[-1]["ticket"]["updated_stamp"] == "2026-11-21T04:00:00Z"
    assert account.book(1)["updates"] == 2


def test_a_change_within_the_same_second_is_not_refused_but_stands_in_the_entries(
        account: Account, desk: ZendeskHelpdesk) -> None:
    seen = desk.read(REF)
    account.happens("agent_replies", ticket=1, agent=MIA, body="I take this one.")
    receipt = write(desk, note(unless_changed_since=seen.ticket.updated_at))
    new = [entry.operation for entry in desk.read(REF).entries[len(seen.entries):]]
    assert new == [None, receipt.operation]


def test_a_closed_ticket_rejects_with_zendesks_reason(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("agent_sets", ticket=1, agent=MIA, status="closed")
    with pytest.raises(Rejected, match="closed prevents ticket update") as caught:
        write(desk, note())
    assert caught.value.plain == "Zendesk answered 422: RecordInvalid"


def test_solving_without_an_assignee_is_rejected_naming_what_is_missing(
        account: Account, desk: ZendeskHelpdesk) -> None:
    with pytest.raises(Rejected, match="Assignee: is required when solving a ticket"):
        write(desk, reply(status="solved"))
    assert account.book(1)["replies"] == []


def test_a_ticket_deleted_meanwhile_rejects(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("delete", ticket=1)
    with pytest.raises(NotFound):
        write(desk, note())
    assert desk.find(note(), key(note())) is None


def once_looked_for(desk: ZendeskHelpdesk, action: TicketUpdate) -> UpdateReceipt:
    """What the engine does after an unknown outcome: look, and send only what is not there."""
    found = desk.find(action, key(action))
    assert found is None or isinstance(found, UpdateReceipt)
    return found or write(desk, action)


@pytest.mark.parametrize("fault", [
    "reset_before", "reset_after", "timeout_before", "timeout_after", "500_before", "500_after", "503",
    "malformed_200", "truncated_200", "html_200", "empty_200"])
def test_a_dropped_connection_during_the_note_leaves_one_note(
        account: Account, desk: ZendeskHelpdesk, fault: str) -> None:
    account.door.faults.append(Fault(fault, method="PUT"))
    with pytest.raises(OutcomeUnknown):
        write(desk, note())
    assert asked(account) == ["PUT tickets/1.json"]
    receipt = once_looked_for(desk, note())
    assert [str(one["id"]) for one in account.book(1)["notes"]] == [receipt.comment]


def test_the_receipt_found_later_is_the_one_that_was_lost(account: Account, desk: ZendeskHelpdesk) -> None:
    sent = write(desk, reply())
    account.clock.forward(hours=1)
    found = desk.find(reply(), key(reply()))
    assert isinstance(found, UpdateReceipt)
    assert found.model_copy(update={"request_id": sent.request_id}) == sent


def test_our_mark_is_found_behind_more_than_one_page(account: Account, desk: ZendeskHelpdesk) -> None:
    for n in range(120):
        account.happens("agent_replies", ticket=1, agent=MIA, body=f"note {n}", public=False)
    sent = write(desk, note())
    found = desk.find(note(), key(note()))
    assert isinstance(found, UpdateReceipt)
    assert found.entry == sent.entry


def test_200_but_nothing_done_is_noticed_by_the_read_back(account: Account, desk: ZendeskHelpdesk) -> None:
    account.door.faults.append(Fault("phantom_200", method="PUT"))
    receipt = write(desk, reply())
    with pytest.raises(OutcomeUnknown):
        desk.read_back(reply(), receipt)
    assert account.book(1)["replies"] == []


def test_the_read_back_says_who_was_notified_by_now(desk: ZendeskHelpdesk) -> None:
    receipt = write(desk, reply())
    found = desk.read_back(reply(), receipt.model_copy(update={"notified": False}))
    assert isinstance(found, UpdateReceipt)
    assert found.notified is True


LIST = r"/audits\.json"


def test_what_was_confirmed_is_read_back_by_its_id_while_the_list_lags(account: Account, desk: ZendeskHelpdesk) -> None:
    account.door.faults.append(Fault("stale_read", method="GET", path=LIST))
    receipt = write(desk, reply())
    assert desk.read_back(reply(), receipt) == receipt.model_copy(update={"request_id": None})
    assert asked(account)[1:] == [f"GET tickets/1/audits/{receipt.entry}.json", "GET tickets/1.json",
                                  "GET users/show_many.json"]


@pytest.mark.parametrize("entry", ["1", "../../users/me", ""])
def test_what_is_no_audit_of_the_ticket_is_not_read_back(
        account: Account, desk: ZendeskHelpdesk, entry: str) -> None:
    receipt = write(desk, reply())
    with pytest.raises(OutcomeUnknown, match="does not hold"):
        desk.read_back(reply(), receipt.model_copy(update={"entry": entry}))


def test_another_operations_update_is_not_read_back(desk: ZendeskHelpdesk) -> None:
    receipt, other = write(desk, note("One.")), write(desk, note("Two."))
    with pytest.raises(OutcomeUnknown, match="does not hold"):
        desk.read_back(note("One."), other.model_copy(update={"operation": key(reply()).operation}))
    assert receipt.entry != other.entry


@pytest.mark.parametrize("action", [note(), reply()], ids=["note", "reply"])
def test_a_lost_update_is_found_by_its_comment_while_the_list_of_audits_lags(
        account: Account, desk: ZendeskHelpdesk, action: TicketUpdate) -> None:
    account.door.faults += [Fault("timeout_after", method="PUT"), Fault("stale_read", method="GET", path=LIST)]
    with pytest.raises(OutcomeUnknown):
        write(desk, action)
    lagging = desk.find(action, key(action))
    assert lagging is not None
    assert lagging == desk.find(action, key(action))


def test_what_was_not_written_is_not_found_while_the_list_lacks_another_comment(
        account: Account, desk: ZendeskHelpdesk) -> None:
    account.door.faults.append(Fault("stale_read", method="GET", path=LIST))
    write(desk, reply())
    assert desk.find(note(), key(note())) is None


def test_while_both_lists_lag_nobody_knows_whether_a_lost_update_was_written(
        account: Account, desk: ZendeskHelpdesk) -> None:
    account.door.faults += [Fault("timeout_after", method="PUT"), Fault("stale_read", method="GET", path=LIST),
                            Fault("stale_read", method="GET", path=r"/comments\.json")]
    with pytest.raises(OutcomeUnknown):
        write(desk, note())
    with pytest.raises(Unavailable, match="lists 1 of the ticket's 2 comments"):
        desk.find(note(), key(note()))


@pytest.mark.parametrize("hidden", [r"/audits/\d+", r"/comments\.json", r"/tickets/1\.json"])
def test_a_404_of_anything_but_the_list_of_audits_does_not_mean_that_the_ticket_is_gone(
        account: Account, desk: ZendeskHelpdesk, hidden: str) -> None:
    account.door.faults += [Fault("timeout_after", method="PUT"), Fault("stale_read", method="GET", path=LIST),
                            Fault("404", method="GET", path=hidden)]
    with pytest.raises(OutcomeUnknown):
        write(desk, note())
    with pytest.raises(Unavailable, match="not show all of the ticket yet") as lagging:
        desk.find(note(), key(note()))
    assert (lagging.value.reason, lagging.value.lasting) == ("lagging", False)


def shows_what_stands_now(account: Account) -> None:
    account.door._stale = copy.deepcopy(account.rules.state)
    account.door.faults.append(Fault("stale_read", method="GET", path=LIST))
    account.clock.forward(minutes=1)


def test_what_was_said_up_to_a_moment_is_read_although_the_list_lacks_it(
        account: Account, desk: ZendeskHelpdesk) -> None:
    shows_what_stands_now(account)
    account.writes("Any news?", ticket=1)
    account.happens("agent_sets", ticket=1, agent=MIA, tags=["vip"])
    seen = desk.read(REF, upto=account.clock())
    assert seen.comments()[-1].text == "Any news?"
    assert seen.ticket.tags == ("vip",)


def test_a_ticket_that_is_not_listed_yet_is_read_by_its_comments(account: Account, desk: ZendeskHelpdesk) -> None:
    shows_what_stands_now(account)
    ticket = account.writes("Hello?")
    assert desk.read(f"zendesk:acme:{ticket}", upto=account.clock()).comments()[-1].text == "Hello?"


@pytest.mark.parametrize(("later", "calls"), [(0, 1), (2, 1), (3, 2)])
def test_only_where_nothing_is_as_new_as_the_moment_is_the_ticket_asked_for_its_count(
        account: Account, desk: ZendeskHelpdesk, later: int, calls: int) -> None:
    desk.read(REF, upto=account.clock() + timedelta(seconds=later))
    assert asked(account) == ["GET tickets/1/audits.json", "GET tickets/1.json"][:calls]


def test_a_deleted_ticket_is_not_found_up_to_any_moment(account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("delete", ticket=1)
    with pytest.raises(NotFound):
        desk.read(REF, upto=account.clock())


@pytest.mark.parametrize("lost", ["timeout_after", "timeout_before"])
def test_a_ticket_that_counts_no_comments_is_looked_through_by_its_comments(
        account: Account, desk: ZendeskHelpdesk, lost: str) -> None:
    account.rules.state.counts_comments = False
    account.door.faults += [Fault(lost, method="PUT"), Fault("stale_read", method="GET", path=LIST)]
    with pytest.raises(OutcomeUnknown):
        write(desk, note())
    assert (desk.find(note(), key(note())) is not None) == (lost == "timeout_after")
    assert "GET tickets/1/comments.json" in asked(account)


def signed_as_ours(account: Account, action: TicketUpdate) -> str:
    """Eve writes into Dana's ticket, and her audit bears the id of our operation."""
    account.writes("All done!", email=EVE, ticket=1)
    kept = account.rules.state.tickets[1].audits
    audit = json.loads(kept[-1])
    audit["metadata"]["custom"] = {"deskhand_op": key(action).operation}
    kept[-1] = json.dumps(audit)
    return str(audit["id"])


@pytest.mark.parametrize("listed", ["lagging", "without users"])
def test_a_strangers_audit_that_bears_our_operation_is_not_ours(
        account: Account, desk: ZendeskHelpdesk, listed: str) -> None:
    before = account.rules.state.tickets[1].audits[:]
    signed_as_ours(account, note())
    if listed == "lagging":
        account.door._stale = copy.deepcopy(account.rules.state)
        account.door._stale.tickets[1].audits[:] = before
        account.door.faults.append(Fault("stale_read", method="GET", path=LIST))
    else:
        account.rules.state.audit_sideloads = []
    assert desk.find(note(), key(note())) is None
    assert asked(account)[-1] == "GET users/show_many.json"


def test_a_strangers_audit_is_not_read_back_as_ours(account: Account, desk: ZendeskHelpdesk) -> None:
    receipt = write(desk, reply())
    theirs = signed_as_ours(account, reply())
    said = json.loads(account.rules.state.tickets[1].audits[-1])["events"][0]
    claimed = receipt.model_copy(update={"entry": theirs, "comment": str(said["id"]), "public": said["public"]})
    with pytest.raises(OutcomeUnknown, match="does not hold"):
        desk.read_back(reply(), claimed)


def test_an_update_that_was_not_written_is_not_found_where_all_comments_are_listed(
        account: Account, desk: ZendeskHelpdesk) -> None:
    account.happens("agent_replies", ticket=1, agent=MIA, body="Looking into it.")
    assert desk.find(note(), key(note())) is None
    assert asked(account) == ["GET tickets/1/audits.json", "GET tickets/1.json"]


@pytest.mark.parametrize("fault", [
    "reset_before", "timeout_before", "500_before", "503", "malformed_200", "truncated_200", "html_200", "empty_200"])
def test_a_read_that_fails_says_unavailable_after_one_try(account: Account, desk: ZendeskHelpdesk, fault: str) -> None:
    account.door.faults.append(Fault(fault, method="GET"))
    with pytest.raises(Unavailable) as away:
        desk.read(REF)
    assert (away.value.lasting, len(account.door.calls)) == (False, 1)


@pytest.mark.parametrize("call", ["read", "write", "identities"])
def test_429_with_retry_after_is_obeyed(account: Account, desk: ZendeskHelpdesk, call: str) -> None:
    account.door.faults.append(Fault("429", params={"retry_after": 21}))
    doing: dict[str, Callable[[], object]] = {
        "read": lambda: desk.read(REF), "write": lambda: write(desk, note()),
        "identities": lambda: desk.identities(str(account.id_of(DANA)))}
    with pytest.raises(Unavailable) as limited:
        doing[call]()
    assert (limited.value.retry_after, limited.value.lasting, len(account.door.calls)) == (21.0, False, 1)
    assert account.book(1)["updates"] == 0


def test_the_thirty_first_update_of_a_ticket_waits_as_long_as_zendesk_says(
        account: Account, desk: ZendeskHelpdesk) -> None:
    account.rules.load({"limits": {"per_ticket": 1}}, account.clock())
    write(desk, reply())
    with pytest.raises(Unavailable) as limited:
        write(desk, note())
    assert limited.value.retry_after is not None
    account.clock.forward(seconds=limited.value.retry_after)
    assert write(desk, note()).comment is not None


def test_lost_credentials_are_lasting_and_surely_did_nothing(account: Account, desk: ZendeskHelpdesk) -> None:
    account.door.faults.append(Fault("auth_lost", times=2))
    calls: list[Callable[[], object]] = [lambda: desk.read(REF), lambda: write(desk, note())]
    for call in calls:
        with pytest.raises(Unavailable) as lost:
            call()
        assert lost.value.lasting is True


def test_a_missing_scope_is_lasting_for_reads(account: Account, wire: Watched) -> None:
    account.writes()
    account.rules.load({"oauth": {"tok": {"email": US, "scopes": ["tickets:read"]}}}, account.clock())
    settings = CONNECTOR.settings.model_validate({"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "tok"})
    with pytest.raises(Unavailable, match="missing the following required scopes") as refused:
        CONNECTOR.connect(settings, Surroundings(transports={"zendesk": wire})).read(REF)
    assert refused.value.lasting is True


def test_no_permission_for_a_ticket_rejects_the_write(account: Account, desk: ZendeskHelpdesk) -> None:
    account.door.faults.append(Fault("403", method="PUT"))
    with pytest.raises(Rejected, match="You do not have access"):
        write(desk, note())


def test_every_call_is_bounded_in_time(wire: Watched, desk: ZendeskHelpdesk) -> None:
    desk.identities(desk.read(REF).ticket.requester)
    write(desk, note())
    assert wire.timeouts == [(CONNECT, READ)] * 3


def test_a_refused_connection_means_nothing_was_sent(account: Account) -> None:
    settings = CONNECTOR.settings.model_validate(SETTINGS | {"ZENDESK_URL": "http://127.0.0.1:1"})
    desk = CONNECTOR.connect(settings, Surroundings())
    with pytest.raises(Unavailable):
        desk.perform(note(), key(note()))


def test_sixteen_threads_share_one_connector(account: Account, desk: ZendeskHelpdesk) -> None:
    for _ in range(15):
        account.writes()

    def work(number: int) -> Conversation:
        action = TicketUpdate(ref=f"zendesk:acme:{number}", about="d", text=f"note {number}", public=False)
        for _ in range(5):
            desk.identities(desk.read(action.ref).ticket.requester)
        desk.perform(action, Key(operation=operation_id(action.ref, action, digest)))
        return desk.read(action.ref)

    with ThreadPoolExecutor(16) as threads:
        seen = list(threads.map(work, range(1, 17)))
    assert [one.comments()[-1].text for one in seen] == [f"note {n}" for n in range(1, 17)]
    assert [len(account.book(n)["notes"]) for n in range(1, 17)] == [1] * 16


def test_each_thread_has_its_own_client(account: Account, wire: Watched) -> None:
    client = Client(ZendeskSettings.model_validate(SETTINGS), Surroundings(transports={"zendesk": wire}))
    with ThreadPoolExecutor(1) as other:
        assert other.submit(client.zenpy).result() is not client.zenpy()
    assert client.zenpy() is client.zenpy()


def test_a_comment_made_private_later_is_read_as_private(account: Account, desk: ZendeskHelpdesk) -> None:
    account.clock.forward(seconds=1)
    audit = account.audits(1)[0]
    first = audit["events"][0]["id"]
    hidden = audit | {"id": audit["id"] + 900, "events": [
        {"id": 5, "type": "CommentPrivacyChange", "comment_id": first, "public": False}]}
    account.rules.state.tickets[1].audits.append(json.dumps(hidden))
    assert desk.read(REF).comments()[0].public is False


def test_unknown_events_and_odd_values_are_read_over(account: Account, desk: ZendeskHelpdesk) -> None:
    audit = account.audits(1)[0]
    odd = audit | {"id": audit["id"] + 900, "metadata": {"system": {}, "custom": ["?"], "flags": None}, "events": [
        {"id": 5, "type": "SkillAssigned", "value": {"a": 1}, "recipients": {"email": "x"}},
        {"id": 6, "type": "Change", "field_name": "first_reply_time", "value": {"minutes": 1440}}]}
    account.rules.state.tickets[1].audits.append(json.dumps(odd))
    assert [change.value for change in desk.read(REF).entries[1].changes] == ['{"minutes": 1440}']


def test_read_at_is_the_moment_before_asking(account: Account, desk: ZendeskHelpdesk) -> None:
    asked_at = account.clock()
    def pass_time(seconds: float) -> None:
        account.clock.forward(seconds=seconds)

    account.door.latency, account.door.wait = 1.0, pass_time
    assert desk.read(REF).read_at == asked_at
    assert account.clock() - asked_at == timedelta(seconds=1)


def everything(desk: ZendeskHelpdesk, since: datetime, until: datetime) -> list[str]:
    page = desk.past(since, until)
    seen = list(page.refs)
    while not page.last:
        page = desk.past(since, until, after=page.after)
        seen += page.refs
    return seen


def test_past_tickets_come_by_their_latest_change_without_deleted_and_newer_ones(
        account: Account, desk: ZendeskHelpdesk) -> None:
    since = account.clock()
    for _ in range(3):
        account.clock.forward(hours=1)
        account.writes()
    until = account.clock.forward(hours=1)
    account.writes()
    account.happens("delete", ticket=3)
    account.happens("agent_replies", ticket=2, agent=MIA, body="On its way.")
    account.clock.forward(minutes=2)
    assert everything(desk, since, until) == ["zendesk:acme:1", "zendesk:acme:4", "zendesk:acme:2"]
    assert everything(desk, since + timedelta(minutes=150), until) == ["zendesk:acme:4", "zendesk:acme:2"]


def test_a_later_look_at_the_past_goes_on_where_the_last_one_ended(account: Account, desk: ZendeskHelpdesk) -> None:
    since = account.clock()
    account.clock.forward(minutes=2)
    ended = desk.past(since, account.clock())
    account.writes()
    account.clock.forward(minutes=2)
    assert ended.last
    assert desk.past(since, account.clock(), after=ended.after).refs == ("zendesk:acme:2",)


def test_changes_come_with_what_tells_whether_a_ticket_is_ours(account: Account, desk: ZendeskHelpdesk) -> None:
    since = account.clock()
    account.writes(tags=["vip"], channel="web")
    account.clock.forward(hours=1)
    account.happens("delete", ticket=1)
    account.clock.forward(minutes=2)
    page = desk.changed_since(since)
    assert [(one.id, one.status) for one in page.tickets] == [("2", "new"), ("1", "deleted")]
    assert (page.tickets[0].tags, page.tickets[0].channel) == (("vip",), "web")
    assert page.tickets[0] == desk.read("zendesk:acme:2").ticket
    assert (page.last, page.upto) == (True, account.clock() - timedelta(minutes=2))


def test_changes_go_on_from_a_cursor_page_by_page(account: Account, desk: ZendeskHelpdesk) -> None:
    since = account.clock()
    for _ in range(2):
        account.writes()
    account.clock.forward(minutes=2)
    first = desk.changed_since(since, most=2)
    second = desk.changed_since(since, after=first.after, most=2)
    assert [[one.id for one in page.tickets] for page in (first, second)] == [["1", "2"], ["3"]]
    assert (first.last, second.last) == (False, True)
    assert desk.changed_since(since, after=second.after).tickets == ()


def test_changes_since_a_moment_ago_are_asked_for_as_zendesk_allows(account: Account, desk: ZendeskHelpdesk) -> None:
    assert desk.changed_since(account.clock()).last


def test_a_cursor_that_zendesk_does_not_know_is_rejected(account: Account, desk: ZendeskHelpdesk) -> None:
    with pytest.raises(Rejected):
        desk.changed_since(account.clock(), after="forgotten")


def test_an_exported_ticket_of_which_little_is_left_is_listed(account: Account) -> None:
    class Scrubbed(Watched):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            answer = super().send(request, *args, **kwargs)
            body = answer.json()
            kept = ("id", "status", "created_at", "updated_at")
            body["tickets"] = [{"tags": None, "via": None, **{name: one[name] for name in kept}}
                               for one in body["tickets"]]
            answer._content = json.dumps(body).encode()
            return answer

    since = account.clock()
    account.writes()
    account.clock.forward(minutes=2)
    [ticket] = connect(account, Scrubbed(account)).changed_since(since).tickets
    assert (ticket.ref, ticket.channel, ticket.tags) == (REF, "unknown", ())


def test_an_exhausted_export_says_how_long_to_wait(account: Account, desk: ZendeskHelpdesk) -> None:
    since = account.clock()
    for _ in range(10):
        desk.past(since, since)
    with pytest.raises(Unavailable) as away:
        desk.past(since, since)
    assert away.value.retry_after == 60


def test_an_export_that_does_not_go_on_is_not_asked_for_ever(account: Account) -> None:
    class Endless(Watched):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            answer = super().send(request, *args, **kwargs)
            answer._content = answer.content.replace(b'"end_of_stream": true', b'"end_of_stream": false')
            return answer

    desk, since = connect(account, Endless(account)), account.clock()
    cursor = desk.past(since, since).after
    assert cursor
    with pytest.raises(Unavailable, match="does not go on"):
        desk.past(since, since, after=cursor)


def test_a_ticket_is_opened_in_the_agents_view(desk: ZendeskHelpdesk) -> None:
    assert desk.link(REF) == "https://acme.zendesk.com/agent/tickets/1"
