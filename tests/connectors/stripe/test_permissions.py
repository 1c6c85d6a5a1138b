"""What a key may do is found out without touching anything."""

from __future__ import annotations

import copy

import pytest

from connectors.contract import Key, Money, Refund, Surroundings, Unavailable
from connectors.mount import Mounted
from connectors.stripe.payments import StripePayments
from connectors.stripe.permissions import NEEDLESS, Rights, rights
from connectors.stripe.settings import StripeSettings
from connectors.stripe.standin import StripeRules
from connectors.stripe.told import TOLD
from tests.connectors.stripe.shop import Shop

LEAST = {"account": "read", "customers": "read", "charges": "read", "invoices": "read", "disputes": "read",
         "subscriptions": "read", "events": "read", "refunds": "write"}
KEY = "rk_test_least"


@pytest.fixture
def shop() -> Shop:
    shop = Shop(StripeRules())
    shop.load(keys={KEY: LEAST}, charges=[{"id": "ch_1", "amount": 1800, "currency": "usd"}])
    return shop


def asked(shop: Shop, key: str = KEY, **may: str) -> Rights:
    if may:
        shop.control("permit", key=key, permissions={**LEAST, **may})
    return rights(StripeSettings(api_key=key), Surroundings(transports={"stripe": Mounted(shop.door)}))


def words(found: tuple[object, ...]) -> list[str]:
    return [str(one) for one in found]


def test_a_key_with_exactly_the_documented_permissions_is_right(shop: Shop) -> None:
    assert asked(shop) == Rights(unrestricted=False)


@pytest.mark.parametrize(("resource", "name"), [
    ("account", "Account: Read"), ("customers", "Customers: Read"), ("charges", "Charges: Read"),
    ("invoices", "Invoices: Read"), ("disputes", "Disputes: Read"), ("subscriptions", "Subscriptions: Read"),
    ("events", "Events: Read"), ("refunds", "Refunds: Write")])
def test_each_permission_taken_away_is_named(shop: Shop, resource: str, name: str) -> None:
    found = asked(shop, **{resource: "none"})
    assert (words(found.missing), found.needless) == ([name], ())


def test_refunds_that_can_only_be_read_are_not_enough(shop: Shop) -> None:
    assert words(asked(shop, refunds="read").missing) == ["Refunds: Write"]


@pytest.mark.parametrize("needless", list(NEEDLESS), ids=str)
def test_each_needless_permission_is_named(shop: Shop, needless: object) -> None:
    resource = str(needless).split(":")[0].lower().replace(" ", "_")
    found = asked(shop, **{resource: str(needless).split(": ")[1].lower()})
    assert (found.missing, words(found.needless)) == ((), [str(needless)])


def test_writing_charges_comes_with_refunds_and_is_not_complained_of(shop: Shop) -> None:
    assert asked(shop, charges="write") == Rights(unrestricted=False)


def test_asking_leaves_the_books_as_they_were(shop: Shop) -> None:
    before = copy.deepcopy(shop.rules.books())
    asked(shop, customers="write", payment_intents="write")
    assert shop.rules.books() == before
    assert shop.rules.state.events == {}


def test_a_secret_key_may_do_everything_and_is_not_asked(shop: Shop) -> None:
    assert asked(shop, "sk_test_everything_1") == Rights(unrestricted=True)
    assert shop.door.calls == []


def test_a_revoked_key_is_no_lack_of_permissions(shop: Shop) -> None:
    shop.control("end_key", key=KEY)
    with pytest.raises(Unavailable, match="Invalid API Key"):
        asked(shop)


def test_while_stripe_does_not_answer_nothing_is_said_about_the_key(shop: Shop) -> None:
    shop.fault("500_before", path="/v1/invoices")
    with pytest.raises(Unavailable):
        asked(shop)


def test_everything_that_deskhand_does_at_stripe_works_with_exactly_these(shop: Shop) -> None:
    shop.load(customers=[{"id": "cus_1", "email": "dana@example.com"}],
              charges=[{"id": "ch_2", "customer": "cus_1", "amount": 1800, "currency": "usd",
                        "metadata": {"order_id": "1042"}}])
    payments = StripePayments(StripeSettings(api_key=KEY), Surroundings(
        now=lambda: shop.now, transports={"stripe": Mounted(shop.door)}))
    assert payments.account().id == "acct_sandbox"
    [payer] = payments.payers("dana@example.com")
    [charge] = payments.charges(payer.id)
    assert payments.charges_marked("order_id", "1042") == (payments.charge(charge.id),)
    assert payments.invoices(payer.id) == payments.subscriptions(payer.id) == payments.disputes(charge.id) == ()
    action = Refund(charge=charge.id, money=Money(amount=1800, currency="USD"), reason="duplicate")
    key = Key(operation=f"op-{'0' * 24}")
    receipt = payments.perform(action, key)
    assert payments.find(action, key) is not None
    assert payments.read_back(action, receipt)
    assert payments.happened_since(shop.now, TOLD)
    assert {call.status for call in shop.door.calls} == {200}
