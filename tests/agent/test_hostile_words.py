"""Words of a model, of a record, of an address: what they cannot be made to say or to be."""

from __future__ import annotations

import pytest

from agent.courtesy import courtesy
from agent.evidence import Evidence, of_sender
from agent.facts import Facts
from agent.reply import first_name
from connectors.contract import Comment
from tests.agent.test_safety_properties import honest_world


@pytest.mark.parametrize("draft", [
    "Thank you for your patience.team/us", "thank you: help@team.us", "Thank you https team us x.com"])
def test_a_courtesy_holds_nothing_that_a_mail_program_makes_a_link_of(draft: str) -> None:
    assert courtesy(draft, "en", "Dana").words == ""


@pytest.mark.parametrize("draft", [
    "We have refunded you 18.00.", "You will get it.", "Your money is on its way", "thank you 5", "Thanks\u200bfree",
    "Da\u0301na", "ＦＲＥＥ", "gratis", "Thank you {{ticket.id}}", "<b>thanks</b>", "Thanks " * 60])
def test_a_courtesy_that_says_more_than_courtesy_is_not_used(draft: str) -> None:
    assert courtesy(draft, "en", "Dana").words == ""


@pytest.mark.parametrize("name", ["evil.com", "https://x", "Dana\nBcc:", "{{ticket.id}}", "<img>", "D", "4242",
                                  "a" * 40])
def test_a_name_that_is_none_is_not_greeted(name: str) -> None:
    assert first_name(name) == ""


def with_address(address: str, sender: str) -> tuple[Facts, Comment]:
    facts, (said,) = honest_world()
    people = {"1": facts.conversation.users["1"].model_copy(update={"email": address})}
    talk = facts.conversation.model_copy(update={"users": people})
    return facts.model_copy(update={"conversation": talk}), said.model_copy(update={"sender": sender})


@pytest.mark.parametrize(("address", "sender"), [
    ("dana@example.com", "d\u0430na@example.com"),
    ("dana@example.com", "dana@example.com "), ("dana@example.com", "dana@example.com\n"),
    ("dana@example.com", "<dana@example.com>"), ("dana@example.com", "\"dana@example.com\" <x@evil.example>")])
def test_an_address_that_only_looks_the_same_is_another(address: str, sender: str) -> None:
    facts, said = with_address(address, sender)
    assert of_sender(facts, said, True)[0] is Evidence.E0
