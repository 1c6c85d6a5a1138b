"""The peer's side: LangGraph with its SQLite checkpointer, whose five nodes make the same vendor calls as we do.

It keeps only what its nodes hand on, decides nothing, and audits nothing: the least that a graph can do for a ticket.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from agent.case import show
from agent.desk import one_by_one
from agent.facts import Facts
from agent.planner.rules import RulesPlanner
from agent.proposal import Case, ProposedRefund
from connectors.contract import (
    ActionBase,
    Conversation,
    Key,
    LogActivity,
    Performs,
    Receipt,
    Refund,
    TicketUpdate,
    digest,
    operation_id,
)
from scripts.benches.office import Office
from scripts.benches.place import answer, questions

NODES = ("read", "gather", "plan", "act", "tell")


class State(TypedDict, total=False):
    """What the nodes hand on, as plain values."""

    ref: str
    conversation: str
    case: str
    charges: dict[str, dict[str, Any]]
    contact: str
    refund: dict[str, Any]
    told: str
    steps: int


class Nodes:
    """Read, gather, plan, act, tell: the same calls through the same connectors, one after the other."""

    def __init__(self, office: Office) -> None:
        self._helpdesk = office.connected["zendesk"]["helpdesk"]
        self._payments = office.connected["stripe"]["payments"]
        self._records = office.connected["salesforce"]["records"]
        self._planner = RulesPlanner()

    def read(self, state: State) -> State:
        return {"conversation": self._helpdesk.read(state["ref"]).model_dump_json()}

    def gather(self, state: State) -> State:
        conversation = Conversation.model_validate_json(state["conversation"])
        requester = conversation.requester()
        email = (requester.email if requester else None) or ""
        identities, payers, contacts = one_by_one([
            lambda: self._helpdesk.identities(conversation.ticket.requester),
            lambda: self._payments.payers(email), lambda: self._records.contacts(email)])
        charges, invoices = self._payments.charges(payers[0].id), self._payments.invoices(payers[0].id)
        facts = Facts(conversation=conversation, identities=identities, match="by_email", payers=payers,
                      charges=charges, invoices=invoices, contacts=contacts, read_at=datetime.now(UTC))
        case, handles = show(facts, tuple(conversation.comments()), "order_id")
        known = {handle: charge for handle, id in handles.items() if (charge := facts.charge(id))}
        return {"case": case.model_dump_json(), "contact": contacts[0].id,
                "charges": {handle: {"id": c.id, "money": c.left().model_dump()} for handle, c in known.items()}}

    def plan(self, state: State) -> State:
        planned = self._planner.plan(Case.model_validate_json(state["case"]))
        proposed = next(a for a in planned.proposal.actions if isinstance(a, ProposedRefund))
        charge = state["charges"][proposed.charge]
        return {"refund": {"charge": charge["id"], "money": charge["money"], "reason": "duplicate"}}

    def act(self, state: State) -> State:
        refund = Refund.model_validate(state["refund"])
        receipt = self._done(self._payments, refund, state["ref"])
        return {"told": f"refunded {refund.money} of charge {refund.charge}: {receipt.operation}"}

    def tell(self, state: State) -> State:
        ref, words = state["ref"], state["told"]
        said = self._done(self._helpdesk, TicketUpdate(ref=ref, about="reply", text=words, public=True), ref)
        self._done(self._records, LogActivity(contact=state["contact"], about=said.operation, subject=words,
                                              text=f"{words}\nTicket {ref}"), ref)
        self._done(self._helpdesk, TicketUpdate(ref=ref, about="note", text=words, public=False,
                                                add_tags=("deskhand_done",)), ref)
        return {"steps": len(NODES)}

    def _done(self, connector: Performs, action: ActionBase, ref: str) -> Receipt:
        """Carried out, and read back unless the receipt was read already."""
        receipt = connector.perform(action, Key(operation=operation_id(ref, action, digest)))
        return receipt if receipt.seen else connector.read_back(action, receipt)


def nothing(state: State) -> State:
    return {"steps": state.get("steps", 0) + 1}


class Side:
    def __init__(self, folder: Path, synchronous: str) -> None:
        self.office = Office.open()
        connection = sqlite3.connect(folder / "checkpoints.sqlite", check_same_thread=False)
        saver = SqliteSaver(connection)
        saver.setup()
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        nodes = Nodes(self.office)
        self._whole = _graph({name: getattr(nodes, name) for name in NODES}, saver)
        self._empty = _graph(dict.fromkeys(NODES, nothing), saver)
        self._threads = 0

    def whole(self, count: int, concurrency: int) -> dict[str, Any]:
        refs = self.office.people(count)
        before = self.office.refunds()
        seconds, ends = self._run(self._whole, refs, concurrency)
        right = self.office.refunds() - before == count and all(end.get("steps") == len(NODES) for end in ends)
        return {"seconds": seconds, "calls": self.office.vendor_calls() / count, "right": right}

    def empty(self, count: int, concurrency: int) -> dict[str, Any]:
        refs = [f"empty:{self._threads + n}" for n in range(count)]
        seconds, ends = self._run(self._empty, refs, concurrency)
        return {"seconds": seconds, "right": all(end.get("steps") == len(NODES) for end in ends)}

    def _run(self, graph: Any, refs: list[str], concurrency: int) -> tuple[float, list[Mapping[str, Any]]]:
        self._threads += len(refs)

        def one(ref: str) -> Mapping[str, Any]:
            # durability "sync": each step is written before the next one starts, as intent before act needs it.
            end: Mapping[str, Any] = graph.invoke({"ref": ref}, {"configurable": {"thread_id": ref}},
                                                  durability="sync")
            return end

        with ThreadPoolExecutor(concurrency) as threads:
            began = time.perf_counter()
            ends = list(threads.map(one, refs))
            return time.perf_counter() - began, ends


def _graph(nodes: Mapping[str, Callable[[State], State]], saver: SqliteSaver) -> Any:
    builder: Any = StateGraph(State)
    for name, node in nodes.items():
        builder.add_node(name, node)
    for before, after in zip((START, *nodes), (*nodes, END), strict=True):
        builder.add_edge(before, after)
    return builder.compile(checkpointer=saver)


def main(synchronous: str = "FULL") -> None:
    with tempfile.TemporaryDirectory(prefix="deskhand-bench-") as folder:
        side = Side(Path(folder), synchronous)
        measures: dict[str, Callable[[int, int], dict[str, Any]]] = {"whole": side.whole, "empty": side.empty}
        answer(ready=True)
        for asked in questions():
            answer(**measures[asked["what"]](asked["count"], asked["concurrency"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
