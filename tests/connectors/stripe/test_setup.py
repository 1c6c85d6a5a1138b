"""Setting up a Stripe account: made once, kept, corrected, removed, whatever is killed on the way."""

from __future__ import annotations

import copy
import traceback
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import stripe

from connectors.contract import Rejected, Surroundings, Unavailable
from connectors.mount import Mounted
from connectors.parts import MARK, House, Taken
from connectors.standin import Door
from connectors.stripe.rotation import EndpointRotation
from connectors.stripe.settings import StripeSettings
from connectors.stripe.setup import StripeSetup
from connectors.stripe.standin import StripeRules
from connectors.stripe.told import TOLD
from scripts.setup.steps import carry_out, plan
from tests.connectors.stripe.shop import Shop
from tests.connectors.stripe.test_permissions import KEY, LEAST

URL = "https://desk.example.com"
ADMIN = "rk_test_admin"
SECRET = "STRIPE_WEBHOOK_SECRET"


class Killed(BaseException):
    """The process ends here."""


class Killing(Mounted):
    """Ends the process at the n-th request, before or after it took effect."""

    def __init__(self, door: Door, left: int, *, after: bool) -> None:
        super().__init__(door)
        self.left = left
        self.after = after

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        self.left -= 1
        if self.left < 0 and not self.after:
            raise Killed
        given = super().send(request, *args, **more)
        if self.left < 0:
            raise Killed
        return given


@dataclass
class Admin:
    """Runs the setup as the command does, and keeps settings as `.env` would."""

    shop: Shop
    settings: dict[str, str] = field(default_factory=lambda: {"STRIPE_API_KEY": KEY})
    url: str = URL
    key: str = ADMIN

    def setup(self, transport: Mounted | None = None) -> StripeSetup:
        around = Surroundings(transports={"stripe": transport or Mounted(self.shop.door)})
        return StripeSetup(StripeSettings(api_key=self.key), around, House(self.url, "1", dict(self.settings)))

    def rotation(self, transport: Mounted | None = None) -> EndpointRotation:
        around = Surroundings(transports={"stripe": transport or Mounted(self.shop.door)})
        return EndpointRotation(StripeSettings(api_key=self.key), around, House(self.url, "1", dict(self.settings)))

    def run(self, transport: Mounted | None = None, *, teardown: bool = False) -> list[str]:
        setup = self.setup(transport)
        steps = plan(setup, self.settings, teardown=teardown)
        return [step.verb for step in carry_out(steps, lambda: self.settings, self.keep, teardown=teardown)]

    def keep(self, given: Any) -> None:
        self.settings = {name: value for name, value in {**self.settings, **given}.items() if value}

    def endpoints(self) -> list[dict[str, Any]]:
        return list(self.shop.rules.state.endpoints.values())


@pytest.fixture
def shop() -> Shop:
    shop = Shop(StripeRules())
    shop.load(account={"id": "acct_sandbox", "settings": {"dashboard": {"display_name": "Acme Ltd"}}},
              keys={KEY: LEAST, ADMIN: {**LEAST, "webhook_endpoints": "write"}})
    return shop


@pytest.fixture
def admin(shop: Shop) -> Admin:
    return Admin(shop)


def test_the_account_is_named_with_its_mode_in_capitals(admin: Admin) -> None:
    assert admin.setup().account() == "Acme Ltd (acct_sandbox), US, USD, TEST mode"


def test_real_money_is_said(shop: Shop) -> None:
    shop.load(keys={"rk_live_admin": "all"})
    admin = Admin(shop, {}, key="rk_live_admin")
    assert admin.setup().account() == "Acme Ltd (acct_sandbox), US, USD, LIVE mode: real money"


def test_the_endpoint_is_made_with_our_version_exactly_our_events_and_our_mark(admin: Admin) -> None:
    assert admin.run() == ["make"]
    [made] = admin.endpoints()
    assert (made["url"], made["api_version"], made["enabled_events"]) == (
        f"{URL}/webhooks/stripe", stripe.api_version, list(TOLD))
    assert made["description"] == f"Deskhand. {MARK}"
    assert admin.settings == {"STRIPE_API_KEY": KEY, SECRET: made["secret"], "STRIPE_ACCOUNT_ID": "acct_sandbox"}


def test_the_secret_does_not_stand_at_stripe(admin: Admin) -> None:
    admin.run()
    [made] = admin.endpoints()
    assert made["secret"] not in str({**made, "secret": ""})


def test_a_second_run_changes_nothing_and_writes_nothing(admin: Admin, shop: Shop) -> None:
    admin.run()
    stood, shop.door.calls = copy.deepcopy(admin.endpoints()), []
    assert admin.run() == ["keep"]
    assert admin.endpoints() == stood
    assert {call.method for call in shop.door.calls} == {"GET"}


@pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
@pytest.mark.parametrize("calls", range(6))
def test_killed_at_any_call_and_run_again_one_endpoint_stands_whose_secret_is_ours(
        admin: Admin, shop: Shop, calls: int, after: bool) -> None:
    try:
        admin.run(Killing(shop.door, calls, after=after))
    except Killed:
        admin.run()
    assert [one["secret"] for one in admin.endpoints()] == [admin.settings[SECRET]]
    assert admin.run() == ["keep"]


@pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
@pytest.mark.parametrize("calls", range(8))
def test_killed_while_it_is_made_anew_one_endpoint_stands_in_the_end(
        admin: Admin, shop: Shop, calls: int, after: bool) -> None:
    admin.run()
    admin.settings[SECRET] = "whsec_of_nobody"
    try:
        admin.run(Killing(shop.door, calls, after=after))
    except Killed:
        admin.run()
    assert [one["secret"] for one in admin.endpoints()] == [admin.settings[SECRET]]
    assert admin.run() == ["keep"]


def test_a_lost_secret_makes_the_endpoint_anew(admin: Admin) -> None:
    admin.run()
    [before] = admin.endpoints()
    del admin.settings[SECRET]
    assert admin.run() == ["make anew"]
    [after] = admin.endpoints()
    assert after["id"] != before["id"]
    assert admin.settings[SECRET] == after["secret"]


@pytest.mark.parametrize(("what", "words"), [
    ({"url": "https://old.example.com/webhooks/stripe"}, "it calls https://old.example.com/webhooks/stripe"),
    ({"status": "disabled"}, "it is switched off"),
    ({"enabled_events": list(TOLD[1:])}, "it does not tell of refund.created"),
    ({"enabled_events": [*TOLD, "payout.paid"]}, "it tells of payout.paid, which nobody reads"),
    ({"enabled_events": ["*"]}, "it tells of *, which nobody reads")])
def test_what_was_changed_by_hand_is_told_and_corrected_in_place(admin: Admin, what: dict[str, Any],
                                                                 words: str) -> None:
    admin.run()
    [before] = copy.deepcopy(admin.endpoints())
    admin.endpoints()[0].update(what)
    [step] = plan(admin.setup(), admin.settings)
    assert (step.verb, step.words) == ("change", (words,))
    assert admin.run() == ["change"]
    assert admin.endpoints() == [before]


def test_another_api_version_cannot_be_corrected_and_is_made_anew(admin: Admin) -> None:
    admin.run()
    admin.endpoints()[0].update(api_version="2024-06-20")
    assert admin.run() == ["change"]
    [made] = admin.endpoints()
    assert (made["api_version"], made["secret"]) == (stripe.api_version, admin.settings[SECRET])


def test_the_new_one_stands_before_the_old_one_goes(admin: Admin, shop: Shop) -> None:
    admin.run()
    admin.endpoints()[0].update(api_version="2024-06-20")
    shop.door.calls = []
    admin.run()
    assert [call.method for call in shop.door.calls if call.method != "GET"] == ["POST", "POST", "DELETE"]


def test_where_no_room_is_left_the_old_one_goes_first(admin: Admin, shop: Shop) -> None:
    admin.run()
    shop.load(webhook_endpoints=[{"url": f"https://shop.example/{n}"} for n in range(15)])
    admin.settings[SECRET] = "whsec_of_nobody"
    assert admin.run() == ["change"]
    assert len(admin.endpoints()) == 16
    assert admin.settings[SECRET] == admin.endpoints()[-1]["secret"]


def test_an_endpoint_made_by_hand_for_our_address_is_left_alone_and_told(admin: Admin, shop: Shop) -> None:
    shop.load(webhook_endpoints=[{"id": "we_hand", "url": f"{URL}/webhooks/stripe"}])
    with pytest.raises(Taken, match="we_hand was made by hand"):
        admin.run()
    assert [one["id"] for one in admin.endpoints()] == ["we_hand"]


def test_sixteen_endpoints_of_others_are_told_before_anything_is_done(admin: Admin, shop: Shop) -> None:
    shop.load(webhook_endpoints=[{"url": f"https://shop.example/{n}"} for n in range(16)])
    with pytest.raises(Taken, match="16 webhook endpoints, and Stripe allows 16"):
        plan(admin.setup(), admin.settings)


def test_a_teardown_leaves_the_books_as_they_were(admin: Admin, shop: Shop) -> None:
    shop.load(webhook_endpoints=[{"id": "we_shop", "url": "https://shop.example/hook"}])
    before = copy.deepcopy(admin.endpoints())
    admin.run()
    assert admin.run(teardown=True) == ["remove"]
    assert admin.endpoints() == before
    assert admin.settings == {"STRIPE_API_KEY": KEY}
    assert admin.run(teardown=True) == ["nothing"]


def test_a_teardown_goes_past_what_is_an_admins_own(admin: Admin, shop: Shop) -> None:
    shop.load(webhook_endpoints=[{"id": "we_hand", "url": f"{URL}/webhooks/stripe"}])
    assert admin.run(teardown=True) == ["nothing"]


def test_a_key_with_exactly_the_documented_permissions_gives_no_notice(admin: Admin) -> None:
    assert list(admin.setup().notices()) == []


def test_every_missing_and_every_needless_permission_is_told_with_its_mend(admin: Admin, shop: Shop) -> None:
    shop.control("permit", key=KEY, permissions={**LEAST, "disputes": "none", "payouts": "write"})
    assert [(one.what, one.mend) for one in admin.setup().notices()] == [
        ("STRIPE_API_KEY lacks the permission Disputes: Read",
         "Give it in Stripe's Dashboard, Developers, API keys, Edit key."),
        ("STRIPE_API_KEY has the permission Payouts: Write, which Deskhand needs for nothing",
         "Take it away in Stripe's Dashboard, Developers, API keys, Edit key.")]


def test_the_one_key_that_also_sets_up_is_to_lose_that_permission_afterwards(shop: Shop) -> None:
    [notice] = Admin(shop, {"STRIPE_API_KEY": ADMIN}).setup().notices()
    assert notice.what.endswith("Webhook Endpoints: Write, which Deskhand needs for this setup only")
    assert notice.mend.endswith("when this is done.")


def test_a_secret_key_is_told_to_be_all_powerful(shop: Shop) -> None:
    [notice] = Admin(shop, {"STRIPE_API_KEY": "sk_test_everything_1"}).setup().notices()
    assert "may do everything in this account" in notice.what


def test_keys_of_two_modes_are_refused(shop: Shop) -> None:
    with pytest.raises(Rejected, match="STRIPE_API_KEY is a LIVE key, and the key for setup is a TEST key"):
        Admin(shop, {"STRIPE_API_KEY": "rk_live_other"}).setup().account()


def test_a_key_without_the_permission_to_set_up_is_refused_by_name(shop: Shop) -> None:
    with pytest.raises(Unavailable, match="webhook_endpoint_read"):
        Admin(shop, key=KEY).run()


def test_while_a_secret_is_rotated_both_endpoints_stand_and_setup_keeps_both(admin: Admin) -> None:
    admin.run()
    old = admin.settings[SECRET]
    new = admin.rotation().begin([old])
    admin.keep({SECRET: f"{new},{old}"})
    assert admin.run() == ["keep"]
    assert {one["secret"] for one in admin.endpoints()} == {old, new}
    admin.rotation().finish(new)
    admin.keep({SECRET: new})
    assert [one["secret"] for one in admin.endpoints()] == [new]
    assert admin.run() == ["keep"]


def test_a_rotation_killed_before_its_secret_was_written_leaves_the_old_one_working(admin: Admin) -> None:
    admin.run()
    old = admin.settings[SECRET]
    admin.rotation().begin([old])
    new = admin.rotation().begin([old])
    assert sorted(one["secret"] for one in admin.endpoints()) == sorted([old, new])


def test_a_killed_rotation_that_took_the_last_room_can_be_run_again(admin: Admin, shop: Shop) -> None:
    admin.run()
    old = admin.settings[SECRET]
    shop.load(webhook_endpoints=[{"url": f"https://shop.example/{n}"} for n in range(14)])
    admin.rotation().begin([old])
    assert len(admin.endpoints()) == 16
    new = admin.rotation().begin([old])
    assert len(admin.endpoints()) == 16
    assert [one["secret"] for one in admin.endpoints() if one["secret"] in (old, new)] == [old, new]


def test_a_rotation_without_room_is_refused_and_removes_nothing(admin: Admin, shop: Shop) -> None:
    admin.run()
    shop.load(webhook_endpoints=[{"url": f"https://shop.example/{n}"} for n in range(15)])
    stood = copy.deepcopy(admin.endpoints())
    with pytest.raises(Rejected, match="16 webhook endpoints"):
        admin.rotation().begin([admin.settings[SECRET]])
    assert admin.endpoints() == stood


def test_setup_removes_what_a_killed_rotation_left(admin: Admin) -> None:
    admin.run()
    admin.rotation().begin([admin.settings[SECRET]])
    [step] = plan(admin.setup(), admin.settings)
    assert step.verb == "change"
    assert "stands beside it: it is removed" in step.words[0]
    admin.run()
    assert [one["secret"] for one in admin.endpoints()] == [admin.settings[SECRET]]


def test_an_endpoint_is_not_dropped_for_a_secret_that_no_endpoint_signs_with(admin: Admin) -> None:
    admin.run()
    with pytest.raises(Rejected, match="No endpoint signs with the newest value"):
        admin.rotation().finish("whsec_of_nobody")
    assert len(admin.endpoints()) == 1


def test_a_key_in_env_that_is_none_is_refused_in_words_that_do_not_hold_it(shop: Shop) -> None:
    """The setup's own key is fine, so that nobody has looked at the other one before."""
    pasted = "a-secret-pasted-into-the-wrong-line"
    with pytest.raises(Rejected, match="STRIPE_API_KEY in your settings cannot be used") as no:
        Admin(shop, settings={"STRIPE_API_KEY": pasted}).setup().account()
    assert pasted not in "".join(traceback.format_exception(no.value))
