"""Reading a case: one call gives who asks, what was said and who changed what, and unknown is never nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent import scope
from agent.desk import Scope
from connectors.contract import Change, Conversation, Entry, NotFound, Role, Surroundings, Unavailable
from connectors.salesforce import history, mail
from connectors.salesforce.helpdesk import SalesforceHelpdesk
from connectors.salesforce.rows import MailRow
from connectors.salesforce.settings import SalesforceSettings
from tests.connectors.salesforce.acme import ANNA, NOW
from tests.connectors.salesforce.service import ORG, REPLY_KEY, SETTINGS, Service, note, reply, service

KIM = "kim@acme.example"


def said(conversation: Conversation) -> list[tuple[str, str, bool]]:
    """Name of the author, text, and whether the customer sees it, for each message."""
    return [(conversation.users[one.author].name, one.text, one.public) for one in conversation.comments()]


def looked(at: Service, ref: str, seen: str | None = None) -> str | None:
    return scope.look(at.read(ref), Scope(), seen).silence


def changes(conversation: Conversation) -> list[Change]:
    return [change for entry in conversation.entries for change in entry.changes]


def test_a_customers_mail_is_a_case_with_one_message_read_in_one_call() -> None:
    at = service()
    ref = at.case()
    seen = at.read(ref)
    assert at.calls() == ["POST composite"]
    assert said(seen) == [("Anna Beck", "Please refund one.", True)]
    ticket = seen.ticket
    assert (ticket.ref, ticket.id, ticket.subject) == (ref, "00001001", "Charged twice")
    assert (ticket.status, ticket.channel, ticket.priority, ticket.requester) == ("new", "email", "normal", ANNA)
    requester = seen.requester()
    assert requester is not None
    assert (requester.email, requester.role) == ("anna@example.com", Role.CUSTOMER)
    (message,) = seen.comments()
    assert (message.channel, message.sender, message.flags, message.trusted) == ("email", "anna@example.com", (), None)


def test_the_agent_sees_a_new_message_and_nobody_on_it() -> None:
    at = service()
    look = scope.look(at.read(at.case()), Scope(), None)
    assert (look.silence, [one.text for one in look.new]) == (None, ["Please refund one."])


def test_whoever_has_no_contact_is_known_by_the_address_of_the_web_form() -> None:
    at = service()
    seen = at.read(at.case(email="New@Example.com", name="Nora New", channel="web"))
    requester = seen.requester()
    assert requester is not None
    assert (requester.id, requester.name, requester.email) == ("new@example.com", "Nora New", "New@Example.com")
    assert said(seen) == [("Nora New", "Please refund one.", True)]
    assert seen.ticket.channel == "web"
    assert [one.value for one in at.helpdesk.identities(requester.id)] == ["new@example.com"]


def test_a_person_account_asks_as_its_contact() -> None:
    at = service({"person_accounts": True, "contacts": [], "accounts": [
        {"FirstName": "Pia", "LastName": "Person", "IsPersonAccount": True, "PersonEmail": "pia@example.com"}]})
    requester = at.read(at.case(email="pia@example.com")).requester()
    assert requester is not None
    assert (requester.name, requester.email, requester.id[:3]) == ("Pia Person", "pia@example.com", "003")


def test_a_person_account_without_its_contact_on_the_case_is_read_itself() -> None:
    at = service({"person_accounts": True, "contacts": [], "accounts": [
        {"FirstName": "Pia", "LastName": "Person", "IsPersonAccount": True, "PersonEmail": "pia@example.com"}]})
    ref = at.case(email="pia@example.com")
    row = at.row(ref)
    pia = next(one for one in at.rows("Account") if one.get("IsPersonAccount"))
    at.rules.state.put("Case", {**row, "ContactId": None, "SuppliedEmail": None, "SuppliedName": None,
                                "AccountId": pia["Id"]})
    requester = at.read(ref).requester()
    assert requester is not None
    assert (requester.id, requester.email) == (pia["Id"], "pia@example.com")


def test_a_contact_that_is_gone_or_not_shared_is_known_by_what_the_case_says() -> None:
    at = service()
    ref = at.case()
    at.does("delete", id=ANNA)
    requester = at.read(ref).requester()
    assert requester is not None
    assert (requester.id, requester.email) == (ANNA, "anna@example.com")
    assert looked(at, ref) is None


def test_identities_take_no_call_and_verify_nothing() -> None:
    at = service()
    at.read(at.case())
    before = len(at.calls())
    (identity,) = at.helpdesk.identities(ANNA)
    assert (identity.value, identity.verification, identity.verified_at) == ("anna@example.com", "none", None)
    assert at.helpdesk.identities("0035e00000000ZZAAI") == ()
    assert len(at.calls()) == before


def test_the_description_is_not_said_twice_where_a_mail_made_the_case() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=1)
    at.does("customer_writes", email="anna@example.com", body="Any news?", ticket=ref.rpartition(":")[2])
    assert [text for _, text, _ in said(at.read(ref))] == ["Please refund one.", "Any news?"]


@pytest.mark.parametrize(("headers", "body"), [
    ({"Auto-Submitted": "auto-replied"}, "I am away until Monday. You wrote: Please refund one."),
    ({}, "Oh, and it is urgent."), ({}, "")], ids=["out of office", "another mail", "an empty mail"])
def test_what_a_web_form_said_is_read_though_a_mail_came_a_moment_later(headers: dict[str, str], body: str) -> None:
    at = service()
    ref = at.case(channel="web")
    at.time.on(seconds=20)
    at.does("customer_writes", email="anna@example.com", body=body, headers=headers, ticket=ref.rpartition(":")[2])
    seen = at.read(ref)
    assert [(comment.text, comment.channel, comment.machine_made) for comment in seen.comments()] == [
        ("Please refund one.", "web", False), (body, "email", bool(headers))]
    assert looked(at, ref) is None


@pytest.mark.parametrize("description", ["Please refund  one.\r\n\r\nAnna", "Please refund one. An"])
def test_a_description_that_repeats_a_mail_in_its_own_layout_or_in_part_is_the_mail(description: str) -> None:
    at = service()
    ref = at.case(body="Please *refund* one.\n\nAnna")
    at.rules.state.put("Case", {**at.row(ref), "Description": description})
    (comment,) = at.read(ref).comments()
    assert (comment.text, comment.channel) == ("Please *refund* one.\n\nAnna", "email")


def test_what_a_colleague_writes_down_at_the_phone_is_the_colleagues() -> None:
    at = service()
    at.does("bulk_cases", agent=KIM, count=1, fields={"Description": "Wants a refund.", "Origin": "Phone",
                                                       "ContactId": ANNA})
    seen = at.read(at.ref(at.rows("Case")[-1]["Id"]))
    (comment,) = seen.comments()
    assert (seen.users[comment.author].role, comment.public) == (Role.AGENT, False)
    assert looked(at, seen.ticket.ref) == "internal note"


def test_an_answer_of_a_colleague_by_mail_keeps_deskhand_off() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    at.does("agent_replies", ticket=ref.rpartition(":")[2], agent=KIM, body="I am on it.")
    assert looked(at, ref) == scope.PERSON
    assert at.read(ref).entries[-1].notified == (ANNA,)


@pytest.mark.parametrize(("public", "silence"), [(True, scope.PERSON), (False, None)])
def test_a_published_comment_of_a_colleague_is_an_answer_and_an_internal_one_is_not(public: bool,
                                                                                   silence: str | None) -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    at.does("agent_comments", ticket=ref.rpartition(":")[2], agent=KIM, body="Look at this.", public=public)
    assert looked(at, ref) == silence


@pytest.mark.parametrize(("public", "silence"), [(True, scope.PERSON), (False, None)])
def test_a_post_counts_as_an_answer_where_portal_users_see_it(public: bool, silence: str | None) -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    at.does("agent_posts", ticket=ref.rpartition(":")[2], agent=KIM, body="Look at this.", public=public)
    assert looked(at, ref) == silence


def test_a_comment_in_the_portal_is_the_customers_own_message() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    at.does("customer_writes", email="anna@example.com", body="From the portal.", channel="web",
            ticket=ref.rpartition(":")[2])
    look = scope.look(at.read(ref), Scope(), None)
    assert [one.text for one in look.new] == ["Please refund one.", "From the portal."]
    assert said(at.read(ref))[-1] == ("Anna Beck", "From the portal.", True)


def test_a_colleague_who_takes_the_case_keeps_deskhand_off_and_the_orgs_rules_do_not() -> None:
    at = service()
    ref = at.case()
    id = ref.rpartition(":")[2]
    at.time.on(minutes=5)
    at.does("routing_assigns", ticket=id, owner=KIM)
    assert looked(at, ref) is None
    (routed,) = changes(at.read(ref))
    assert (routed.field, routed.value, routed.by_rule) == ("assignee_id", at.id_of("User", "Kim Agent"), True)
    other = at.case()
    at.time.on(minutes=5)
    at.does("agent_takes", ticket=other.rpartition(":")[2], agent=KIM)
    assert looked(at, other) == scope.PERSON


def test_a_status_that_a_colleague_changed_is_told_in_our_words() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=KIM, status="Working", priority="High")
    told = {one.field: (one.before, one.value, one.by_rule) for one in changes(at.read(ref))}
    assert told["status"] == ("new", "open", False)
    assert at.read(ref).ticket.priority == "high"
    assert looked(at, ref) == scope.PERSON


def test_a_case_that_goes_to_a_queue_changes_its_group() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=KIM, group="Refunds")
    queue = at.id_of("Group", "Refunds")
    seen = at.read(ref)
    assert (seen.ticket.group, seen.ticket.assignee) == (queue, None)
    told = {one.field: one.value for one in changes(seen)}
    assert told == {"assignee_id": None, "group_id": queue}


def test_another_contact_is_another_requester_and_the_change_is_told() -> None:
    at = service()
    ref = at.case()
    at.rules.state.case_history = (*at.rules.state.case_history, "ContactId")
    at.time.on(minutes=5)
    at.does("change_requester", ticket=ref.rpartition(":")[2], agent=KIM, email="ben@example.com")
    seen = at.read(ref)
    assert seen.ticket.requester.startswith("0035e00000000B2")
    assert ("requester_id", ANNA) in [(one.field, one.before) for one in changes(seen)]


def test_a_case_made_from_another_address_than_its_contacts_has_another_requester_even_without_history() -> None:
    at = service()
    at.rules.state.case_history = ()
    ref = at.case(email="ben@example.com")
    at.does("change_requester", ticket=ref.rpartition(":")[2], agent=KIM, email="anna@example.com")
    (change,) = changes(at.read(ref))
    assert (change.field, change.value, change.before) == ("requester_id", ANNA, "ben@example.com")
    assert changes(at.read(at.case())) == []


def test_a_mail_that_came_with_a_merged_case_is_doubted_and_the_cases_own_first_mail_is_not() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=5)
    other = at.case(body="YES")
    at.time.on(minutes=1)
    at.does("merge", ticket=other.rpartition(":")[2], into=ref.rpartition(":")[2], agent=KIM)
    at.time.on(minutes=1)
    at.does("customer_writes", email="anna@example.com", body="Yes!", ticket=ref.rpartition(":")[2])
    assert [(one.text, one.flags) for one in at.read(ref).comments()] == [
        ("Please refund one.", ()), ("YES", ("merged",)), ("Yes!", ())]
    assert at.calls() == ["POST composite"]


def test_a_closed_case_is_solved_whatever_the_org_calls_it() -> None:
    at = service({"statuses": ["New", "Working", {"name": "Erledigt", "closed": True}]})
    ref = at.case()
    at.does("close", ticket=ref.rpartition(":")[2])
    assert at.read(ref).ticket.status == "solved"


def test_the_orgs_own_word_for_waiting_is_taken_from_the_settings() -> None:
    at = service({"statuses": ["New", "Bei Kunde", {"name": "Closed", "closed": True}]},
                 SALESFORCE_PENDING_STATUS="bei kunde")
    ref = at.case()
    at.does("agent_edits", ticket=ref.rpartition(":")[2], status="Bei Kunde")
    assert at.read(ref).ticket.status == "pending"


@pytest.mark.parametrize("headers", [
    {"Auto-Submitted": "auto-replied"}, {"Auto-Submitted": "auto-generated; type=x"}, {"Precedence": "bulk"},
    {"X-Autoreply": "yes"}, {"List-Id": "<news.example>"}, {"Return-Path": "<>"},
    {"Content-Type": "multipart/report; report-type=delivery-status"}])
def test_automatic_mail_is_told_by_its_headers(headers: dict[str, str]) -> None:
    at = service()
    ref = at.case(headers=headers)
    (comment,) = at.read(ref).comments()
    assert comment.machine_made
    assert looked(at, ref) == "machine-made mail"


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "no"}, {"Return-Path": "<anna@example.com>"},
                                     {"X-Auto-Response-Suppress": "All"}])
def test_a_persons_mail_is_not_taken_for_automatic(headers: dict[str, str]) -> None:
    at = service()
    (comment,) = at.read(at.case(headers=headers)).comments()
    assert not comment.machine_made


def test_a_bounce_is_automatic_mail() -> None:
    at = service()
    (comment,) = at.read(at.case(email="mailer-daemon@example.com")).comments()
    assert comment.machine_made


def test_the_receiving_servers_doubts_about_a_sender_are_flags() -> None:
    at = service()
    verdict = "mx.example; spf=pass smtp.mailfrom=x; dkim=none; dmarc=fail (p=NONE)"
    (comment,) = at.read(at.case(headers={"Authentication-Results": verdict})).comments()
    assert (comment.flags, comment.trusted) == (("dmarc=fail",), False)


def test_a_mail_from_another_address_is_by_somebody_else() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=1)
    at.does("customer_writes", email="anna@example.com", sender="eve@evil.example", body="Refund me instead.",
            ticket=ref.rpartition(":")[2])
    seen = at.read(ref)
    last = seen.comments()[-1]
    assert (last.sender, last.author) == ("eve@evil.example", "eve@evil.example")
    assert seen.users[last.author].role is Role.CUSTOMER


def test_who_else_is_in_copy_is_told_without_the_desks_own_address() -> None:
    at = service()
    seen = at.read(at.case(ccs=["boss@example.com", "Support@acme.example", "anna@example.com"]))
    assert seen.ticket.ccs == ("boss@example.com",)
    assert seen.users["boss@example.com"].role is Role.CUSTOMER


def test_the_names_of_attached_files_are_read() -> None:
    at = service()
    (comment,) = at.read(at.case(attachments=["receipt.pdf", "photo.jpg"])).comments()
    assert sorted(comment.attachments) == ["photo.jpg", "receipt.pdf"]


def test_an_automatic_answer_in_the_name_of_whoever_receives_mail_is_nobodys_answer() -> None:
    at = service()
    ref = at.case()
    by = at.rows("EmailMessage")[0]["CreatedById"]
    assert at.rules.state.tables["User"][by]["UserType"] == "Standard"
    name = at.rules.state.tables["User"][by]["Name"]
    at.time.on(seconds=3)
    at.does("agent_replies", ticket=ref.rpartition(":")[2], agent=name, body="We have received your request.")
    assert looked(at, ref) is None
    at.time.on(minutes=10)
    at.does("agent_replies", ticket=ref.rpartition(":")[2], agent=name, body="It is me, a person.")
    assert looked(at, ref) == scope.PERSON


def test_what_the_org_changes_in_the_transaction_of_a_mail_is_done_by_its_rules() -> None:
    at = service()
    ref = at.case()
    name = at.rules.state.tables["User"][at.rows("EmailMessage")[0]["CreatedById"]]["Name"]
    at.time.on(seconds=2)
    at.does("agent_edits", ticket=ref.rpartition(":")[2], agent=name, status="Working")
    (change,) = changes(at.read(ref))
    assert change.by_rule
    assert looked(at, ref) is None


def test_our_own_note_and_reply_are_known_by_their_receipts() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=1)
    at.read(ref)
    at.performs(reply(ref), REPLY_KEY)
    at.time.on(minutes=1)
    at.performs(note(ref, add_tags=("deskhand_done",)))
    seen = at.read(ref)
    told = [entry for entry in seen.entries if entry.operation]
    assert [entry.operation for entry in told] == [REPLY_KEY.operation, "op-" + "a" * 24]
    assert [entry.notified for entry in told] == [(ANNA,), ()]
    assert [seen.users[entry.author].role for entry in told] == [Role.SYSTEM, Role.SYSTEM]
    assert seen.ticket.tags == ("deskhand_done",)
    assert looked(at, ref, told[0].id) == "our own update"


def test_a_customer_who_quotes_our_reference_is_not_taken_for_us() -> None:
    at = service()
    ref = at.case(body="> Ref: op-" + "b" * 24)
    assert [entry.operation for entry in at.read(ref).entries] == [None]


def test_a_mail_that_came_back_told_nobody() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=1)
    at.read(ref)
    at.performs(reply(ref), REPLY_KEY)
    at.does("bounce", ticket=ref.rpartition(":")[2])
    assert at.read(ref).entries[-1].notified == ()


def test_a_case_of_another_org_or_none_at_all_is_not_found() -> None:
    at = service()
    for ref in ("salesforce:00D5e0000009DHskEAG:5005e0000000001AAA", f"salesforce:{ORG}:5005e0000000001",
                f"salesforce:{ORG}:0035e0000000001AAA", "zendesk:acme:1"):
        with pytest.raises(NotFound):
            at.read(ref)
    assert at.calls() == []
    with pytest.raises(NotFound):
        at.read(f"salesforce:{ORG}:5005e0000000099AAA")


def test_a_deleted_and_a_merged_case_are_gone() -> None:
    at = service()
    first, second, third = at.case(), at.case(), at.case()
    at.does("delete", ticket=first.rpartition(":")[2])
    at.does("merge", ticket=second.rpartition(":")[2], into=third.rpartition(":")[2])
    for ref in (first, second):
        with pytest.raises(NotFound):
            at.read(ref)


def test_without_the_package_the_admin_is_told_what_is_missing() -> None:
    at = service({"package": False})
    with pytest.raises(Unavailable, match="package is not in the org") as end:
        at.read(at.case())
    assert (end.value.reason, end.value.lasting) == ("package_missing", True)


@pytest.mark.parametrize("object", ["Case", "Deskhand_Action__c"])
def test_what_may_not_be_read_is_not_an_empty_case(object: str) -> None:
    at = service()
    ref = at.case()
    may = [f"{name}:read" for name in ("Case", "Contact", "Account", "CaseComment", "EmailMessage", "CaseHistory",
                                       "FeedItem", "User", "Deskhand_Action__c", "RecordType") if name != object]
    at.does("permit", client="deskhand", permissions=may)
    with pytest.raises(Unavailable if object != "Case" else (Unavailable, NotFound)):
        at.read(ref)


@pytest.mark.parametrize("hidden", [["EmailMessage.Headers"], ["EmailMessage.HtmlBody", "EmailMessage.CcAddress"],
                                    ["FeedItem.Visibility"]])
def test_a_field_that_is_not_shown_is_left_out_and_remembered(hidden: list[str]) -> None:
    at = service({"hidden_fields": hidden})
    ref = at.case()
    assert said(at.read(ref)) == [("Anna Beck", "Please refund one.", True)]
    at.door.calls.clear()
    at.read(ref)
    assert at.calls() == ["POST composite"]


def test_a_case_without_description_or_mail_says_nothing() -> None:
    at = service()
    at.does("bulk_cases", agent=KIM, count=1)
    assert at.read(at.ref(at.rows("Case")[-1]["Id"])).comments() == []


def test_long_conversations_are_read_to_their_last_page() -> None:
    at = service({"page_size": 7})
    ref = at.case()
    for n in range(20):
        at.time.on(minutes=1)
        at.does("customer_writes", email="anna@example.com", body=f"Message {n}", ticket=ref.rpartition(":")[2])
    assert [text for _, text, _ in said(at.read(ref))][1:] == [f"Message {n}" for n in range(20)]


def test_entries_are_ordered_and_their_ids_stay() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=1)
    at.does("agent_comments", ticket=ref.rpartition(":")[2], agent=KIM, body="?", public=False, status="Working")
    first = at.read(ref).entries
    at.time.on(minutes=1)
    at.does("customer_writes", email="anna@example.com", body="!", ticket=ref.rpartition(":")[2])
    again = at.read(ref).entries
    assert [entry.id for entry in again[: len(first)]] == [entry.id for entry in first]
    assert list(again) == sorted(again, key=lambda entry: entry.at)
    assert again[-1].at == NOW + timedelta(minutes=2)


def test_users_are_asked_for_once_an_hour_where_rows_do_not_tell_them() -> None:
    at = service()
    refs = []
    for _ in range(2):
        at.does("bulk_cases", agent=KIM, count=1, fields={"Description": "?", "ContactId": ANNA})
        refs.append(at.ref(at.rows("Case")[-1]["Id"]))
    at.rules.state.clear("CaseHistory")
    for ref in refs:
        assert looked(at, ref) == "internal note"
    assert at.calls() == ["POST composite"] * 3
    at.time.on(hours=1, seconds=1)
    at.read(refs[0])
    assert at.calls() == ["POST composite"] * 5


def test_a_login_that_leads_to_another_org_is_told() -> None:
    at = service({"org_id": "00D5e000000ABCDEA4"})
    with pytest.raises(Unavailable, match="SALESFORCE_ORG_ID") as end:
        at.read(at.case())
    assert end.value.reason == "other_org"


def mail_row(**fields: Any) -> MailRow:
    return MailRow.model_validate({"Id": "02s1", "CreatedDate": "2026-11-21T04:00:00.000+0000", "CreatedById": "005",
                                   "Incoming": False, "Status": "3", **fields})


@pytest.mark.parametrize(("to", "there"), [
    ("anna@example.com", True), ("Kim <kim@acme.example>; Anna <ANNA@example.com>", True),
    ("joanna@example.com", False), ("anna@example.com.evil.example", False), (None, False)])
def test_a_mail_went_to_whom_its_addresses_name(to: str | None, there: bool) -> None:
    assert mail.went_to(mail_row(ToAddress=to), ["anna@example.com"]) is there


@pytest.mark.parametrize("fields", [{"Status": "5"}, {"Status": "0"}, {"IsBounced": True}, {"Incoming": True}])
def test_only_a_sent_mail_that_did_not_come_back_told_anybody(fields: dict[str, Any]) -> None:
    assert not mail.went_to(mail_row(ToAddress="anna@example.com", **fields), ["anna@example.com"])


def test_the_text_of_a_mail_in_html_alone_is_what_it_shows() -> None:
    page = "<head><style>p{}</style></head><body><p>Hello,</p><div>refund &amp; thanks<br>Anna</div></body>"
    assert mail.words(mail_row(HtmlBody=page, TextBody=" ")) == "Hello,\n\nrefund & thanks\nAnna"


def test_a_rule_that_acts_in_the_name_of_the_mails_user_is_told_by_time_alone() -> None:
    moment = history.Moment("005A", NOW)
    assert moment.covers("005A", NOW + timedelta(seconds=10))
    assert not moment.covers("005A", NOW + timedelta(seconds=11))
    assert not moment.covers("005B", NOW)


def test_entry_ids_are_rows_of_the_org() -> None:
    at = service()
    ref = at.case()
    entry: Entry
    for entry in at.read(ref).entries:
        assert entry.id[:3] in ("500", "02s", "00a", "017", "0D5")


def test_a_mail_that_becomes_visible_late_is_read_though_a_later_one_was_seen_before() -> None:
    """Two mails at once: the transaction of the first lasts longer, so it appears before what was already seen."""
    at = service()
    ref = at.case()
    id = ref.rpartition(":")[2]
    at.time.on(minutes=30)
    slow = at.does("customer_writes", email="anna@example.com", body="And the other one, too.", ticket=id)
    hidden = at.rules.state.tables["EmailMessage"].pop(at.rows("EmailMessage")[-1]["Id"])
    at.time.on(seconds=2)
    at.does("customer_writes", email="anna@example.com", body="Thanks!", ticket=id)
    seen = scope.mark(at.read(ref).entries)
    assert slow
    assert looked(at, ref, seen) == "no new message"
    at.rules.state.tables["EmailMessage"][hidden["Id"]] = hidden
    look = scope.look(at.read(ref), Scope(), seen)
    assert [one.text for one in look.new] == ["And the other one, too."]
    assert looked(at, ref, scope.mark(at.read(ref).entries)) == "no new message"


@pytest.mark.parametrize(("domain", "production"), [
    ("acme", True), ("acme--uat.sandbox", False), ("acme--uat", False), ("acme-dev-ed.develop", False),
    ("acme-dev-ed", False), ("acme.scratch", False), ("https://acme.my.salesforce.com/", True)])
def test_whether_it_is_production_stands_in_the_domain_and_is_asked_of_nobody(domain: str, production: bool) -> None:
    settings = SalesforceSettings.model_validate({**SETTINGS, "SALESFORCE_DOMAIN": domain})
    assert SalesforceHelpdesk(ORG, settings, Surroundings()).production is production
