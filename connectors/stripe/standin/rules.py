"""The order in which Stripe judges a request: key, permission, parameters, idempotency, then the work itself."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.standin import Answer, Delivery, Request
from connectors.stripe.standin import calls, control, delivering, refusals, render, world
from connectors.stripe.standin.books import Books, Key, Stored
from connectors.stripe.standin.calls import Ask, Route
from connectors.stripe.standin.refunding import Asked
from connectors.stripe.standin.refusals import Refusal
from connectors.stripe.standin.wire import Pairs, typed

Json = dict[str, Any]

KEY_LIFE = 24 * 3600
"""Idempotency keys may be pruned once they are this old (Stripe docs: Idempotent requests)."""


class StripeRules:
    """Stripe, as far as Deskhand uses it. Thread-safe: requests are judged one at a time."""

    name = "stripe"

    def __init__(self) -> None:
        self.state = Books()
        self._under_way: set[int] = set()
        self._lock = threading.RLock()

    def answer(self, request: Request, now: datetime) -> Answer:
        with self._lock:
            return self._answered(request, now, self._work)

    def fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        with self._lock:
            return FAULTS[kind](self, request, now, params)

    def control(self, op: str, params: Json, now: datetime) -> Json:
        """What people and time do there; `control.OPS` names the operations."""
        with self._lock:
            return control.OPS[op](self.state, params, now)

    def load(self, given: Json, now: datetime) -> None:
        with self._lock:
            world.load(self.state, given, now)

    def reset(self) -> None:
        with self._lock:
            self.state = Books()
            self._under_way.clear()

    @property
    def deliveries(self) -> list[Delivery]:
        """All there were, delivered or not."""
        return self.state.deliveries

    def due(self, now: datetime) -> list[Delivery]:
        """Deliveries to attempt now; each is handed out once per attempt."""
        with self._lock:
            ready = [one for one in delivering.due(self.state, now) if id(one) not in self._under_way]
            self._under_way |= {id(one) for one in ready}
            return ready

    def settled(self, delivery: Delivery, status: int | None, now: datetime) -> None:
        """How the attempt ended: a status, or None without an answer."""
        with self._lock:
            delivering.settled(self.state, delivery, status, now)
            self._under_way.discard(id(delivery))

    def books(self) -> Json:
        """What tests assert: each refund, what went back per currency (failed and cancelled ones not), the charges."""
        fields = ("id", "charge", "amount", "currency", "status", "metadata", "created")
        short = ("id", "customer", "amount", "amount_refunded", "currency", "status", "disputed", "metadata", "created")
        with self._lock:
            state, refunded = self.state, dict[str, int]()
            for row in state.refunds.values():
                if row.status not in ("failed", "canceled"):
                    refunded[row.currency] = refunded.get(row.currency, 0) + row.amount
            return {"refunds": [{name: getattr(row, name) for name in fields} for row in state.refunds.values()],
                    "refunded": refunded, "customers": len(state.customers),
                    "charges": [{name: getattr(row, name) for name in short} for row in state.charges.values()],
                    "disputes": [{name: row[name] for name in ("id", "charge", "status")}
                                 for row in state.disputes.values()]}

    def _answered(self, request: Request, now: datetime, work: Callable[[Route, Ask], Answer]) -> Answer:
        """`work` on a permitted, well-formed request, or the refusal; every answer carries its request id."""
        self.state.counters["req"] = self.state.counters.get("req", 0) + 1
        request_id = f"req_sbx{self.state.counters['req']:08d}"
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        try:
            given = work(*self._judged(request, now, Asked(request_id, key)))
        except Refusal as no:
            given = refused(no)
        echo = {"Idempotency-Key": key} if key else {}
        return Answer(given.status, given.body, {**given.headers, **echo, "Request-Id": request_id,
                                                 "Stripe-Version": render.VERSION})

    def _judged(self, request: Request, now: datetime, asked: Asked) -> tuple[Route, Ask]:
        key = self._key(request)
        route, ids = calls.matching(request.method, request.path)
        if not key.may(route.resource, route.writes):
            word = f"{route.resource.rstrip('s')}_{'write' if route.writes else 'read'}"
            raise refusals.not_permitted(key.secret, str(self.state.account["id"]), word)
        version = request.headers.get("stripe-version", render.VERSION)
        if version != render.VERSION:
            raise Refusal(400, f"Invalid Stripe API version: {version}. This sandbox speaks {render.VERSION}.")
        if asked.key and len(asked.key) > 255:
            raise Refusal(400, "Idempotency keys may be up to 255 characters long.", kind="idempotency_error")
        return route, Ask(self.state, request.path, ids, typed(_pairs(request), route.spec), now, asked)

    def _key(self, request: Request) -> Key:
        secret = _secret(request.headers.get("authorization", ""))
        if not secret:
            raise refusals.no_key()
        key = self.state.keys.get(secret)
        if key is None or key.ended == "revoked":
            raise refusals.unknown_key(secret)
        if key.ended == "expired":
            raise refusals.expired_key(secret)
        return key

    def _work(self, route: Route, ask: Ask) -> Answer:
        if route.method != "POST" or not ask.asked.key:
            return self._done(route, ask)
        replay = self._replay(route, ask)
        if replay is not None:
            return replay
        given = self._done(route, ask)
        self._remember(route, ask, given)
        return given

    def _done(self, route: Route, ask: Ask) -> Answer:
        try:
            return Answer.of(200, render.expanded(self.state, route.do(ask), ask.args.get("expand", [])))
        except Refusal as no:
            return refused(no)

    def _replay(self, route: Route, ask: Ask) -> Answer | None:
        """The first answer under this key again, if the key is known and young enough."""
        key = str(ask.asked.key)
        first = self.state.remembered.get(key)
        if first is None or ask.at - first.at >= KEY_LIFE:
            return None
        if first.fingerprint != fingerprint(route, ask):
            raise refusals.other_parameters(key)
        if first.status is None:
            raise refusals.still_running(key)
        return Answer(first.status, first.body, {"Content-Type": "application/json", "Idempotent-Replayed": "true",
                                                 "Original-Request": first.request_id})

    def _remember(self, route: Route, ask: Ask, given: Answer) -> None:
        self.state.remembered[str(ask.asked.key)] = Stored(
            fingerprint(route, ask), ask.at, str(ask.asked.request), given.status, given.body)

    def trouble(self, request: Request, now: datetime, params: Json, *, done: bool) -> Answer:
        """A 5xx before or after the work. Once execution began, it is what the key replays for 24 hours."""
        broken = refused(refusals.trouble(int(params.get("status", 500))))

        def work(route: Route, ask: Ask) -> Answer:
            replay = self._replay(route, ask) if ask.asked.key else None
            if replay is not None:
                return replay
            if done:
                self._done(route, ask)
            if ask.asked.key:
                self._remember(route, ask, broken)
            return broken

        return self._answered(request, now, work)

    def refuse(self, request: Request, now: datetime, no: Refusal) -> Answer:
        """A refusal of a permitted request that is neither carried out nor remembered."""
        return self._answered(request, now, lambda route, ask: refused(no))

    def expire_key(self, request: Request, now: datetime) -> Answer:
        """Stripe has pruned the key: the same request runs as a new one."""
        self.state.remembered.pop(request.headers.get("idempotency-key", ""), None)
        return self.answer(request, now)

    def meanwhile(self, request: Request, now: datetime, params: Json) -> Answer:
        """A colleague acts in the Dashboard just before this request arrives: {op, params}."""
        self.control(params["op"], params.get("params", {}), now)
        return self.answer(request, now)

    def fails_later(self, request: Request, now: datetime, params: Json) -> Answer:
        """The answer says succeeded; by the time anybody looks again the refund has failed."""
        given = self.answer(request, now)
        if given.status == 200 and given.json().get("object") == "refund":
            self.control("fail_refund", {"refund": given.json()["id"], **params}, now)
        return given


def refused(no: Refusal) -> Answer:
    return Answer.of(no.status, no.body, no.headers)


def fingerprint(route: Route, ask: Ask) -> str:
    """Method, path and decoded parameters, whatever their order."""
    return json.dumps([route.method, ask.path, ask.args], sort_keys=True)


def _secret(authorization: str) -> str:
    """The key from `Bearer <key>`, or from HTTP Basic with the key as the user."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def _pairs(request: Request) -> Pairs:
    if request.method != "POST":
        return request.pairs()
    kind = request.headers.get("content-type", "")
    if request.body and not kind.startswith("application/x-www-form-urlencoded"):
        raise Refusal(400, "Invalid request (check that your POST content type is application/x-www-form-urlencoded).")
    return request.form()


def too_many(rules: StripeRules, request: Request, now: datetime, params: Json) -> Answer:
    """429: {code: rate_limit | lock_timeout, retry_after?, should_retry?}."""
    headers = {"Stripe-Rate-Limited-Reason": "endpoint-rate"}
    if "retry_after" in params:
        headers["Retry-After"] = str(params["retry_after"])
    if "should_retry" in params:
        headers["Stripe-Should-Retry"] = str(bool(params["should_retry"])).lower()
    return rules.refuse(request, now, refusals.too_many(params.get("code", "rate_limit"), headers))


def lost_auth(rules: StripeRules, request: Request, now: datetime, params: Json) -> Answer:
    """The key was revoked, has expired, or lost its permission: {how: revoked | expired | permission}."""
    secret, how = _secret(request.headers.get("authorization", "")), params.get("how", "revoked")
    no = {"revoked": refusals.unknown_key(secret), "expired": refusals.expired_key(secret),
          "permission": refusals.not_permitted(secret, str(rules.state.account["id"]), "refund_write")}[how]
    return rules.refuse(request, now, no)


def at_stripes_will(code: str, status: int) -> Callable[[StripeRules, Request, datetime, Json], Answer]:
    """Stripe's own approval rules hold or stop the request (Stripe docs: Approvals)."""
    no = Refusal(status, "This request was stopped by the account's approval rules.", code=code)
    return lambda rules, request, now, params: rules.refuse(request, now, no)


def _sent_key(request: Request) -> str:
    return request.headers.get("idempotency-key", "")


FAULTS: dict[str, Callable[[StripeRules, Request, datetime, Json], Answer]] = {
    "500_before": lambda rules, request, now, params: rules.trouble(request, now, params, done=False),
    "500_after": lambda rules, request, now, params: rules.trouble(request, now, params, done=True),
    "429": too_many,
    "auth_lost": lost_auth,
    "key_in_use": lambda rules, request, now, params: rules.refuse(
        request, now, refusals.still_running(_sent_key(request))),
    "key_mismatch": lambda rules, request, now, params: rules.refuse(
        request, now, refusals.other_parameters(_sent_key(request))),
    "key_expired": lambda rules, request, now, params: rules.expire_key(request, now),
    "human_between": lambda rules, request, now, params: rules.meanwhile(request, now, params),
    "late_failure": lambda rules, request, now, params: rules.fails_later(request, now, params),
    "approval_required": at_stripes_will("approval_required", 403),
    "action_blocked": at_stripes_will("action_blocked", 400),
    "request_blocked": at_stripes_will("request_blocked", 400),
}
"""Fault names of the reference → what Stripe answers and what it remembers of it."""
