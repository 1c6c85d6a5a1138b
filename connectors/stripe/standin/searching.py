"""The search calls: field-and-value clauses joined by AND, over an index that lags (Stripe docs: Search).

There is none for refunds. `books.search_lag` seconds must pass before a new object is found.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.stripe.standin import render
from connectors.stripe.standin.books import Books
from connectors.stripe.standin.refusals import Refusal, missing_parameter

Json = dict[str, Any]

CLAUSE = re.compile(r"""\s* (?P<field>[a-z_]+) (?: \[ (?P<q>["']) (?P<key>.+?) (?P=q) \] )? \s* : \s*
                        (?P<v>["']) (?P<value> (?: \\. | (?!(?P=v)). )* ) (?P=v) \s*""", re.VERBOSE)
FIELDS = {"charge": ("customer", "currency", "status"), "customer": ("email", "name", "phone"),
          "payment_intent": ("customer", "currency", "status")}


def clauses(kind: str, query: str) -> list[tuple[str, str | None, str]]:
    """`metadata['order_id']:'1042' AND status:'succeeded'` as (field, key, value) triples."""
    found = []
    for part in re.split(r"\sAND\s", query, flags=re.IGNORECASE):
        hit = CLAUSE.fullmatch(part)
        if not hit or (hit["field"] != "metadata" and (hit["key"] or hit["field"] not in FIELDS[kind])):
            raise Refusal(400, f"We were unable to parse your search query: {query}", param="query")
        found.append((hit["field"], hit["key"], re.sub(r"\\(.)", r"\1", hit["value"])))
    return found


def searched(books: Books, kind: str, path: str, args: Json, at: int) -> Json:
    wanted = clauses(kind, args["query"])
    tables: Json = {"charge": books.charges, "customer": books.customers, "payment_intent": books.intents}
    rows: Json = tables[kind]
    draw: Any = {"charge": render.charge, "customer": render.customer, "payment_intent": render.intent}[kind]
    hits = [rows[id_] for id_ in _candidates(books, kind, wanted, rows) if _fits(rows[id_], wanted)]
    seen = sorted((row for row in reversed(hits) if row.created + books.search_lag <= at), key=lambda row: -row.created)
    start, limit = _place(args)
    page = seen[start:start + limit]
    more = len(seen) > start + limit
    return {"object": "search_result", "data": [draw(books, row) for row in page], "has_more": more,
            "next_page": str(start + limit) if more else None, "url": path}


def _place(args: Json) -> tuple[int, int]:
    limit = args.get("limit", 10)
    if not 1 <= limit <= 100:
        raise Refusal(400, "Invalid limit: it must be between 1 and 100.", code="parameter_invalid_integer",
                      param="limit")
    page = args.get("page", "0")
    if not page.isdigit():
        raise missing_parameter("page")
    return int(page), limit


def _candidates(books: Books, kind: str, wanted: list[tuple[str, str | None, str]], rows: dict[str, Any]) -> list[str]:
    """Ids from the first clause that has an index; otherwise everything."""
    for field, key, value in wanted:
        if field == "metadata" and kind != "customer":
            return books.found(f"{kind}.metadata.{key}", value)
        if (kind, field) in (("customer", "email"), ("charge", "customer"), ("payment_intent", "customer")):
            return books.found(f"{kind}.{field}", value)
    return list(rows)


def _fits(row: Any, wanted: list[tuple[str, str | None, str]]) -> bool:
    return all((row.metadata.get(key) if field == "metadata" else getattr(row, field)) == value
               for field, key, value in wanted)
