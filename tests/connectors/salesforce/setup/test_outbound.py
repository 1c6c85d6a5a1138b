"""What the outbound message of an org without Apex is made of: nothing that opens the org, and not of our own work."""

from __future__ import annotations

import re

from tests.connectors.salesforce.setup.conftest import URL, USER, standing


def values(file: str, element: str) -> list[str]:
    held = standing(apex="no").org.files[file].decode()
    return re.findall(rf"<{element}>([^<]*)</{element}>", held)


def test_it_carries_no_session_of_the_org_and_of_the_case_its_id_alone() -> None:
    assert values("workflows/Case.workflow", "includeSessionId") == ["false"]
    assert values("workflows/Case.workflow", "fields") == ["Id"]


def test_it_calls_an_address_that_nobody_can_guess_by_https() -> None:
    (address,) = values("workflows/Case.workflow", "endpointUrl")
    assert re.fullmatch(re.escape(URL) + r"/webhooks/salesforce/[0-9a-f]{48}", address)


def test_what_deskhand_itself_saves_sends_none() -> None:
    (when,) = values("flows/Deskhand_Tell.flow", "filterFormula")
    assert f'{{!$User.Username}} &lt;&gt; "{USER}"' in when.replace("&quot;", '"')
