"""The stand-in's batch resource does as the page "Composite Batch" says."""

from __future__ import annotations

from typing import Any

from tests.connectors.salesforce.acme import ANNA, Org, acme


def batch(org: Org, *subs: dict[str, Any], halt: bool = False) -> Any:
    given = org.ask("POST", "/composite/batch", {"haltOnError": halt, "batchRequests": list(subs)})
    return given.status, given.json()


READ = {"method": "GET", "url": f"v66.0/sobjects/Contact/{ANNA}?fields=Phone"}
RENAME = {"method": "PATCH", "url": f"v66.0/sobjects/Contact/{ANNA}", "richInput": {"Phone": "7"}}
WRONG = {"method": "GET", "url": "v66.0/sobjects/Nothing/1"}


def test_parts_are_done_in_order_and_each_sees_what_the_one_before_committed() -> None:
    status, told = batch(acme(), READ, RENAME, READ)
    assert (status, told["hasErrors"]) == (200, False)
    assert [one["statusCode"] for one in told["results"]] == [200, 204, 200]
    assert [told["results"][n]["result"]["Phone"] for n in (0, 2)] == ["+49 30 1", "7"]


def test_a_failure_takes_nothing_back_and_halts_only_where_that_is_asked() -> None:
    org = acme()
    _, told = batch(org, RENAME, WRONG, READ)
    assert (told["hasErrors"], [one["statusCode"] for one in told["results"]]) == (True, [204, 404, 200])
    _, told = batch(org, RENAME, WRONG, READ, halt=True)
    assert [one["statusCode"] for one in told["results"]] == [204, 404, 412]
    assert told["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert org.rules.books()["contacts"][ANNA]["Phone"] == "7"


def test_actions_may_be_batched_and_a_composite_may_not() -> None:
    org = acme()
    status, told = batch(org, {"method": "GET", "url": "v66.0/actions/standard"})
    assert (status, told["results"][0]["statusCode"]) == (200, 200)
    assert batch(org, {"method": "POST", "url": "v66.0/composite", "richInput": {}})[0] == 400
    assert batch(org, *[READ] * 26)[0] == 400


def test_each_part_counts_against_the_orgs_calls() -> None:
    org = acme(limits={"daily": 100, "used": 10})
    batch(org, READ, READ, READ)
    assert org.rules.state.used == 13
