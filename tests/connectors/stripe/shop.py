"""A Stripe account for tests: the stand-in behind its door, in virtual time, every answer held against the contract."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from connectors.standin import Answer, Door, Fault, Lost, Request
from connectors.stripe.standin import StripeRules

CONTRACT = Path(__file__).parents[4] / "shared" / "contract" / "stripe.json"
KEY = "rk_test_sandbox_0001"
MAY = {"account": "read", "balance": "read", "customers": "write", "charges": "read", "payment_intents": "read",
       "refunds": "write", "invoices": "read", "disputes": "read", "subscriptions": "read", "events": "read"}


class Contract:
    """Stripe's shapes from the shared contract."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.registry: Registry[Any] = Registry().with_resource(
            "urn:stripe", Resource(contents=document, specification=DRAFT4))  # type: ignore[call-arg]

    def problems(self, request: Request, given: Answer) -> list[str]:
        template = self.template(request)
        if template is None:
            return [] if given.status == 404 else [f"{request.method} {request.path} is not in the contract"]
        method = request.method.lower()
        answers = self.document["paths"][template][method]["responses"]
        status = str(given.status) if str(given.status) in answers else "default"
        steps = ["paths", template, method, "responses", status, "content", "application/json", "schema"]
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        check = OAS30Validator({"$ref": f"urn:stripe#/{pointer}"}, registry=self.registry)
        return [f"{error.json_path}: {error.message}" for error in check.iter_errors(given.json())]

    def template(self, request: Request) -> str | None:
        exact = [path for path, methods in self.document["paths"].items() if request.method.lower() in methods
                 and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.path)]
        return min(exact, key=lambda path: path.count("{"), default=None)


class Checked(StripeRules):
    """The stand-in, with every answer it gives held against the contract."""

    def __init__(self, contract: Contract | None) -> None:
        super().__init__()
        self.contract = contract
        self.checked = 0

    def answer(self, request: Request, now: datetime) -> Answer:
        return self._held(request, super().answer(request, now))

    def fault(self, kind: str, request: Request, now: datetime, params: dict[str, Any]) -> Answer:
        return self._held(request, super().fault(kind, request, now, params))

    def _held(self, request: Request, given: Answer) -> Answer:
        if self.contract is not None:
            assert self.contract.problems(request, given) == []
            self.checked += 1
        return given


class Shop:
    """One account, its clock, and raw requests to it."""

    def __init__(self, rules: StripeRules) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
        self.rules = rules
        self.slept: list[float] = []
        self.door = Door(rules, lambda: self.now, self.slept.append)
        rules.load({"account": {"id": "acct_sandbox"}, "keys": {KEY: MAY, "sk_test_everything_1": "all"}}, self.now)

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def load(self, **world: Any) -> None:
        self.rules.load(world, self.now)

    def fault(self, kind: str, path: str = ".*", method: str = ".*", times: int = 1, skip: int = 0,
              **params: Any) -> None:
        self.door.faults.append(Fault(kind, method, path, times, skip, params))

    def control(self, op: str, **params: Any) -> dict[str, Any]:
        return self.rules.control(op, params, self.now)

    def refunds(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rules.books()["refunds"]
        return found

    def raw(self, method: str, path: str, fields: dict[str, Any] | None = None, *, key: str = KEY, once: str = "",
            headers: dict[str, str] | None = None) -> Answer | Lost:
        sent = {"Authorization": f"Bearer {key}", **({"Idempotency-Key": once} if once else {}), **(headers or {})}
        coded = urlencode(fields or {})
        if method == "POST":
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            return self.door.answer(Request.to(method, path, sent, coded.encode()))
        return self.door.answer(Request.to(method, f"{path}?{coded}", sent))

    def get(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Answer:
        return self._answered(self.raw("GET", path, fields, **more))

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Answer:
        return self._answered(self.raw("POST", path, fields, **more))

    def _answered(self, given: Answer | Lost) -> Answer:
        assert isinstance(given, Answer)
        return given


def contract() -> Contract | None:
    return Contract(json.loads(CONTRACT.read_text())) if CONTRACT.exists() else None
