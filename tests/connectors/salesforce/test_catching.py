"""Which cases changed: every one of them, in order, page by page, also what becomes visible late."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract import Changes, Rejected, Unavailable
from tests.connectors.salesforce.acme import ANNA, NOW
from tests.connectors.salesforce.service import Service, note, service

KIM = "kim@acme.example"


def all_pages(at: Service, most: int = 1000, after: str | None = None) -> list[Changes]:
    pages = [at.helpdesk.changed_since(NOW, after=after, most=most)]
    while not pages[-1].last:
        pages.append(at.helpdesk.changed_since(NOW, after=pages[-1].after, most=most))
        assert len(pages) < 100
    return pages


def refs(pages: list[Changes]) -> list[str]:
    return [ticket.ref for page in pages for ticket in page.tickets]


def test_what_changed_is_listed_by_its_latest_change() -> None:
    at = service()
    first, second = at.case(), at.case()
    at.time.on(minutes=5)
    at.does("customer_writes", email="anna@example.com", body="?", ticket=first.rpartition(":")[2])
    page = at.helpdesk.changed_since(NOW)
    assert [one.ref for one in page.tickets] == [second, first]
    assert [one.updated_at for one in page.tickets] == [NOW, NOW + timedelta(minutes=5)]
    assert (page.last, page.upto) == (True, NOW + timedelta(minutes=5))


@pytest.mark.parametrize("what", ["mail", "comment", "edit"])
def test_a_mail_a_comment_and_an_edit_are_changes(what: str) -> None:
    at = service()
    ref = at.case()
    id = ref.rpartition(":")[2]
    at.time.on(minutes=5)
    if what == "mail":
        at.does("customer_writes", email="anna@example.com", body="?", ticket=id)
    elif what == "comment":
        at.does("agent_comments", agent=KIM, body="?", ticket=id)
    else:
        at.does("agent_edits", agent=KIM, status="Working", ticket=id)
    (ticket,) = at.helpdesk.changed_since(NOW + timedelta(minutes=4)).tickets
    assert (ticket.ref, ticket.updated_at) == (ref, NOW + timedelta(minutes=5))


def test_a_post_in_the_cases_feed_is_a_change_and_one_elsewhere_is_none() -> None:
    at = service()
    ref = at.case()
    at.does("customer_writes", email="anna@example.com", body="?", channel="web", ticket=ref.rpartition(":")[2])
    at.time.on(minutes=20)
    post = at.does("agent_posts", agent="anna@example.com", body="?", public=True,
                   ticket=ref.rpartition(":")[2])["post"]
    at.rules.state.put("FeedItem", {**at.rows("FeedItem")[-1], "Id": "0D55e00000000ZZAAA", "ParentId": ANNA})
    page = at.helpdesk.changed_since(NOW + timedelta(minutes=1))
    assert [(one.ref, one.updated_at) for one in page.tickets] == [(ref, at.time())]
    assert page.said == {ref: {post: at.time()}}


def test_an_org_without_posts_is_looked_at_all_the_same() -> None:
    at = service()
    ref = at.case()
    answer = at.door.answer
    at.door.answer = lambda request: answer(  # type: ignore[method-assign]
        replace(request, body=request.body.replace(b"FeedItem", b"NotHere")))
    assert refs(all_pages(at)) == [ref]


@pytest.mark.parametrize("most", [1, 2, 3, 7, 1000])
def test_pages_of_any_size_list_every_case(most: int) -> None:
    at = service()
    made = []
    for n in range(20):
        made.append(at.case())
        at.time.on(seconds=n % 3)
    found = refs(all_pages(at, most))
    assert set(found) == set(made)


def test_a_bulk_load_within_one_second_is_listed_whole() -> None:
    at = service()
    made = at.does("bulk_cases", count=200, agent=KIM)["cases"]
    assert set(refs(all_pages(at, 30))) == {at.ref(id) for id in made}


def test_a_later_look_goes_on_and_lists_the_last_ten_minutes_again() -> None:
    at = service()
    at.case()
    at.time.on(hours=1)
    second = at.case()
    first_look = all_pages(at)[-1]
    at.time.on(minutes=1)
    third = at.case()
    assert refs(all_pages(at, after=first_look.after)) == [second, third]


def test_a_row_that_becomes_visible_after_the_look_is_listed_by_the_next_one() -> None:
    at = service()
    ref = at.case()
    at.time.on(hours=1)
    at.case()
    after = all_pages(at)[-1].after
    at.does("customer_writes", email="anna@example.com", body="late", ticket=ref.rpartition(":")[2])
    mail = at.rows("EmailMessage")[-1]
    early = at.time() - timedelta(minutes=9)
    at.rules.state.put("EmailMessage", {**mail, "CreatedDate": early, "SystemModstamp": early})
    at.rules.state.put("Case", {**at.row(ref), "SystemModstamp": NOW, "LastModifiedDate": NOW})
    assert ref in refs(all_pages(at, after=after))


def comes_to_light(at: Service, ref: str, **ago: float) -> str:
    """A mail whose transaction began so long ago and has just ended ("SystemModstamp"); the case stands as before."""
    case, early = dict(at.row(ref)), at.time() - timedelta(**ago)
    at.does("customer_writes", email="anna@example.com", body="late", ticket=ref.rpartition(":")[2])
    mail = at.rows("EmailMessage")[-1]
    at.rules.state.put("EmailMessage", {**mail, "CreatedDate": early, "SystemModstamp": early})
    at.rules.state.put("Case", case)
    return str(mail["Id"])


@pytest.mark.parametrize("most", [1, 2, 1000])
def test_after_any_number_of_pages_what_bears_a_time_of_the_ten_minutes_before_is_listed_by_the_next_look(
        most: int) -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=20)
    for _ in range(4):
        at.case()
        at.time.on(seconds=1)
    after = all_pages(at, most)[-1].after
    mail = comes_to_light(at, ref, minutes=9, seconds=50)
    pages = all_pages(at, most, after)
    assert ref in refs(pages)
    said = [one for page in pages if (one := page.said.get(ref))]
    assert said == [{mail: at.time() - timedelta(minutes=9, seconds=50)}]


def test_what_comes_to_light_behind_the_pages_of_a_long_look_is_listed_by_the_next_one() -> None:
    at = service()
    made = [at.case()]
    at.time.on(minutes=9)
    made += [at.case() for _ in range(3)]
    page = at.helpdesk.changed_since(NOW, most=2)
    comes_to_light(at, made[0], minutes=8)
    while not page.last:
        at.time.on(minutes=15)
        page = at.helpdesk.changed_since(NOW, after=page.after, most=2)
    assert made[0] in refs(all_pages(at, after=page.after))


def test_a_quiet_org_takes_one_call_a_look() -> None:
    at = service()
    at.case()
    page = at.helpdesk.changed_since(NOW)
    at.time.on(hours=1)
    page = at.helpdesk.changed_since(NOW, after=page.after)
    at.time.on(hours=1)
    before = len(at.calls())
    page = at.helpdesk.changed_since(NOW, after=page.after)
    assert at.calls()[before:] == ["POST composite"]
    assert (page.tickets, page.last, page.upto) == ((), True, None)


def test_a_deleted_and_a_merged_case_are_listed_as_deleted_and_are_no_past() -> None:
    at = service()
    first, second, third = at.case(), at.case(), at.case()
    at.time.on(minutes=1)
    at.does("delete", ticket=first.rpartition(":")[2])
    at.does("merge", ticket=second.rpartition(":")[2], into=third.rpartition(":")[2])
    found = {one.ref: one.status for one in at.helpdesk.changed_since(NOW + timedelta(seconds=30)).tickets}
    assert found == {first: "deleted", second: "deleted", third: "new"}
    assert at.helpdesk.past(NOW, NOW + timedelta(days=1)).refs == (third,)


@pytest.mark.parametrize("after", [
    "?", "{}", json.dumps({"places": {"Case": {"at": "yesterday"}}}), json.dumps([1]),
    json.dumps({"places": {"Case": {"at": "2026-11-21T04:00:00Z"}}})])
def test_a_place_that_is_not_ours_is_refused(after: str) -> None:
    with pytest.raises(Rejected):
        service().helpdesk.changed_since(NOW, after=after)


def test_while_few_calls_are_left_it_waits() -> None:
    at = service({"limits": {"daily": 100, "used": 90}})
    at.read(at.case())
    with pytest.raises(Unavailable) as spared:
        at.helpdesk.changed_since(NOW)
    assert spared.value.reason == "calls_spared"
    at.read(at.case())


def test_the_past_lists_what_was_made_before_its_end() -> None:
    at = service()
    first = at.case()
    at.time.on(hours=2)
    at.case()
    page = at.helpdesk.past(NOW - timedelta(days=1), NOW + timedelta(hours=1))
    assert (page.refs, page.last) == ((first,), True)


def test_our_own_note_is_listed_too_and_known_by_its_time() -> None:
    at = service()
    ref = at.case()
    at.time.on(minutes=1)
    at.performs(note(ref))
    (ticket,) = at.helpdesk.changed_since(NOW).tickets
    assert ticket.updated_at == at.read(ref).ticket.updated_at
