"""A new certificate: the old one goes on counting at our door until nothing is signed with it any more."""

from __future__ import annotations

import pytest

from connectors.contract import Rejected, Surroundings
from connectors.keys import read_keys
from connectors.parts import CHANGING, House, Rotation, Taken
from connectors.salesforce import CONNECTOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.standin import signing
from tests.connectors.salesforce.setup.conftest import URL, VERSION, Admin, Killed

VARIABLE = "SALESFORCE_CERTIFICATE"
CERTIFICATE, LABEL = "certs/Deskhand_Signing.crt", "certs/Deskhand_Signing.crt-meta.xml"


def rotation(admin: Admin) -> Rotation:
    around = Surroundings(now=admin.time, sleep=lambda seconds: admin.time.on(seconds=seconds),
                          transports={"salesforce": admin.transport})
    assert CONNECTOR.rotation is not None
    settings = SalesforceSettings.model_validate({**admin.env, **admin.login})
    return CONNECTOR.rotation(settings, around, House(URL, VERSION, dict(admin.env)))


def begin(admin: Admin) -> None:
    """As `deskhand rotate salesforce` does it (scripts/setup/rotate.py)."""
    values = [one for one in admin.env[VARIABLE].split(",") if one != CHANGING]
    admin.keep({VARIABLE: ",".join([CHANGING, *values])})
    made = rotation(admin).begin(values)
    admin.keep({VARIABLE: ",".join([made, values[0]])})


@pytest.fixture
def standing(admin: Admin) -> Admin:
    admin.run()
    return admin


def test_the_org_signs_with_the_new_one_and_both_count(standing: Admin) -> None:
    old = standing.env[VARIABLE]
    begin(standing)
    new, kept = standing.env[VARIABLE].split(",")
    assert (kept, new != old) == (old, True)
    assert new.strip() == signing.certificate(standing.org).strip()
    assert len(read_keys(standing.env[VARIABLE])) == 2
    rotation(standing).finish(new)


def test_half_way_the_settings_can_still_be_read(standing: Admin) -> None:
    assert len(read_keys(f"{CHANGING},{standing.env[VARIABLE]}")) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_call_it_is_taken_up_and_one_certificate_is_made(after: bool) -> None:
    counted = Admin()
    counted.run()
    before = counted.transport.calls
    begin(counted)
    for calls in range(counted.transport.calls - before):
        admin = Admin()
        admin.run()
        old = admin.env[VARIABLE]
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            begin(admin)
        admin.transport.left = None
        begin(admin)
        new, kept = admin.env[VARIABLE].split(",")
        assert (kept, new.strip()) == (old, signing.certificate(admin.org).strip()), f"killed at call {calls}"
        assert admin.org.counters["certificate"] == 2, f"killed at call {calls}"


def test_it_is_not_finished_while_the_org_signs_with_another(standing: Admin) -> None:
    old = standing.env[VARIABLE]
    begin(standing)
    with pytest.raises(Rejected, match="signs with another certificate"):
        rotation(standing).finish(old)


def test_a_certificate_made_by_hand_is_never_deleted(standing: Admin) -> None:
    standing.org.files[LABEL] = standing.org.files[LABEL].replace(b"Made by deskhand setup.", b"")
    with pytest.raises(Taken, match="made by hand"):
        begin(standing)
    assert CERTIFICATE in standing.org.files


def test_a_setup_amid_a_rotation_leaves_both_certificates(standing: Admin) -> None:
    begin(standing)
    both = standing.env[VARIABLE]
    assert standing.run() == []
    assert standing.env[VARIABLE] == both
