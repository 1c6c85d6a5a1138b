"""`/metrics`: what operations watch, read from the ledger at each scrape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from agent import switch
from agent.published import Published
from agent.switch import Pause
from agent.tables import operations, tickets, totals, waits
from connectors.money import exponent

UNSETTLED = ("planned", "sent", "unknown", "held")


@dataclass(frozen=True)
class Metrics(Collector):
    """One scrape; when the database is away it says only that."""

    engine: Engine
    published: Published
    today: datetime
    stop_file: Path | None = None

    def collect(self) -> Iterator[Metric]:
        try:
            with self.engine.connect() as c:
                found = [_gauge("deskhand_database_up", "Whether the ledger could be read.", {(): 1}),
                         *self._policy(c), *_work(c), self._paused(c), self._money(c)]
        except SQLAlchemyError:
            found = [_gauge("deskhand_database_up", "Whether the ledger could be read.", {(): 0}), self._paused(None)]
        yield from found

    def _policy(self, c: Connection) -> Iterator[Metric]:
        policy = self.published.newest(c)
        yield _gauge("deskhand_policy_in_force", "Whether a policy is in force; 0: everything goes to a person.",
                     {(): policy is not None})
        yield _gauge("deskhand_policy_version", "The version of the policy in force; 0: none.",
                     {(): policy.version if policy else 0})
        modes = {(name, row.mode): 1 for name, row in policy.actions.items()} if policy else {}
        yield _gauge("deskhand_action_mode", "The mode each action is in.", modes, "action", "mode")

    def _paused(self, c: Connection | None) -> Metric:
        held_back = [*switch.of_file(self.stop_file), *(switch.pauses(c) if c is not None else ())]
        return _gauge("deskhand_paused", "What the kill switch holds back, and what threw it; all: everything.",
                      {(one.action, _thrown_by(one)): 1 for one in held_back}, "action", "by")

    def _money(self, c: Connection) -> Metric:
        rows = c.execute(select(totals.c.currency, totals.c.attended, totals.c.amount).where(
            totals.c.kind == "desk", totals.c.subject == "desk", totals.c.day == self.today.date()))
        return _gauge("deskhand_refunds_today", "Refunded today (UTC), in the currency's own units.", {
            (row.currency, "yes" if row.attended else "no"): _shown(row.amount, row.currency) for row in rows},
            "currency", "attended")


def _shown(amount: int, currency: str) -> float:
    return float(amount / 10 ** exponent(currency))  # nosemgrep: no-float-money - Prometheus has no other


def page(metrics: Metrics) -> bytes:
    """The scrape in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics)
    return generate_latest(registry)


def _work(c: Connection) -> Iterator[Metric]:
    states: dict[str, int] = dict(c.execute(select(operations.c.state, func.count()).where(
        operations.c.state.in_(UNSETTLED)).group_by(operations.c.state)).all())
    yield _gauge("deskhand_operations", "Operations that are not settled.",
                 {(state,): states.get(state, 0) for state in UNSETTLED}, "state")
    due = c.execute(select(func.count()).select_from(tickets).where(tickets.c.wanted > tickets.c.served)).scalar_one()
    yield _gauge("deskhand_tickets_due", "Tickets with a reason to look that no pass has answered.", {(): due})
    waiting: dict[str, int] = dict(c.execute(select(waits.c.for_whom, func.count()).where(
        waits.c.state == "open").group_by(waits.c.for_whom)).all())
    yield _gauge("deskhand_waits", "Actions that wait for someone.", {(whom,): n for whom, n in waiting.items()}, "for")


def _thrown_by(one: Pause) -> str:
    """Without the names of people."""
    if one.at is None:
        return "file"
    return "breaker" if one.by == switch.BREAKER else "person"


def _gauge(name: str, words: str, values: Mapping[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for said, value in values.items():
        family.add_metric(said, value)
    return family
