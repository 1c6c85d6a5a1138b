"""What the desk needs around Deskhand: rules that let it work, a view, the app, the groups it names."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.parts import Dimension, Finding, Taken
from connectors.zendesk.checks.asking import SETUP, Doctor
from connectors.zendesk.setup import notices
from connectors.zendesk.setup.app import INSTALLATION, KEY, AppPart
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.view import ViewPart

RULES, MAIL, VIEW, APP, GROUPS = ("Zendesk business rules", "Zendesk notifications", "Zendesk view", "Zendesk app",
                                  "Zendesk groups")
OTHER_DESK, QUEUE = "SALESFORCE_ORG_ID", "00G"
"""Salesforce as a second helpdesk, and how its queues' ids begin."""
ESCALATION: Dimension = "escalation path"


def in_the_way(doctor: Doctor) -> Iterator[Finding]:
    """Of the admin's own rules those that our updates set off, or that would undo them."""
    found = list(notices.in_the_way(notices.Rules.read(doctor.admin), doctor.user(), doctor.house.tag_prefix))
    for one in found:
        yield Finding(RULES, "yellow", one.what, one.mend, "guardrails")
    if not found:
        yield Finding(RULES, "green", "no trigger, automation, macro or SLA gets in the way", dimension="guardrails")


def notifications(doctor: Doctor) -> Iterator[Finding]:
    found = list(notices.reaching(notices.Rules.read(doctor.admin), doctor.user()))
    for one in found:
        yield Finding(MAIL, "red" if one.what.startswith("no ") else "yellow", one.what, one.mend)
    if not found:
        yield Finding(MAIL, "green", "a trigger mails the requester on each of Deskhand's replies")


def view(doctor: Doctor) -> Iterator[Finding]:
    try:
        found = ViewPart(doctor.admin, doctor.house).look({})
    except Taken as error:
        yield Finding(VIEW, "yellow", str(error), f"Then run {SETUP}.", ESCALATION)
        return
    if found is None:
        yield Finding(VIEW, "yellow", "colleagues have no view of what waits for approval", f"Run {SETUP}.", ESCALATION)
    elif found.differs:
        yield Finding(VIEW, "yellow", f"the view of what waits is not as made: {', '.join(found.differs)}",
                      f"Run {SETUP}.", ESCALATION)
    else:
        yield Finding(VIEW, "green", "colleagues see what waits for approval", dimension=ESCALATION)


def app(doctor: Doctor) -> Iterator[Finding]:
    """The sidebar is optional: a missing app is yellow, one that cannot work is red."""
    try:
        found = AppPart(doctor.admin, doctor.house, Choices()).look({})
    except Taken as error:
        yield Finding(APP, "yellow", str(error), f"Then run {SETUP}.", ESCALATION)
        return
    if found is None:
        yield Finding(APP, "yellow", "the sidebar's app is not there: approvals have no button",
                      f"Run {SETUP} --set app=yes.", ESCALATION)
        return
    held = doctor.house.settings
    wrong = [f"{name} is not the app's" for name in (INSTALLATION, KEY)
             if name in found.settings and held.get(name, "") != found.settings[name]]
    for words in wrong:
        yield Finding(APP, "red", f"{words}: the sidebar opens for nobody", f"Run {SETUP}: it writes it to .env.",
                      ESCALATION)
    for words in found.differs:
        yield Finding(APP, "yellow", f"the sidebar's app is not as made: {words}", f"Run {SETUP}: it is updated in "
                      "place.", ESCALATION)
    if not wrong and not found.differs:
        yield Finding(APP, "green", f"version {doctor.house.version} is installed", dimension=ESCALATION)


def groups(doctor: Doctor) -> Iterator[Finding]:
    """Groups are named in deskhand.toml by name or number; one that is gone would leave approvals to nobody."""
    there = [one for page in doctor.running.pages("groups") for one in page.get("groups") or []
             if not one.get("deleted")]
    ids, names = {str(one["id"]) for one in there}, {str(one["name"]).strip().casefold() for one in there}
    beside = bool(doctor.house.settings.get(OTHER_DESK))
    missing = 0
    for role, named in doctor.house.roles.items():
        gone = [one for one in named if str(one) not in ids and str(one).strip().casefold() not in names]
        for group in gone if not beside or len(gone) == len(named) else ():  # enough that somebody here has the role
            missing += 1
            yield Finding(GROUPS, "yellow" if beside else "red", f'group "{group}" of the role {role} does not exist',
                          f"Correct [roles] {role} in deskhand.toml, or add the group in Admin Center > People > "
                          "Groups.", ESCALATION)
    handoff = doctor.house.handoff_group
    if handoff and str(handoff) not in ids and not (beside and str(handoff).startswith(QUEUE)):
        missing += 1
        yield Finding(GROUPS, "red", f"the handoff group {handoff} does not exist: handing over would fail",
                      "Correct [handoff] group in deskhand.toml.", ESCALATION)
    if not missing:
        yield Finding(GROUPS, "green", "every group that deskhand.toml names exists", dimension=ESCALATION)
