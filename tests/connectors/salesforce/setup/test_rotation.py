"""A new certificate: the old one goes on counting at our door until nothing is signed with it any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.contract import Rejected, Surroundings
from connectors.keys import read_keys
from connectors.parts import CHANGING, House, Rotation, Taken
from connectors.salesforce import CONNECTOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.standin import signing
from tests.connectors.salesforce.setup.conftest import URL, VERSION, Admin, Killed, standing

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
def desk() -> Admin:
    return standing()


def test_the_org_signs_with_the_new_one_and_both_count(desk: Admin) -> None:
    old = desk.env[VARIABLE]
    begin(desk)
    new, kept = desk.env[VARIABLE].split(",")
    assert (kept, new != old) == (old, True)
    assert new.strip() == signing.certificate(desk.org).strip()
    assert len(read_keys(desk.env[VARIABLE])) == 2
    rotation(desk).finish(new)


def test_a_certificate_in_a_file_is_rotated_too(desk: Admin, tmp_path: Path) -> None:
    (tmp_path / "org.pem").write_text(desk.env[VARIABLE])
    desk.env[VARIABLE] = str(tmp_path / "org.pem")
    begin(desk)
    new, kept = desk.env[VARIABLE].split(",")
    assert (kept, len(read_keys(desk.env[VARIABLE]))) == (str(tmp_path / "org.pem"), 2)
    rotation(desk).finish(new)


def test_half_way_the_settings_can_still_be_read(desk: Admin) -> None:
    assert len(read_keys(f"{CHANGING},{desk.env[VARIABLE]}")) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_call_it_is_taken_up_and_one_certificate_is_made(after: bool) -> None:
    counted = standing()
    before = counted.transport.calls
    begin(counted)
    for calls in range(counted.transport.calls - before):
        admin = standing()
        old = admin.env[VARIABLE]
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            begin(admin)
        admin.transport.left = None
        begin(admin)
        new, kept = admin.env[VARIABLE].split(",")
        assert (kept, new.strip()) == (old, signing.certificate(admin.org).strip()), f"killed at call {calls}"
        assert admin.org.counters["certificate"] == 2, f"killed at call {calls}"


def test_it_is_not_finished_while_the_org_signs_with_another(desk: Admin) -> None:
    old = desk.env[VARIABLE]
    begin(desk)
    with pytest.raises(Rejected, match="signs with another certificate"):
        rotation(desk).finish(old)


def test_a_certificate_made_by_hand_is_never_deleted(desk: Admin) -> None:
    desk.org.files[LABEL] = desk.org.files[LABEL].replace(b"Made by deskhand setup.", b"")
    with pytest.raises(Taken, match="made by hand"):
        begin(desk)
    assert CERTIFICATE in desk.org.files


def test_a_setup_amid_a_rotation_leaves_both_certificates(desk: Admin) -> None:
    begin(desk)
    both = desk.env[VARIABLE]
    assert desk.run() == []
    assert desk.env[VARIABLE] == both
