"""The calls this stand-in answers: method, path, permission, parameters and work (Stripe docs: API reference)."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.stripe.standin import events, refunding, render
from connectors.stripe.standin.books import Books, Customer, Event, Refund
from connectors.stripe.standin.refunding import Asked
from connectors.stripe.standin.refusals import Refusal, no_such
from connectors.stripe.standin.searching import searched
from connectors.stripe.standin.wire import PAGING, merged

Json = dict[str, Any]


@dataclass(frozen=True)
class Ask:
    """One permitted request with typed parameters: the ids in its path, and who asks when."""

    books: Books
    path: str
    ids: tuple[str, ...]
    args: Json
    now: datetime
    asked: Asked

    @property
    def at(self) -> int:
        return int(self.now.timestamp())


Do = Callable[[Ask], Json]


@dataclass(frozen=True)
class Route:
    method: str
    path: re.Pattern[str]
    resource: str
    spec: dict[str, str]
    do: Do

    @property
    def writes(self) -> bool:
        return self.method != "GET"


ROUTES: list[Route] = []


def route(method: str, path: str, resource: str, **spec: str) -> Callable[[Do], Do]:
    def keep(do: Do) -> Do:
        pattern = re.compile("/v1" + path.replace("{id}", "([^/]+)"))
        ROUTES.append(Route(method, pattern, resource, {"expand": "list", **spec}, do))
        return do

    return keep


def matching(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    for each in ROUTES:
        hit = each.path.fullmatch(path)
        if each.method == method and hit:
            return each, hit.groups()
    raise Refusal(404, f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs.")


def paged(ask: Ask, thing: str, ids: Iterable[str], rows: dict[str, Any], draw: Callable[[Books, Any], Json]) -> Json:
    """A page of a list, newest first; among equals the last written is first (Stripe docs: Pagination)."""
    created = {id_: _created(rows[id_]) for id_ in ids}
    bounds = ask.args.get("created", {})
    last_first = [id_ for id_ in created if _within(created[id_], bounds)][::-1]
    page, more = _window(ask, thing, sorted(last_first, key=lambda id_: -created[id_]))
    return render.listed(ask.path, [draw(ask.books, rows[id_]) for id_ in page], more)


def _created(row: Any) -> int:
    return int(row["created"] if isinstance(row, dict) else row.created)


def _within(created: int, bounds: dict[str, int]) -> bool:
    tests = {"gt": created.__gt__, "gte": created.__ge__, "lt": created.__lt__, "lte": created.__le__}
    return all(tests[bound](moment) for bound, moment in bounds.items())


def _window(ask: Ask, thing: str, ids: list[str]) -> tuple[list[str], bool]:
    limit = ask.args.get("limit", 10)
    if not 1 <= limit <= 100:
        raise Refusal(400, "Invalid limit: it must be between 1 and 100.", code="parameter_invalid_integer",
                      param="limit")
    for cursor in ("starting_after", "ending_before"):
        if cursor in ask.args and ask.args[cursor] not in ids:
            raise no_such(thing, ask.args[cursor], param=cursor, status=400)
    if "ending_before" in ask.args:
        before = ids[: ids.index(ask.args["ending_before"])]
        return before[-limit:], len(before) > limit
    rest = ids[ids.index(ask.args["starting_after"]) + 1:] if "starting_after" in ask.args else ids
    return rest[:limit], len(rest) > limit


def filed(ask: Ask, index: str, everything: Iterable[str], *names: str) -> list[str]:
    """Ids by the first filter given, narrowed by the others; all ids without one."""
    given = [ask.books.found(f"{index}.{name}", ask.args[name]) for name in names if name in ask.args]
    if not given:
        return list(everything)
    return [id_ for id_ in given[0] if all(id_ in other for other in given[1:])]


@route("GET", "/account", "account")
def account(ask: Ask) -> Json:
    shown = {"object": "account", "country": "US", "default_currency": "usd", "charges_enabled": True,
             "payouts_enabled": True, "details_submitted": True, "type": "standard", "metadata": {}}
    return {**shown, **ask.books.account}


@route("GET", "/balance", "balance")
def balance(ask: Ask) -> Json:
    amounts = [{"amount": amount, "currency": currency, "source_types": {"card": amount}}
               for currency, amount in sorted(ask.books.available.items())]
    return {"object": "balance", "available": amounts or [{"amount": 0, "currency": "usd"}],
            "pending": [{"amount": 0, "currency": "usd"}], "livemode": ask.books.livemode}


CUSTOMER = {"email": "str", "name": "str", "phone": "str", "description": "str", "metadata": "map", "address": "hash",
            "shipping": "hash"}


@route("GET", "/customers", "customers", **PAGING, email="str", created="when")
def customers(ask: Ask) -> Json:
    ids = filed(ask, "customer", ask.books.customers, "email")
    return paged(ask, "customer", (i for i in ids if not ask.books.customers[i].deleted), ask.books.customers,
                 render.customer)


@route("GET", "/customers/search", "customers", query="str!", limit="int", page="str")
def customers_search(ask: Ask) -> Json:
    return searched(ask.books, "customer", ask.path, ask.args, ask.at)


@route("GET", "/customers/{id}", "customers")
def customer(ask: Ask) -> Json:
    return render.customer(ask.books, _customer(ask))


@route("POST", "/customers", "customers", **CUSTOMER)
def customer_create(ask: Ask) -> Json:
    row = Customer(ask.books.new_id("cus"), ask.at)
    _write(ask, row)
    ask.books.keep_customer(row)
    shown = render.customer(ask.books, row)
    events.emit(ask.books, "customer.created", shown, ask.now, request=ask.asked.request, key=ask.asked.key)
    return shown


@route("POST", "/customers/{id}", "customers", **CUSTOMER)
def customer_update(ask: Ask) -> Json:
    row = _customer(ask)
    if row.deleted:
        raise no_such("customer", row.id)
    if "email" in ask.args:
        ask.books.move_email(row, ask.args["email"] or None)
    _write(ask, row)
    shown = render.customer(ask.books, row)
    events.emit(ask.books, "customer.updated", shown, ask.now, previous={}, request=ask.asked.request,
                key=ask.asked.key)
    return shown


def _write(ask: Ask, row: Customer) -> None:
    """Sets what was sent; an empty string clears."""
    for name in ("email", "name", "phone", "description"):
        if name in ask.args:
            setattr(row, name, ask.args[name] or None)
    if "metadata" in ask.args:
        row.metadata = merged(row.metadata, ask.args["metadata"])
    if "shipping" in ask.args:
        row.shipping = ask.args["shipping"] or None
    if "address" in ask.args:
        parts = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
        row.address = {**parts, **(row.address or {}), **ask.args["address"]} if ask.args["address"] else None


def _customer(ask: Ask) -> Customer:
    if ask.ids[0] not in ask.books.customers:
        raise no_such("customer", ask.ids[0])
    return ask.books.customers[ask.ids[0]]


@route("GET", "/customers/{id}/balance_transactions", "customers", **PAGING, created="when", invoice="id")
def credits(ask: Ask) -> Json:
    owner = _customer(ask)
    ids = ask.books.found("credit.customer", owner.id)
    return paged(ask, "customer_balance_transaction", ids, ask.books.credits, render.plain)


@route("POST", "/customers/{id}/balance_transactions", "customers", amount="int!", currency="str!", description="str",
       metadata="map")
def credit_create(ask: Ask) -> Json:
    owner = _customer(ask)
    currency = ask.args["currency"].lower()
    if owner.currency not in (None, currency):
        raise Refusal(400, f"The customer's balance is in {owner.currency}.", param="currency")
    owner.currency = currency
    owner.balance += ask.args["amount"]
    row = {"id": ask.books.new_id("cbtxn"), "object": "customer_balance_transaction", "amount": ask.args["amount"],
           "created": ask.at, "credit_note": None, "currency": currency, "customer": owner.id,
           "description": ask.args.get("description"), "ending_balance": owner.balance, "invoice": None,
           "livemode": ask.books.livemode, "metadata": merged({}, ask.args.get("metadata", {})), "type": "adjustment"}
    ask.books.credits[row["id"]] = row
    ask.books.file("credit.customer", owner.id, row["id"])
    return dict(row)


@route("GET", "/charges", "charges", **PAGING, customer="id", payment_intent="id", transfer_group="str", created="when")
def charges(ask: Ask) -> Json:
    ids = filed(ask, "charge", ask.books.charges, "customer", "payment_intent")
    group = ask.args.get("transfer_group")
    kept = [i for i in ids if not group or ask.books.charges[i].more.get("transfer_group") == group]
    return paged(ask, "charge", kept, ask.books.charges, render.charge)


@route("GET", "/charges/search", "charges", query="str!", limit="int", page="str")
def charges_search(ask: Ask) -> Json:
    return searched(ask.books, "charge", ask.path, ask.args, ask.at)


@route("GET", "/charges/{id}", "charges")
def charge(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.charges:
        raise no_such("charge", ask.ids[0])
    return render.charge(ask.books, ask.books.charges[ask.ids[0]])


@route("GET", "/payment_intents", "payment_intents", **PAGING, customer="id", created="when")
def intents(ask: Ask) -> Json:
    ids = filed(ask, "payment_intent", ask.books.intents, "customer")
    return paged(ask, "payment_intent", ids, ask.books.intents, render.intent)


@route("GET", "/payment_intents/search", "payment_intents", query="str!", limit="int", page="str")
def intents_search(ask: Ask) -> Json:
    return searched(ask.books, "payment_intent", ask.path, ask.args, ask.at)


@route("GET", "/payment_intents/{id}", "payment_intents")
def intent(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.intents:
        raise no_such("payment_intent", ask.ids[0], param="intent")
    return render.intent(ask.books, ask.books.intents[ask.ids[0]])


@route("GET", "/disputes", "disputes", **PAGING, charge="id", payment_intent="id", created="when")
def disputes(ask: Ask) -> Json:
    ids = filed(ask, "dispute", ask.books.disputes, "charge", "payment_intent")
    return paged(ask, "dispute", ids, ask.books.disputes, render.plain)


@route("GET", "/disputes/{id}", "disputes")
def dispute(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.disputes:
        raise no_such("dispute", ask.ids[0])
    return render.plain(ask.books, ask.books.disputes[ask.ids[0]])


@route("GET", "/refunds", "refunds", **PAGING, charge="id", payment_intent="id", created="when")
def refunds(ask: Ask) -> Json:
    if ask.args.get("charge", "") and ask.args["charge"] not in ask.books.charges:
        raise no_such("charge", ask.args["charge"], param="charge")
    ids = filed(ask, "refund", ask.books.refunds, "charge", "payment_intent")
    return paged(ask, "refund", ids, ask.books.refunds, render.refund)


@route("POST", "/refunds", "refunds", **refunding.CREATE)
def refund_create(ask: Ask) -> Json:
    return render.refund(ask.books, refunding.create(ask.books, ask.args, ask.now, ask.asked))


@route("GET", "/refunds/{id}", "refunds")
def refund(ask: Ask) -> Json:
    return render.refund(ask.books, _refund(ask))


@route("POST", "/refunds/{id}", "refunds", metadata="map")
def refund_update(ask: Ask) -> Json:
    return render.refund(ask.books, refunding.update(ask.books, _refund(ask), ask.args, ask.now, ask.asked))


@route("POST", "/refunds/{id}/cancel", "refunds")
def refund_cancel(ask: Ask) -> Json:
    return render.refund(ask.books, refunding.cancel(ask.books, _refund(ask), ask.now, ask.asked))


def _refund(ask: Ask) -> Refund:
    if ask.ids[0] not in ask.books.refunds:
        raise no_such("refund", ask.ids[0])
    return ask.books.refunds[ask.ids[0]]


@route("GET", "/invoices", "invoices", **PAGING, customer="id", subscription="id", created="when",
       status="draft|open|paid|uncollectible|void", collection_method="charge_automatically|send_invoice")
def invoices(ask: Ask) -> Json:
    ids = filed(ask, "invoice", ask.books.invoices, "customer", "subscription")
    exact = [(name, ask.args[name]) for name in ("status", "collection_method") if name in ask.args]
    kept = [i for i in ids if all(ask.books.invoices[i][name] == value for name, value in exact)]
    return paged(ask, "invoice", kept, ask.books.invoices, render.plain)


@route("GET", "/invoices/{id}", "invoices")
def invoice(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.invoices:
        raise no_such("invoice", ask.ids[0])
    return render.plain(ask.books, ask.books.invoices[ask.ids[0]])


STATUSES = "active|all|canceled|ended|incomplete|incomplete_expired|past_due|paused|trialing|unpaid"


@route("GET", "/subscriptions", "subscriptions", **PAGING, customer="id", created="when", status=STATUSES)
def subscriptions(ask: Ask) -> Json:
    """Cancelled ones only when asked for by `status` (Stripe docs: List subscriptions)."""
    wanted = ask.args.get("status")
    ids = filed(ask, "subscription", ask.books.subscriptions, "customer")
    kept = [i for i in ids if _listed(ask.books.subscriptions[i]["status"], wanted)]
    return paged(ask, "subscription", kept, ask.books.subscriptions, render.plain)


def _listed(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return status != "canceled"
    return status == wanted or wanted == "all" or (wanted == "ended" and status in ("canceled", "incomplete_expired"))


@route("GET", "/subscriptions/{id}", "subscriptions")
def subscription(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.subscriptions:
        raise no_such("subscription", ask.ids[0])
    return render.plain(ask.books, ask.books.subscriptions[ask.ids[0]])


@route("GET", "/events", "events", **PAGING, type="str", types="list", delivery_success="bool", created="when")
def event_list(ask: Ask) -> Json:
    if len(ask.args.get("types", [])) > 20:
        raise Refusal(400, "You may only specify up to 20 types.", param="types")
    wanted = {*ask.args.get("types", []), *([ask.args["type"]] if "type" in ask.args else [])}
    ids = [i for i, row in ask.books.events.items() if _told(ask, row) and (not wanted or row.type in wanted)]
    return paged(ask, "event", ids, ask.books.events, events.shown)


def _told(ask: Ask, row: Event) -> bool:
    if "delivery_success" not in ask.args:
        return True
    return (events.undelivered(ask.books, row) == 0) is bool(ask.args["delivery_success"])


@route("GET", "/events/{id}", "events")
def event(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.events:
        raise no_such("event", ask.ids[0])
    return events.shown(ask.books, ask.books.events[ask.ids[0]])


@route("GET", "/webhook_endpoints", "webhook_endpoints", **PAGING)
def endpoints(ask: Ask) -> Json:
    return paged(ask, "webhook_endpoint", ask.books.endpoints, ask.books.endpoints, render.endpoint)


@route("POST", "/webhook_endpoints", "webhook_endpoints", url="str!", enabled_events="list!", api_version="str",
       description="str", metadata="map", connect="bool")
def endpoint_create(ask: Ask) -> Json:
    """The only answer that shows the secret."""
    _fits(ask.args)
    if ask.args.get("api_version", render.VERSION) != render.VERSION:
        raise Refusal(400, f"Invalid API version: {ask.args['api_version']}. This sandbox speaks {render.VERSION}.",
                      param="api_version")
    if len(ask.books.endpoints) >= MOST_ENDPOINTS:
        mode = "live" if ask.books.livemode else "test"
        raise Refusal(400, f"You have reached the maximum of {MOST_ENDPOINTS} {mode} webhook endpoints.")
    return copy.deepcopy(endpoint_row(ask.books, ask.args, ask.at))


MOST_ENDPOINTS = 16
"""Of one account and mode (Stripe docs, "Add a webhook endpoint")."""


def _fits(args: Json) -> None:
    """An address with its scheme, and names that events can have. Unlike Stripe, one on this machine will do."""
    if "url" in args and not re.fullmatch(r"https?://[^\s/]+\S*", args["url"]):
        raise Refusal(400, "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid",
                      param="url")
    for place, name in enumerate(args.get("enabled_events", [])):
        if not isinstance(name, str) or not re.fullmatch(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)+", name):
            raise Refusal(400, f"Invalid enabled_events[{place}]: {name} is no event type.",
                          param=f"enabled_events[{place}]")


def endpoint_row(books: Books, given: Json, at: int) -> Json:
    id_ = str(given.get("id") or books.new_id("we"))
    books.endpoints[id_] = {
        "id": id_, "object": "webhook_endpoint", "api_version": given.get("api_version"), "application": None,
        "created": at, "description": given.get("description"), "enabled_events": list(given["enabled_events"]),
        "livemode": books.livemode, "metadata": dict(given.get("metadata") or {}), "status": "enabled",
        "url": given["url"], "secret": given.get("secret") or f"whsec_sandbox_{id_}"}
    return books.endpoints[id_]


@route("GET", "/webhook_endpoints/{id}", "webhook_endpoints")
def endpoint(ask: Ask) -> Json:
    return render.endpoint(ask.books, _endpoint(ask))


@route("POST", "/webhook_endpoints/{id}", "webhook_endpoints", url="str", enabled_events="list", description="str",
       metadata="map", disabled="bool")
def endpoint_update(ask: Ask) -> Json:
    row = _endpoint(ask)
    _fits(ask.args)
    row |= {name: ask.args[name] for name in ("url", "enabled_events", "description") if name in ask.args}
    if "metadata" in ask.args:
        row["metadata"] = merged(row["metadata"], ask.args["metadata"])
    if "disabled" in ask.args:
        row["status"] = "disabled" if ask.args["disabled"] else "enabled"
    return render.endpoint(ask.books, row)


@route("DELETE", "/webhook_endpoints/{id}", "webhook_endpoints")
def endpoint_delete(ask: Ask) -> Json:
    row = _endpoint(ask)
    del ask.books.endpoints[row["id"]]
    return {"id": row["id"], "object": "webhook_endpoint", "deleted": True}


def _endpoint(ask: Ask) -> Json:
    if ask.ids[0] not in ask.books.endpoints:
        raise no_such("webhook endpoint", ask.ids[0])
    return ask.books.endpoints[ask.ids[0]]


def _nothing_of(resource: str, thing: str, *, listed: bool) -> None:
    """An empty list, and no such object to change: enough to tell by whether a key may."""
    @route("POST", f"/{resource}/{{id}}", resource, metadata="map")
    def change(ask: Ask) -> Json:
        raise no_such(thing, ask.ids[0])

    if listed:
        @route("GET", f"/{resource}", resource, **PAGING)
        def empty(ask: Ask) -> Json:
            return render.listed(ask.path, [], False)


for _resource, _thing, _listed_here in (
        ("payment_intents", "payment_intent", False), ("invoices", "invoice", False),
        ("subscriptions", "subscription", False), ("disputes", "dispute", False), ("charges", "charge", False),
        ("credit_notes", "credit note", True), ("payouts", "payout", True), ("transfers", "transfer", True),
        ("products", "product", True), ("prices", "price", True)):
    _nothing_of(_resource, _thing, listed=_listed_here)
