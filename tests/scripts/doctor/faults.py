"""The faults that are planted: how each is made, and what the doctor must say of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests

from agent.policy.nodes import text_digest
from connectors.parts import CHANGING
from scripts.doctor.premises import Space
from tests.scripts.doctor.clinic import GB, TOML, Clinic


@dataclass(frozen=True)
class Fault:
    plant: Callable[[Clinic], object]
    level: str
    check: str
    says: str
    mend: str


def _set(name: str, value: str) -> Callable[[Clinic], object]:
    return lambda clinic: clinic.env.update({name: value})


def _unset(name: str) -> Callable[[Clinic], object]:
    return lambda clinic: clinic.env.pop(name)


def _sql(words: str) -> Callable[[Clinic], object]:
    return lambda clinic: clinic.sql(words, now=clinic.now)


def _toml(words: str) -> Callable[[Clinic], object]:
    return lambda clinic: clinic.toml(words)


def _hook(clinic: Clinic) -> Any:
    [held] = clinic.books("zendesk").webhooks.values()
    return held


def _endpoint(clinic: Clinic) -> Any:
    [held] = clinic.books("stripe").endpoints.values()
    return held


def _key(clinic: Clinic) -> Any:
    return clinic.books("stripe").keys["rk_test_sandbox"]


def _list_endpoints(clinic: Clinic) -> None:
    """With a key that may do more than it needs, more is seen."""
    _key(clinic).permissions["webhook_endpoints"] = "read"


def _free(count: int) -> Callable[[Clinic], object]:
    """Of the disk of an embedded database."""
    def fill(clinic: Clinic) -> None:
        del clinic.env["DESKHAND_DATABASE_URL"]
        clinic.space = Space(100 * GB, count)
    return fill


def _trigger(clinic: Clinic) -> None:
    """An admin's own trigger calls our webhook on every comment, ours too."""
    zendesk = clinic.books("zendesk")
    rule = {"id": 990001, "title": "Tell Deskhand", "active": True, "description": "", "position": 99,
            "conditions": {"all": [], "any": [{"field": "update_type", "operator": "is", "value": "Change"}]},
            "actions": [{"field": "notification_webhook", "value": [_hook(clinic)["id"], "{}"]}]}
    zendesk.triggers.append({**zendesk.triggers[0], **rule})


def _no_notification(clinic: Clinic) -> None:
    for rule in clinic.books("zendesk").triggers:
        rule["active"] = False


def _endpoint_off(clinic: Clinic) -> None:
    _list_endpoints(clinic)
    _endpoint(clinic)["status"] = "disabled"


def _second_endpoint(clinic: Clinic) -> None:
    _list_endpoints(clinic)
    own = _endpoint(clinic)
    clinic.books("stripe").endpoints["we_other"] = {**own, "id": "we_other", "metadata": {}, "description": "by hand"}


def _other_secret(clinic: Clinic) -> None:
    _list_endpoints(clinic)
    clinic.env["STRIPE_WEBHOOK_SECRET"] = "whsec_of_another_endpoint"


def _paused_by_breaker(clinic: Clinic) -> None:
    clinic.sql("insert into switches (action, paused, reason, by, at) values ('refund', true, 'USD 2,000 would go "
               "out', 'circuit breaker', :now)", now=clinic.now)


def _held(clinic: Clinic) -> None:
    """Down to the row, with nothing that a person wrote."""
    clinic.sql("insert into tickets (ref, vendor, account, vendor_id, first_seen_at) values "
               "('zendesk:acme:77', 'zendesk', 'acme', '77', :now)", now=clinic.now)
    clinic.sql("insert into proposals (ticket_id, generation, digest, planner, version, facts_digest, sealed, "
               "created_at) select id, 1, 'd', 'rules', '1', 'f', '', :now from tickets", now=clinic.now)
    clinic.sql("insert into operations (id, ticket_id, proposal_id, position, kind, role, target, digest, state, "
               "reason, sealed, created_at, changed_at) select 'op-000000000000000000000000', ticket_id, id, 0, "
               "'refund', 'payments', 'ch_1', 'd', 'held', 'Stripe did not answer', '', :now, :now from proposals",
               now=clinic.now)


def _loose_policy(clinic: Clinic) -> None:
    """Somebody wrote into the database, past the publication and its proof, and into the audit as well."""
    _unsaid_policy(clinic)
    clinic.sql("insert into audit (at, kind, public) select published_at, 'policy.published', jsonb_build_object("
               "'version', version, 'digest', digest, 'never', encode(sha256(convert_to(never, 'UTF8')), 'hex')) "
               "from policies where version = 2")


def _unsaid_policy(clinic: Clinic) -> None:
    text = (clinic.folder / "policy" / "policy.yaml").read_text()
    never = ("never:\n- {id: no-machine, actions: [refund], at_least: refuse, because: nobody wants this}\n")
    clinic.sql("insert into policies (version, digest, text, never, published_by, published_at) values "
               "(2, :digest, :text, :never, 'nobody', :now)", text=text, never=never, now=clinic.now,
               digest=text_digest(text))


def _unpublish(clinic: Clinic) -> None:
    clinic.sql("set local session_replication_role = replica; delete from policies")


def _changed_draft(clinic: Clinic) -> None:
    path = clinic.folder / "policy" / "policy.yaml"
    path.write_text(path.read_text() + "\n# a word more\n")


def _late(clinic: Clinic) -> None:
    clinic.sql("select procrastinate_defer_jobs_v1(array[row('tickets', 'deskhand.wake', 0, 'ticket:1', null, "
               "jsonb_build_object('ticket', 1, 'why', 'test'), :at)::procrastinate_job_to_defer_v1])",
               at=clinic.now - timedelta(minutes=30))


def _readable(clinic: Clinic) -> None:
    clinic.file.path.chmod(0o644)


def _two_values(clinic: Clinic) -> None:
    clinic.env["STRIPE_WEBHOOK_SECRET"] += ",whsec_old"
    old = (clinic.now - timedelta(days=9)).timestamp()
    os.utime(clinic.file.path, (old, old))


def _half_way(clinic: Clinic) -> None:
    clinic.env["ZENDESK_WEBHOOK_SECRET"] = f"{CHANGING},{clinic.env['ZENDESK_WEBHOOK_SECRET']}"


def _front(**told: Any) -> Callable[[Clinic], object]:
    return lambda clinic: clinic.front.body.update(told)


def _front_error(error: requests.RequestException) -> Callable[[Clinic], object]:
    return lambda clinic: setattr(clinic.front, "error", error)


def _no_admin(clinic: Clinic) -> None:
    zendesk = clinic.books("zendesk")
    zendesk.users[zendesk.person("deskhand@acme.example")]["role"] = "agent"


def _model_says(**answer: Any) -> Callable[[Clinic], object]:
    return lambda clinic: clinic.books("openai").queue.append(answer)


FAULTS: dict[str, Fault] = {
    "a setting is missing": Fault(
        _unset("ZENDESK_WEBHOOK_SECRET"), "red", "settings", "ZENDESK_WEBHOOK_SECRET is missing.", "deskhand init"),
    "a setting is wrong": Fault(
        _set("STRIPE_API_KEY", "pk_live_x"), "red", "settings", "STRIPE_API_KEY cannot be used.",
        "A Stripe key starts with rk_live_"),
    "a line of deskhand.toml is wrong": Fault(
        _toml("[handof]\ngroup = '1'\n"), "red", "deskhand.toml", "line 1: handof is not a setting; did you mean",
        "Mend it; deskhand serve does not start before."),
    "the named deskhand.toml is not there": Fault(
        _set("DESKHAND_CONFIG", "deskhand.tmol"), "red", "deskhand.toml", "deskhand.tmol cannot be read (No such file",
        "Mend it; deskhand serve does not start before."),
    ".env is world-readable": Fault(
        _readable, "red", ".env", "mode 0644", "chmod 600 .env"),
    "the secret key was typed": Fault(
        _set("DESKHAND_SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "red", "secret key", "typed and not drawn",
        "openssl rand -base64 36"),
    "the secret key is another database's": Fault(
        _set("DESKHAND_SECRET_KEY", "pJ4mWc8Rt2Vx6Yb9Nd3Kg7Hs5Lq1Zf0E"), "red", "secret key",
        "does not open what this database holds", "Put the value of DESKHAND_SECRET_KEY that was used before back"),
    "two values of a secret are old": Fault(
        _two_values, "yellow", "rotation", "STRIPE_WEBHOOK_SECRET has had two values for at least 9 days",
        "deskhand rotate stripe --finish"),
    "a change of the signing secret was killed": Fault(
        _half_way, "red", "rotation", "The change of ZENDESK_WEBHOOK_SECRET was stopped half way",
        "deskhand rotate zendesk."),
    "the clock is 10 minutes off": Fault(
        lambda clinic: setattr(clinic, "off", timedelta(minutes=10)), "red", "clock",
        "10 minutes ahead of the vendors'. Signed events are refused", "timedatectl set-ntp true"),
    "the clock is 45 seconds off": Fault(
        lambda clinic: setattr(clinic, "off", timedelta(seconds=-45)), "yellow", "clock", "45 seconds behind",
        "timedatectl set-ntp true"),
    "the disk is full": Fault(_free(GB // 8), "red", "disk", "0.1 GB of 100.0 GB are free", "Make room"),
    "the disk is filling": Fault(_free(5 * GB), "yellow", "disk", "5.0 GB of 100.0 GB are free", "Make room"),
    "test and live are mixed": Fault(
        _unset("ZENDESK_SANDBOX"), "red", "test and live", "a test stripe key stands beside a production zendesk",
        "Put keys of one kind into .env"),
    "nobody attests the senders": Fault(
        _unset("ZENDESK_SENDER_AUTH"), "yellow", "senders", "proves nothing", "ZENDESK_SENDER_AUTH=on"),
    "no public address": Fault(
        _unset("DESKHAND_PUBLIC_URL"), "yellow", "public address", "is not set", "https address"),
    "the public address is not https": Fault(
        _set("DESKHAND_PUBLIC_URL", "http://deskhand.acme.example"), "red", "public address", "is not https",
        "Put a proxy with a certificate"),
    "the public name does not resolve": Fault(
        lambda clinic: setattr(clinic, "names", False), "red", "public address", "has no address", "DNS record"),
    "nothing answers at the public address": Fault(
        _front_error(requests.ConnectionError("refused")), "red", "public address", "Nothing that is Deskhand answers",
        "manifests/deploy"),
    "the certificate has expired": Fault(
        _front_error(requests.exceptions.SSLError("expired")), "red", "public address", "certificate", "Renew it"),
    "another installation answers": Fault(
        _front(instance="someone-else"), "red", "public address", "Another installation answers", "Point the proxy"),
    "an old server still runs": Fault(
        _front(version="0.0.1"), "red", "public address", "Deskhand 0.0.1 answers", "Restart deskhand serve"),
    "the database is away": Fault(
        _set("DESKHAND_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x"), "red", "database", "does not answer",
        "Mend this first"),
    "the database holds another account's tickets": Fault(
        _sql("insert into tickets (ref, vendor, account, vendor_id, first_seen_at) values "
             "('zendesk:other:1', 'zendesk', 'other', '1', :now)"), "red", "accounts", "zendesk other",
        "an installation of its own"),
    "no policy is published": Fault(
        _unpublish, "red", "policy", "no policy is published", "deskhand policy publish"),
    "the policy breaks never.yaml": Fault(
        _loose_policy, "red", "policy", "breaks never.yaml: no-machine", "deskhand policy prove"),
    "the policy was written past its publication": Fault(
        _unsaid_policy, "red", "policy", "version 2 of the policy is not the one that was published",
        "deskhand policy publish"),
    "the draft is not what is published": Fault(
        _changed_draft, "yellow", "drafts", "is not what is published", "deskhand policy diff published, then"),
    "the draft is gone": Fault(
        lambda clinic: (clinic.folder / "policy" / "policy.yaml").unlink(), "yellow", "drafts",
        "There is no policy.yaml", "deskhand policy check"),
    "the draft is no policy": Fault(
        lambda clinic: (clinic.folder / "policy" / "policy.yaml").write_text("modes: all"), "yellow", "drafts",
        "cannot be read", "deskhand policy check"),
    "everything is paused": Fault(
        _sql("insert into switches (action, paused, reason, by, at) values ('all', true, 'month end', 'Lea', :now)"),
        "yellow", "pauses", "by Lea: month end", "deskhand resume --by NAME"),
    "the breaker tripped": Fault(
        _paused_by_breaker, "red", "pauses", "by circuit breaker", "deskhand resume --action refund --by NAME"),
    "a currency has no rate": Fault(
        _sql("insert into totals (kind, subject, day, currency, attended, amount, count) values "
             "('desk', 'desk', :now, 'CHF', false, 100, 1)"), "yellow", "rates", "No rate is set for CHF, so",
        'CHF = "1.08"'),
    "the worker is gone": Fault(
        _sql("update procrastinate_workers set last_heartbeat = cast(:now as timestamptz) - interval '5 minutes'"),
        "red", "workers", "No worker was seen since", "Start deskhand serve"),
    "a ticket waits for half an hour": Fault(
        _late, "red", "waiting tickets", "1 ticket waits for a worker", "Start deskhand work"),
    "an operation is held": Fault(
        _held, "red", "held operations", "op-000000000000000000000000 (refund of ch_1, ticket zendesk:acme:77)",
        "deskhand held resolve op-000000000000000000000000"),
    "catching up has failed": Fault(
        _sql("insert into catchups (name, since, problem) values ('zendesk:acme', :now, 'not an admin')"),
        "yellow", "catching up", "not an admin", "deskhand catchup"),
    "a keeper of the audit's heads is away": Fault(
        _sql("insert into audit_keepers (name, problem, failing_since) values ('url', 'it answered with 503', :now)"),
        "yellow", "audit heads", "The keeper url is away since", "[audit] in deskhand.toml"),
    "a keeper of the audit's heads was cut off": Fault(
        _sql("with made as (insert into audit (kind, at, public) "
             "values ('note', :now - interval '20 minutes', '{}') returning at) "
             "insert into audit_keepers (name, upto, kept_at) select 'file', 9999, at - interval '1 day' from made"),
        "yellow", "audit heads", "and none of what came since", "deskhand audit verify"),
    "no helpdesk keeps the audit's heads": Fault(
        _toml(TOML + '\n[audit]\nkeepers = ["helpdesk"]\n'), "yellow", "audit heads",
        "No helpdesk that is set up keeps heads", "keepers under [audit]"),
    "nobody keeps the audit's heads": Fault(
        _toml(TOML + "\n[audit]\nkeepers = []\n"), "yellow", "audit heads", "Nobody keeps the audit's heads",
        "Name a keeper"),
    "no role is held": Fault(
        _toml(TOML.replace("[roles]", "[handoff]").replace("agent =", "tags =").replace("lead =", "#").replace(
            "finance =", "#")), "yellow", "roles", "No group holds a role", "[roles]"),
    "the webhook is disabled": Fault(
        lambda clinic: _hook(clinic).update(status="inactive"), "red", "Zendesk webhook", "it is inactive",
        "deskhand setup zendesk"),
    "the webhook calls another address": Fault(
        lambda clinic: _hook(clinic).update(endpoint="https://old.acme.example/webhooks/zendesk"), "red",
        "Zendesk webhook", "it calls https://old.acme.example", "deskhand setup zendesk"),
    "the webhook's secret is another": Fault(
        _set("ZENDESK_WEBHOOK_SECRET", "bm90LXRoZS1zZWNyZXQ="), "red", "Zendesk round trip", "refused its signature",
        "deskhand setup zendesk"),
    "a trigger loops": Fault(
        _trigger, "red", "Zendesk loops", 'trigger "Tell Deskhand" calls Deskhand', "Current user is not"),
    "no trigger notifies requesters": Fault(
        _no_notification, "red", "Zendesk notifications", "no ", "Notify requester"),
    "the view is gone": Fault(
        lambda clinic: clinic.books("zendesk").rules["views"].clear(), "yellow", "Zendesk view", "no view",
        "deskhand setup zendesk"),
    "Zendesk's user is no admin any more": Fault(
        _no_admin, "yellow", "Zendesk login", "is an agent", "Make this user an admin"),
    "Zendesk's OAuth client is revoked": Fault(
        _set("ZENDESK_OAUTH_CLIENT_SECRET", "not-this-one"), "red", "Zendesk login", "no access token",
        "deskhand setup zendesk"),
    "the account id is another's": Fault(
        _set("ZENDESK_ACCOUNT_ID", "42"), "red", "Zendesk account", "ZENDESK_ACCOUNT_ID is 42",
        "Write ZENDESK_ACCOUNT_ID=10000001"),
    "a group of [roles] is gone": Fault(
        _toml(TOML.replace("Team leads", "Bosses")), "red", "Zendesk groups", 'group "Bosses"', "Correct [roles]"),
    "Stripe's key has expired": Fault(
        lambda clinic: setattr(_key(clinic), "ended", "expired"), "red", "account", "could not be asked",
        "deskhand init"),
    "Stripe's key lacks a right": Fault(
        lambda clinic: _key(clinic).permissions.pop("disputes"), "red", "permissions",
        "lacks the permission Disputes: Read", "API keys"),
    "Stripe's key has a needless right": Fault(
        lambda clinic: _key(clinic).permissions.update(payouts="write"), "yellow", "permissions",
        "Payouts: Write", "Take it away"),
    "Stripe's key may do everything": Fault(
        lambda clinic: (clinic.books("stripe").keys.update(sk_test_all=_all(clinic)),
                        clinic.env.update(STRIPE_API_KEY="sk_test_all")), "yellow", "permissions",
        "may do everything", "restricted key"),
    "Stripe's account is another": Fault(
        _set("STRIPE_ACCOUNT_ID", "acct_other"), "red", "account", "STRIPE_ACCOUNT_ID says acct_other",
        "deskhand init"),
    "Stripe's webhook secret is missing": Fault(
        _unset("STRIPE_WEBHOOK_SECRET"), "yellow", "webhook endpoint", "is not set", "deskhand setup stripe"),
    "Stripe's webhook secret is another's": Fault(
        _other_secret, "red", "webhook endpoint", "is not its signing secret", "deskhand setup stripe"),
    "Stripe's endpoint is switched off": Fault(
        _endpoint_off, "red", "webhook endpoint", "it is switched off", "deskhand setup stripe"),
    "a second endpoint doubles each event": Fault(
        _second_endpoint, "yellow", "webhook endpoint", "we_other calls", "Delete it"),
    "Salesforce's secret is wrong": Fault(
        _set("SALESFORCE_CLIENT_SECRET", "wrong"), "red", "org", "gives no token", "deskhand init"),
    "a field of the contact is hidden": Fault(
        lambda clinic: clinic.books("salesforce").hidden.add("Contact.MobilePhone"), "yellow", "permissions",
        "Contact.MobilePhone: read", "permission set"),
    "a field of the contact is read-only": Fault(
        lambda clinic: clinic.books("salesforce").read_only.add("Contact.Phone"), "yellow", "permissions",
        "Contact.Phone: edit", "permission set"),
    "Salesforce's user may edit addresses of mail": Fault(
        lambda clinic: clinic.books("salesforce").read_only.discard("Contact.Email"), "yellow", "permissions",
        "Contact.Email: edit, which Deskhand does not need", "Take it away"),
    "field history is off": Fault(
        lambda clinic: setattr(clinic.books("salesforce"), "history", ("Phone",)), "yellow", "field history",
        "not recorded", "Turn field history on"),
    "Salesforce's calls are used up": Fault(
        lambda clinic: setattr(clinic.books("salesforce"), "used", 14_500), "red", "org", "API calls",
        "API Usage"),
    "the model's key is revoked": Fault(
        lambda clinic: clinic.books("openai").keys.clear(), "red", "model", "could not be asked", "deskhand init"),
    "the model knows no structured output": Fault(
        _model_says(text="I am ready!"), "red", "model", "cannot be used", "OPENAI_MODEL"),
    "the model ignores the schema": Fault(
        _model_says(json={"ready": True, "colour": "red"}), "red", "model", "not in the schema", "OPENAI_MODEL"),
}


def _all(clinic: Clinic) -> Any:
    key = _key(clinic)
    return type(key)("sk_test_all", everything=True)
