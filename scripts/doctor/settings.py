"""What .env, deskhand.toml and the folder say."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.phrases import PHRASES
from connectors.parts import CHANGING, Finding
from scripts.doctor.premises import Premises
from webhooks.app import crossed
from webhooks.config import config_path

INIT = "deskhand init"
SECRETS = ("DESKHAND_SECRET_KEY", "ZENDESK_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET", "SALESFORCE_CLIENT_SECRET",
           "SALESFORCE_CERTIFICATE")
"""Those that may have two values while they are changed."""
ROTATING = timedelta(days=7)
"""Longest that two values should count."""
FEW_LETTERS = 10
"""Different characters below which a key was typed and not drawn."""


def settings(premises: Premises) -> Iterator[Finding]:
    """Each mistake names its variable and what to write."""
    mistakes = premises.read.mistakes
    for one in mistakes:
        says, _, mend = one.partition(": ")
        if " is missing" in says:
            yield Finding("settings", "red", f"{says}.", f"Run {INIT}" + (f": {mend}." if mend else "."))
        else:
            yield Finding("settings", "red", f"{says} cannot be used.", f"{_sentence(mend or says)}")
    if not mistakes:
        yield Finding("settings", "green", "Every setting that is there can be used.")


def config(premises: Premises) -> Iterator[Finding]:
    for one in premises.config_mistakes:
        yield Finding("deskhand.toml", "red", _sentence(one), "Mend it; deskhand serve does not start before.",
                      "guardrails")
    if not premises.config_mistakes:
        there = config_path(premises.env, premises.folder).exists()
        yield Finding("deskhand.toml", "green", "It can be used." if there else "There is none: defaults hold.", "",
                      "guardrails")


def env_file(premises: Premises) -> Iterator[Finding]:
    """Secrets stand in it, so its owner alone may read it."""
    path = premises.folder / ".env"
    if not path.exists():
        yield Finding(".env", "green", "There is none: settings come from the environment.")
    elif (mode := stat.S_IMODE(path.stat().st_mode)) & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(".env", "red", f"Others on this machine may read .env (mode {mode:04o}), and secrets stand in "
                      "it.", f"chmod 600 {path.name}, and change the secrets if strangers could log in here.")
    else:
        yield Finding(".env", "green", "Only its owner can read it.")


def secret_key(premises: Premises) -> Iterator[Finding]:
    newest = premises.env.get("DESKHAND_SECRET_KEY", "").partition(",")[0].strip()
    if newest and len(set(newest)) < FEW_LETTERS:
        yield Finding("secret key", "red", "DESKHAND_SECRET_KEY was typed and not drawn by chance.",
                      "Make one with openssl rand -base64 36, and change it with deskhand rotate secret-key.",
                      "guardrails")
    elif newest:
        yield Finding("secret key", "green", "DESKHAND_SECRET_KEY looks drawn by chance.", "", "guardrails")


def two_values(premises: Premises, now: datetime) -> Iterator[Finding]:
    """A rotation that nobody finished: the old secret still opens the door, or the new one is not known yet."""
    for name in (one for one in SECRETS if CHANGING in premises.env.get(one, "").split(",")):
        yield Finding("rotation", "red", f"The change of {name} was stopped half way, so that what is signed with the "
                      "new secret is not taken.", f"Go on with it: {_finish(name).removesuffix(' --finish')}.",
                      "guardrails")
    path = premises.folder / ".env"
    if not path.exists() or now - _changed(path) < ROTATING:
        return
    days = (now - _changed(path)).days
    for name in SECRETS:
        if premises.env.get(name, "").count(","):
            yield Finding("rotation", "yellow", f"{name} has had two values for at least {days} days.",
                          f"Finish the change: {_finish(name)}.", "guardrails")


def _finish(name: str) -> str:
    what = {"DESKHAND_SECRET_KEY": "secret-key", "ZENDESK_WEBHOOK_SECRET": "zendesk",
            "STRIPE_WEBHOOK_SECRET": "stripe", "SALESFORCE_CERTIFICATE": "salesforce"}.get(name)
    return f"deskhand rotate {what} --finish" if what else f"take the second value of {name} out of .env"


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def modes(premises: Premises) -> Iterator[Finding]:
    """Test money at a real desk, or real money at a test desk, is never moved."""
    payments = premises.payments()
    if why := crossed(payments, premises.helpdesks()):
        yield Finding("test and live", "red", f"Nothing is executed: {why}.",
                      "Put keys of one kind into .env, or write ZENDESK_SANDBOX=on if the helpdesk is a sandbox.",
                      "guardrails")
    elif payments is not None:
        kind = "LIVE: refunds are real money" if payments.live else "TEST: no real money moves"
        yield Finding("test and live", "green", f"{payments.vendor.title()} and the helpdesk are of one kind, {kind}.",
                      "", "guardrails")


def records_kind(premises: Premises) -> Iterator[Finding]:
    """The records of a sandbox beside a production helpdesk, or the other way round; asks the org."""
    helpdesk = next(iter(premises.helpdesks().values()), None)
    for name, records in premises.connected("records").items():
        if helpdesk is not None and records.production != helpdesk.production:
            kinds = {True: "production", False: "a sandbox"}
            yield Finding("test and live", "yellow", f"{name.title()} is {kinds[records.production]}, and the helpdesk "
                          f"is {kinds[helpdesk.production]}.",
                          f"Connect the {name.title()} org that belongs to this helpdesk.", "CRM access")


ATTEST = {"zendesk": ("Zendesk", "Switch on Admin Center > Channels > Email > Authenticate with SPF, DKIM and DMARC, "
                      "then write ZENDESK_SENDER_AUTH=on to .env."),
          "salesforce": ("Salesforce", "Switch on Setup > Email-to-Case > each routing address > Advanced Email "
                         "Security Settings, then write SALESFORCE_SENDER_AUTH=on to .env.")}
"""What each helpdesk is called, and how an admin comes to attest that it checks who sends a mail."""


def sender(premises: Premises) -> Iterator[Finding]:
    own = premises.read.own
    checked = own.senders_checked() if own is not None else ()
    for vendor in [one for one in ATTEST if one in premises.helpdesks()] or ["zendesk"]:
        name, mend = ATTEST[vendor]
        if vendor in checked:
            yield Finding("senders", "green", f"An admin attests that {name} authenticates senders.", "", "guardrails")
        else:
            yield Finding("senders", "yellow", f"Nobody attests that {name} authenticates senders, so what comes by "
                          "mail proves nothing and a person decides.", mend, "guardrails")


def hours(premises: Premises, now: datetime) -> Iterator[Finding]:
    chosen = premises.config.hours
    if chosen is None:
        yield Finding("hours", "green", "No [hours] are set; no rule can ask whether the desk is open.", "",
                      "guardrails")
        return
    local = now.astimezone(ZoneInfo(chosen.zone))
    state = "open" if chosen.at(now) else "closed"
    yield Finding("hours", "green", f"In {chosen.zone} it is {local:%A %H:%M}, and the desk is {state}.", "",
                  "guardrails")


def languages(premises: Premises) -> Iterator[Finding]:
    spoken = premises.config.replies.languages
    silent = [one for one in PHRASES if one not in spoken]
    rest = f" Customers who write {', '.join(silent)} get a person." if silent else ""
    yield Finding("languages", "green", f"Replies are written in {', '.join(spoken)}.{rest}", "", "knowledge")


def orders(premises: Premises) -> Iterator[Finding]:
    """How a ticket is matched with a payment."""
    chosen = premises.config.payments
    where = f"the ticket field {chosen.order_field}" if chosen.order_field else "the text, by order_pattern"
    if chosen.order_field or chosen.order_pattern:
        yield Finding("order numbers", "green", f"They are read from {where}, and found in Stripe by the metadata "
                      f"{chosen.order_metadata_key}.", "", "knowledge")
    else:
        yield Finding("order numbers", "yellow", "Nothing says where an order number stands, so payments are told "
                      "apart by customer, amount and time only.",
                      "Name order_field or order_pattern under [payments] in deskhand.toml.", "knowledge")


def handing_over(premises: Premises) -> Iterator[Finding]:
    roles = premises.config.roles.model_dump()
    held = [name for name, groups in roles.items() if groups]
    vain = [name for place, name in enumerate(roles) if not any(one in held for one in list(roles)[place:])]
    if vain:
        whose = "No group holds a role" if not held else f"No group holds the role {' or '.join(vain)}"
        yield Finding("roles", "yellow", f"{whose}, so what needs such a colleague's yes waits in vain.",
                      'Name helpdesk groups under [roles] in deskhand.toml: agent = ["Support"]', "escalation path")
    else:
        yield Finding("roles", "green", "Each role is held by a group.", "", "escalation path")
    group = premises.config.handoff.group
    says = f"Handed-over tickets go to the group {group}." if group else "Handed-over tickets stay in their group."
    yield Finding("handing over", "green", says, "", "escalation path")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", ":")) else ".")
