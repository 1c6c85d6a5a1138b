"""What to tell the admin before anything is made: logins that may do too much, and rules that get in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connectors.contract import NotFound, Unavailable
from connectors.parts import MARK, House, Notice
from connectors.zendesk.events import DOOR
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.setup import group
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.bearing import Bears, bears, effects, tells_requester, updates
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.login import LoginPart
from connectors.zendesk.setup.webhook import made_here

TAGS = ("waiting", "done", "handed_over")
RULES_PAGE = "Admin Center > Objects and rules > Business rules"
PEOPLE_PAGE = "Admin Center > People > Team members"
NO_NEW_TOKENS, NO_TOKENS = "27 October 2026", "30 April 2027"
"""Zendesk docs, "Migrating from API tokens to OAuth access tokens"."""
TOO_MUCH = "an API token may do everything its user may, has no scopes and no end, and works with any user's address"
REPLY_TIMES = ("first_reply_time", "next_reply_time", "periodic_update_time", "requester_wait_time")
"""Metrics of an SLA that a public comment by a team member fulfils or stops (docs, "SLA Policies")."""


def our_tags(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{one}" for one in TAGS)


@dataclass(frozen=True)
class Rules:
    """The account's own business rules, as far as its plan has them."""

    triggers: list[Json]
    automations: list[Json]
    macros: list[Json]
    slas: list[Json]

    @classmethod
    def read(cls, api: Api) -> Rules:
        def of(path: str, name: str) -> list[Json]:
            return [one for one in _where_there_are(lambda: api.every(path, name))
                    if MARK not in str(one.get("description") or "")]

        return cls(of("triggers", "triggers"), of("automations", "automations"), of("macros", "macros"),
                   of("slas/policies", "sla_policies"))


def _where_there_are(ask: Callable[[], list[Json]]) -> list[Json]:
    """A plan without this kind of rule says 404 or 403."""
    try:
        return ask()
    except NotFound:
        return []
    except Unavailable as error:
        if error.reason == "permission":
            return []
        raise


def all_of(api: Api, settings: ZendeskSettings, house: House, choices: Choices, login: LoginPart) -> Iterator[Notice]:
    yield from _logins(settings, choices, login)
    rules = Rules.read(api)
    user = login.speaks_as()
    yield from in_the_way(rules, user, house.tag_prefix)
    yield from reaching(rules, user)
    yield from other_webhooks(api, house)
    yield from _group(api, house)


def _logins(settings: ZendeskSettings, choices: Choices, login: LoginPart) -> Iterator[Notice]:
    if choices.login == "token":
        yield Notice(f"{TOO_MUCH}; Zendesk makes none since {NO_NEW_TOKENS} and ends all on {NO_TOKENS}",
                     "Choose login=oauth: then Deskhand logs in with an OAuth client and two scopes.")
    elif settings.api_token:
        yield Notice(f"this setup is run with an API token, and {TOO_MUCH}",
                     "Where it stands in .env, take it out afterwards: running needs the OAuth client alone.")
    if choices.login == "oauth" and choices.user is None:
        me = login.user()
        yield Notice(f"Deskhand will speak as {me.get('name')} ({me.get('email')}): notes and replies bear that name",
                     "For a name of its own, add a team member for Deskhand (this takes a paid seat) and choose "
                     "user=ADDRESS.")
    elif choices.user and login.user().get("role") != "admin":
        yield no_admin(choices.user)


def no_admin(who: str) -> Notice:
    """Of an agent whom Deskhand is to speak as (docs, "Incremental Exports")."""
    return Notice(f"{who} is an agent, and Zendesk lists changed tickets to admins only: what no webhook told is not "
                  "found", f"Make this user an admin in {PEOPLE_PAGE}; the OAuth scopes keep it from changing anything "
                  "but tickets.")


def in_the_way(rules: Rules, user: str, prefix: str) -> Iterator[Notice]:
    """Rules that our updates set off, or that would undo them."""
    tags = our_tags(prefix)
    for trigger in rules.triggers:
        for ours in updates(user):
            does = [one for one in effects(trigger, tags) if not (tells_requester(trigger) and ours.public
                                                                   and one.startswith("mails the requester"))]
            how = bears(trigger, ours)
            if how is not Bears.NO and does:
                fires = "fires on" if how is Bears.SURELY else "may fire on"
                yield Notice(f'trigger "{trigger.get("title")}" {fires} {ours.words} and {", ".join(does)}',
                             f'In {RULES_PAGE} > Triggers add the condition "Current user is not" Deskhand\'s user, '
                             "or leave it if that is meant.")
    for automation in rules.automations:
        undoes = [one for one in effects(automation, tags) if "tag" in one or "status to open" in one]
        if automation.get("active", True) and undoes:
            yield Notice(f'automation "{automation.get("title")}" {", ".join(undoes)} after a time',
                         f'In {RULES_PAGE} > Automations leave out tickets with the tag {prefix}_waiting.')
    for macro in rules.macros:
        touches = [one for one in effects(macro, tags) if "our tag" in one or "ours too" in one]
        if macro.get("active", True) and touches:
            yield Notice(f'macro "{macro.get("title")}" {", ".join(touches)}, and Deskhand would take it for its own',
                         "Take this action out of the macro; Deskhand sets and removes its tags itself.")
    for sla in rules.slas:
        counted = sorted({str(one.get("metric")) for one in sla.get("policy_metrics") or []} & set(REPLY_TIMES))
        if counted:
            metrics = " and ".join(one.replace("_", " ") for one in counted)
            yield Notice(f'SLA policy "{sla.get("title")}" counts {metrics}: a reply of Deskhand fulfils it',
                         "Say in your reports that replies of Deskhand count, or leave out its tickets by tag.")


def reaching(rules: Rules, user: str) -> Iterator[Notice]:
    """Zendesk mails nobody by itself: without such a trigger the customer is told nothing."""
    reply = updates(user)[1]
    found = [bears(one, reply) for one in rules.triggers if tells_requester(one)]
    if Bears.SURELY in found:
        return
    if Bears.PERHAPS in found:
        yield Notice("the triggers that mail requesters have conditions that may leave out Deskhand's replies",
                     f"In {RULES_PAGE} > Triggers let one mail the requester on every public comment of an agent.")
    else:
        yield Notice("no active trigger mails the requester when Deskhand replies, so that no customer would be told",
                     f'In {RULES_PAGE} > Triggers switch on "Notify requester and CCs of comment update".')


def other_webhooks(api: Api, house: House) -> Iterator[Notice]:
    for one in api.every("webhooks", "webhooks"):
        if not made_here(one) and one.get("endpoint") == house.public_url + DOOR and one.get("status") == "active":
            yield Notice(f'webhook "{one.get("name")}" calls Deskhand too, with a secret of its own',
                         "Delete it in Admin Center > Apps and integrations > Webhooks: one webhook is enough.")


def _group(api: Api, house: House) -> Iterator[Notice]:
    for one in group.made(api):
        if str(one["id"]) != str(house.handoff_group or ""):
            yield Notice(f'group "{one["name"]}" was made for handoffs, and deskhand.toml does not name it',
                         f'Write group = "{one["id"]}" below [handoff] in deskhand.toml.')


