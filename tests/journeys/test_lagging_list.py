"""Zendesk's list of a ticket's audits may lag behind the ticket: what it lacks is asked for by its id."""

import pytest

from tests.journeys.office import Office, refund

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}
LIST, ONE, UPDATE = r"/audits\.json", r"/audits/\d+", "/tickets/"


@pytest.fixture(autouse=True)
def lagging(office: Office) -> None:
    """The list of audits shows no more than what stood there before the last update."""
    office.double_charge()
    office.planner.always = lambda case: TWICE
    office.fault("zendesk", "stale_read", "GET", LIST, times=10_000)


def listed_again(office: Office) -> None:
    office.doors["zendesk"].faults.clear()
    office.settle()


def test_a_note_that_was_confirmed_and_is_not_listed_is_not_written_again(office: Office) -> None:
    ticket = office.handle()
    office.settle()
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)
    listed_again(office)
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)
    assert [state for state, _ in office.states()] == ["done"]


@pytest.mark.parametrize("fault", ["timeout_after", "malformed_200", "500_after", "phantom_200", "timeout_before"])
@pytest.mark.parametrize("skip", [0, 1], ids=["reply", "note"])
def test_an_update_whose_answer_was_lost_is_written_once_although_it_is_not_listed(
        office: Office, fault: str, skip: int) -> None:
    office.fault("zendesk", fault, "PUT", UPDATE, skip=skip)
    ticket = office.handle()
    office.settle()
    listed_again(office)
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)
    assert [state for state, _ in office.states()] == ["done"]


@pytest.mark.parametrize("skip", [0, 1], ids=["reply", "note"])
def test_a_lost_update_is_written_once_although_its_audit_is_not_shown_either(office: Office, skip: int) -> None:
    office.fault("zendesk", "404", "GET", ONE, times=10_000)
    office.fault("zendesk", "timeout_after", "PUT", UPDATE, skip=skip)
    ticket = office.handle()
    office.settle()
    listed_again(office)
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)


@pytest.mark.parametrize("fault", ["timeout_after", "timeout_before"])
@pytest.mark.parametrize("skip", [0, 1], ids=["reply", "note"])
def test_a_lost_update_is_written_once_where_the_ticket_counts_no_comments(
        office: Office, fault: str, skip: int) -> None:
    office.zendesk.load({"counts_comments": False}, office.clock())
    office.fault("zendesk", fault, "PUT", UPDATE, skip=skip)
    ticket = office.handle()
    office.settle()
    listed_again(office)
    assert (len(office.replies(ticket)), len(office.notes(ticket))) == (1, 1)
    assert [state for state, _ in office.states()] == ["done"]
