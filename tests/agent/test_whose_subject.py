"""A subject asks only where the requester, or a colleague for them, opened the ticket."""

from __future__ import annotations

import pytest

from agent.case import show
from agent.facts import Facts
from agent.ground import Ungrounded, ground
from agent.proposal import Case, ProposedContactChange
from connectors.contract import Comment, ContactField, Entry, Role, User
from tests.agent.test_safety_properties import CHOICES, CONTACT, NOW, honest_proposal, honest_world

PEOPLE = {"requester": "1", "person in copy": "2", "colleague": "9"}


def opened_by(author: str) -> tuple[Facts, tuple[Comment, ...]]:
    """The requester's new message, on a ticket that somebody opened with words of their own."""
    facts, new = honest_world()
    first = Comment(id="first", author=author, public=True, text="Hello", channel="email")
    entry = Entry(id="opening", at=NOW, author=author, channel="email", comments=(first,))
    users = {**facts.conversation.users, "2": User(id="2", name="Erin", email="erin@example.com", role=Role.CUSTOMER),
             "9": User(id="9", name="Mia", email="mia@acme.example", role=Role.AGENT)}
    talk = facts.conversation.model_copy(update={"entries": (entry, *facts.conversation.entries), "users": users})
    return facts.model_copy(update={"conversation": talk}), new


def seen(author: str) -> Case:
    facts, new = opened_by(author)
    return show(facts, new, "order_id")[0]


@pytest.mark.parametrize(("who", "subject"), [("requester", "Charged"), ("colleague", "Charged"),
                                              ("person in copy", "")])
def test_the_subject_is_shown_unless_somebody_else_wrote_it(who: str, subject: str) -> None:
    assert seen(PEOPLE[who]).subject == subject


def test_a_wish_in_the_subject_of_an_older_message_is_none_of_the_new_one() -> None:
    facts, new = opened_by("1")
    wish = facts.conversation.ticket.model_copy(update={"subject": "Please unsubscribe me from the newsletter"})
    talk = facts.conversation.model_copy(update={"ticket": wish})
    facts = facts.model_copy(update={"conversation": talk, "contacts": (CONTACT,)})
    out = ProposedContactChange(kind="contact_change", contact="k1", field=ContactField.OPT_OUT, value="yes",
                                quote="Please unsubscribe me from the newsletter")
    said = honest_proposal().model_copy(update={"actions": (out,)})
    (found,) = ground(said, {"k1": CONTACT.id}, facts, new, "model", CHOICES)
    assert isinstance(found, Ungrounded)


@pytest.mark.parametrize(("who", "label"), [("requester", "customer"), ("colleague", "colleague"),
                                            ("person in copy", "someone else")])
def test_each_message_says_who_wrote_it(who: str, label: str) -> None:
    assert [one.who for one in seen(PEOPLE[who]).messages] == [label, "customer"]
