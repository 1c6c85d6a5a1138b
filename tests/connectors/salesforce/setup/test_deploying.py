"""What is said of a deployment: how far it is, and what the org refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import OutcomeUnknown, Unavailable
from connectors.salesforce.setup.api import Api
from connectors.salesforce.setup.deploying import Deployer, failures, progress
from connectors.standin import Fault
from tests.connectors.salesforce.setup.conftest import Admin


@pytest.mark.parametrize(("told", "words"), [
    ({"status": "Pending", "numberComponentsTotal": 0}, "Salesforce has the deployment in its queue"),
    ({"numberComponentsTotal": "118", "numberComponentsDeployed": "12"}, "12 of 118 components"),
    ({"numberComponentsTotal": 118, "numberComponentsDeployed": 118, "numberTestsTotal": 20, "numberTestsCompleted": 3},
     "118 of 118 components, 3 of 20 tests"),
])
def test_how_far_it_is(told: dict[str, Any], words: str) -> None:
    assert progress(told) == words


def failed(name: str, **more: Any) -> dict[str, Any]:
    return {"componentType": "ApexClass", "fullName": name, "problem": "no", **more}


@pytest.mark.parametrize(("details", "lines"), [
    ({"componentFailures": [failed("A", lineNumber=3)]}, ["ApexClass A, line 3: no"]),
    ({"componentFailures": [{"componentType": "", "fullName": "package.xml", "problem": "bad"}]},
     ["file package.xml: bad"]),
    ({"runTestResult": {"failures": [{"name": "ATest", "methodName": "works", "message": "5 is not 4"}]}},
     ["test ATest.works: 5 is not 4"]),
    ({}, ["UNKNOWN_EXCEPTION: call support"]),
])
def test_each_refusal_is_one_line(details: dict[str, Any], lines: list[str]) -> None:
    assert failures({"details": details, "errorMessage": "UNKNOWN_EXCEPTION: call support"}) == lines


def test_of_many_refusals_five_are_told_and_the_rest_is_counted() -> None:
    told = failures({"details": {"componentFailures": [failed(f"A{n}") for n in range(9)]}})
    assert (len(told), told[-1]) == (6, "and 4 more (Setup, Deployment Status)")


def test_a_deployment_whose_answer_is_lost_is_unknown_and_goes_on_when_it_is_run_again(admin: Admin) -> None:
    admin.door.faults.append(Fault("timeout_after", method="POST", path="deployRequest"))
    with pytest.raises(OutcomeUnknown):
        admin.run()
    assert admin.run()[0].startswith("make permission set")


class Endless(Api):
    """An org whose deployments stay under way."""

    def deploy(self, package: bytes, options: Any) -> str:
        return "0Af000000000001"

    def deployment(self, id: str) -> dict[str, Any]:
        return {"status": "InProgress", "done": False}


def test_a_deployment_that_never_ends_is_said_with_where_to_look_after_half_an_hour(admin: Admin) -> None:
    known = admin.setup().admin.api
    began = admin.time()
    with pytest.raises(Unavailable, match="Setup, Deployment Status"):
        Deployer(Endless(known.settings, known.around, str), admin.told.append, ()).deploy({}, ())
    assert 20 < (admin.time() - began).total_seconds() / 60 < 35
    assert len(admin.told) == 1


def test_an_outage_of_the_org_changes_nothing_and_is_passing(admin: Admin) -> None:
    before = admin.books()
    admin.door.faults.append(Fault("503", path="query"))
    with pytest.raises(Unavailable) as away:
        admin.run()
    assert not away.value.lasting
    assert admin.books() == before
