"""The login that Deskhand runs with: whose it is, what it may do, and whether that is too little or too much."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import NotFound, Unavailable
from connectors.parts import Finding
from connectors.zendesk.agents import FULL_AGENTS
from connectors.zendesk.checks.asking import SETUP, Doctor
from connectors.zendesk.login import SCOPES
from connectors.zendesk.setup.api import Json
from connectors.zendesk.setup.listed import NAME
from connectors.zendesk.setup.notices import NO_NEW_TOKENS, NO_TOKENS, PEOPLE_PAGE, TOO_MUCH, no_admin
from connectors.zendesk.setup.webhook import ACCOUNT, account_number

CHECK, RIGHTS, WHOSE, LIMIT = "Zendesk login", "Zendesk permissions", "Zendesk account", "Zendesk rate limit"
LITTLE = 0.2
"""Share of the account's calls per minute below which other programs leave us too few."""


def credentials(doctor: Doctor) -> Iterator[Finding]:
    try:
        user = doctor.running.get("users/me").get("user") or {}
    except Unavailable as error:
        if error.reason not in ("credentials", "permission"):
            raise
        yield Finding(CHECK, "red", str(error), f"See that the user is not suspended, or run {SETUP} with an admin's "
                      "login: it makes a new one.", "CRM access")
        return
    who = f"{user.get('name')} ({user.get('email')})"
    if not user.get("id"):
        yield Finding(CHECK, "red", "Zendesk does not know this login", f"Run {SETUP}: it makes a new one.",
                      "CRM access")
        return
    wrong = list(_of_user(user, who))
    yield from wrong
    if not wrong:
        yield Finding(CHECK, "green", f"speaks as {who}, {user.get('role')}", dimension="CRM access")


def _of_user(user: Json, who: str) -> Iterator[Finding]:
    if user.get("suspended") or not user.get("active", True):
        yield Finding(CHECK, "red", f"{who} is suspended or deleted",
                      f"Restore this user in {PEOPLE_PAGE}, or run {SETUP} --set user=ADDRESS.", "CRM access")
    if user.get("role") not in ("agent", "admin") or user.get("role_type") not in (*FULL_AGENTS, 4):
        yield Finding(CHECK, "red", f"{who} is no full team member and cannot answer customers",
                      f"Give this user the role agent or admin in {PEOPLE_PAGE}.", "CRM access")
    elif user.get("only_private_comments"):
        yield Finding(CHECK, "red", f"{who} may write internal notes only, so that no reply would be public",
                      f"Allow public comments for this user in {PEOPLE_PAGE}.", "CRM access")
    elif user.get("ticket_restriction") or (user.get("custom_role_id") and user.get("role") != "admin"):
        yield Finding(CHECK, "yellow", f"{who} may not see every ticket",
                      f"Let this user see all tickets in {PEOPLE_PAGE}, or see that all groups in [scope] are theirs.",
                      "CRM access")
    if user.get("role") == "agent":
        notice = no_admin(who)
        yield Finding(CHECK, "yellow", notice.what, notice.mend, "CRM access")


def permissions(doctor: Doctor) -> Iterator[Finding]:
    settings = doctor.settings
    if not settings.has_client() and not settings.oauth_token:
        yield Finding(RIGHTS, "yellow", f"logs in with an API token: {TOO_MUCH}. Zendesk makes none since "
                      f"{NO_NEW_TOKENS} and ends all on {NO_TOKENS}",
                      f"Run {SETUP} --set login=oauth: it makes an OAuth client with the scopes "
                      f"{' and '.join(SCOPES)}.")
        return
    try:
        token = doctor.running.get("oauth/tokens/current").get("token") or {}
    except NotFound:
        yield Finding(RIGHTS, "yellow", "Zendesk does not show what this token may do", f"Run {SETUP} again.")
        return
    scopes = [str(one) for one in token.get("scopes") or []]
    missing = [one for one in SCOPES if not _covers(scopes, one)]
    needless = [one for one in scopes if one not in SCOPES]
    if missing:
        yield Finding(RIGHTS, "red", f"the token lacks the scope {' and '.join(missing)}",
                      f"Run {SETUP}: its OAuth client asks for {' and '.join(SCOPES)}.")
    if needless:
        yield Finding(RIGHTS, "yellow", f"the token has scopes nobody needs: {', '.join(needless)}",
                      f"Run {SETUP}, and take ZENDESK_OAUTH_TOKEN out of .env.")
    if not settings.has_client() and token.get("expires_at"):
        yield Finding(RIGHTS, "red", f"the token ends at {token['expires_at']}, and nothing renews it",
                      f"Run {SETUP}: Deskhand then gets its tokens itself.")
    if not (missing or needless):
        yield Finding(RIGHTS, "green", f"the scopes {' and '.join(scopes)}, no more and no less")
    yield from _left_over(doctor)


def _covers(scopes: list[str], wanted: str) -> bool:
    return wanted in scopes or wanted.rpartition(":")[2] in scopes


def _left_over(doctor: Doctor) -> Iterator[Finding]:
    held = [name for name in ("ZENDESK_API_TOKEN", "ZENDESK_OAUTH_TOKEN") if doctor.house.settings.get(name)]
    if doctor.settings.has_client() and held:
        yield Finding(RIGHTS, "yellow", f"{' and '.join(held)} from the setup is still there, and running does not "
                      "need it", f"Take {' and '.join(held)} out of .env.")


def account(doctor: Doctor) -> Iterator[Finding]:
    """Zendesk names its number only in what it sends, so it is compared with the latest deliveries."""
    held, settings = doctor.house.settings.get(ACCOUNT, ""), doctor.settings
    kind = "SANDBOX" if settings.sandbox else "PRODUCTION"
    if "sandbox" in settings.subdomain and not settings.sandbox:
        yield Finding(WHOSE, "yellow", f"{settings.subdomain} looks like a sandbox and counts as PRODUCTION",
                      "Write ZENDESK_SANDBOX=on to .env if it is one.", "guardrails")
    numbers = [account_number(doctor.admin, str(one["id"])) for one in doctor.admin.every("webhooks", "webhooks")
               if one.get("name") == NAME]
    said = next((one for one in numbers if one), None)
    if held and said and held != said:
        yield Finding(WHOSE, "red", f"{ACCOUNT} is {held}, and this account is {said}: every event is refused",
                      f"Write {ACCOUNT}={said} to .env.", "guardrails")
    elif not held:
        told = f"run {SETUP} again" if said else f"run {SETUP} again when the first event has come"
        yield Finding(WHOSE, "yellow", f"{ACCOUNT} is not set: events are told apart by their secret alone",
                      f"{told[0].upper()}{told[1:]}: it reads the number from Zendesk's own deliveries.", "guardrails")
    else:
        yield Finding(WHOSE, "green", f"{settings.subdomain}.zendesk.com, {kind}, account {held}",
                      dimension="guardrails")


def headroom(doctor: Doctor) -> Iterator[Finding]:
    client = doctor.running
    answer = client.session().get(f"{client.root}/users/me.json", timeout=doctor.around.timeout)
    limit, left = (answer.headers.get(name, "") for name in ("x-rate-limit", "x-rate-limit-remaining"))
    if not (limit.isdigit() and left.isdigit() and int(limit)):
        yield Finding(LIMIT, "yellow", "Zendesk did not say how many calls a minute are left",
                      "Look at Admin Center > Apps and integrations > APIs > API usage.")
    elif int(left) < LITTLE * int(limit):
        yield Finding(LIMIT, "yellow", f"{left} of {limit} calls are left in this minute: other programs use the rest",
                      "See who calls in Admin Center > Apps and integrations > APIs > API usage, or buy the add-on for "
                      "more calls.")
    else:
        yield Finding(LIMIT, "green", f"{left} of {limit} calls are left in this minute")


