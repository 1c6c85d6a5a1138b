"""What to tell the admin before anything is made: logins that may do too much, and what only people can do."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.parts import House, Notice
from connectors.salesforce.setup.api import Api, Json
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.user import LICENCE

PEOPLE = ("Deskhand_Agent", "Deskhand_Approver", "Deskhand_Admin")
SENDER = "SALESFORCE_SENDER"
GRANT = "Setup > Permission Sets > the set > Manage Assignments"


def all_of(api: Api, house: House, choices: Choices, user: Json) -> Iterator[Notice]:
    yield Notice("the token of this setup may do all that you may do; it is used now and not stored",
                 "Log out of that session afterwards: sf org logout.")
    yield from of_user(user)
    if choices.desk == "no":
        return
    yield from senders(api, house)
    if choices.calls_us:
        yield from by_hand(api)
    else:
        yield Notice("without Apex Deskhand hears of new cases and of their status and owner, and of comments and "
                     "mails only when it looks for them, once in some minutes", "Leave the choice apex=no out where "
                     "Apex may be deployed.")
        yield Notice("production takes a flow that is active only where the org allows it", "Switch on Setup > Process "
                     "Automation Settings > Deploy processes and flows as active before this is done.")


def of_user(user: Json) -> Iterator[Notice]:
    """Whom Deskhand acts as should be able to do nothing else."""
    profile, who = user.get("Profile") or {}, user["Username"]
    licence = (profile.get("UserLicense") or {}).get("Name")
    if profile.get("PermissionsModifyAllData"):
        yield Notice(f"{who} may change all data by the profile {profile.get('Name')}, so that no permission set holds "
                     "Deskhand back", "Choose a user with the profile Minimum Access - API Only Integrations: "
                     "--set user=THE-USER-NAME.")
    elif licence not in (None, LICENCE):
        yield Notice(f"{who} takes a licence {licence}, and can sign in to Salesforce's pages",
                     f"Give this user the licence {LICENCE}: most editions include some, and it is for programs only.")


def senders(api: Api, house: House) -> Iterator[Notice]:
    """Replies need an org-wide address ("Organization-Wide Email Addresses")."""
    chosen = house.settings.get(SENDER, "")
    rows = {str(one["Address"]).lower(): one for one in api.rows("Address, IsVerified", "OrgWideEmailAddress")}
    if not chosen:
        have = f"the org has {', '.join(sorted(rows))}" if rows else "the org has none"
        yield Notice(f"{SENDER} is not set, so Deskhand hands over instead of replying; {have}",
                     f"Write {SENDER}=ADDRESS to .env; addresses are added and verified in Setup > Organization-Wide "
                     "Addresses.")
    elif chosen.lower() not in rows:
        yield Notice(f"{SENDER} is {chosen}, and the org has no such org-wide address",
                     "Add it in Setup > Organization-Wide Addresses, and confirm the mail that Salesforce sends there.")
    elif not rows[chosen.lower()].get("IsVerified"):
        yield Notice(f"the org-wide address {chosen} is not verified, so that no reply can be sent from it",
                     "Confirm the mail that Salesforce sent there, or send it anew in Setup > Organization-Wide "
                     "Addresses.")


def by_hand(api: Api) -> Iterator[Notice]:
    """What Salesforce lets only people decide."""
    given = {(one.get("PermissionSet") or {}).get("Name") for one in api.rows(
        "PermissionSet.Name", "PermissionSetAssignment", {"PermissionSet.Name": PEOPLE})}
    if not given:
        yield Notice(f"nobody has {', '.join(PEOPLE[:-1])} or {PEOPLE[-1]} yet, and only who has one sees the "
                     "component", f"Give them to people in {GRANT}.")
    yield Notice("the component shows on the case page only when its page is activated, or the component put on yours",
                 "In Setup > Lightning App Builder open Deskhand Case, choose Activation, and assign it; or drag "
                 "deskhandPanel onto your own case page.")
    yield Notice("the app's key and secret can be set only where the org allows it",
                 "Switch on Setup > External Client App Settings > Allow access to OAuth consumer secrets via Metadata "
                 "API before this is done.")
