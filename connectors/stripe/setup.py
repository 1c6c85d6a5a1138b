"""What Deskhand needs in a Stripe account: one webhook endpoint, and a key that may do no more than it must."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import stripe
from pydantic import ValidationError

from connectors.contract import Rejected, Surroundings
from connectors.parts import Found, House, Known, Notice, Part, Taken
from connectors.stripe.client import VENDOR, Client
from connectors.stripe.endpoints import MOST, SECRET, Endpoint, Endpoints, address, known_digests
from connectors.stripe.permissions import Rights, rights
from connectors.stripe.settings import StripeSettings
from connectors.stripe.told import TOLD

ACCOUNT, KEY = "STRIPE_ACCOUNT_ID", "STRIPE_API_KEY"
KEYS_PAGE = "Stripe's Dashboard, Developers, API keys"


@dataclass(frozen=True)
class EndpointPart:
    """The one endpoint that tells us; where two secrets count, the two of a rotation."""

    endpoints: Endpoints
    house: House
    account: str
    name: str = 'webhook endpoint "Deskhand"'
    why: str = "tells of refunds that fail later, of disputes, and of refunds made by hand"
    wanted: bool = True
    marks: Mapping[str, str] = field(default_factory=dict)

    def look(self, known: Known) -> Found | None:
        everything = self.endpoints.all()
        ours = [one for one in everything if one.ours]
        if not ours:
            self._make_sure_there_is_room(everything)
            return None
        return self._found(self._main(ours), ours)

    def make(self, known: Known) -> Found:
        made, secret = self.endpoints.make(address(self.house))
        return self._found(made, [made], secret)

    def change(self, found: Found, known: Known) -> Found:
        """What Stripe lets be corrected is corrected; else a new endpoint stands before the old one goes."""
        everything = self.endpoints.all()
        ours = [one for one in everything if one.ours]
        keep = [one for one in ours if self._usable(one)]
        if keep:
            kept = [self.endpoints.correct(one.id, address(self.house)) if self._words(one) else one for one in keep]
            self._delete(one for one in ours if one not in keep)
            return self._found(kept[0], kept)
        if len(everything) >= MOST:
            self._delete(ours)
            ours = []
        made = self.make(known)
        self._delete(ours)
        return made

    def remove(self, found: Found) -> None:
        self._delete(self.endpoints.ours())

    def _delete(self, these: Sequence[Endpoint] | Iterator[Endpoint]) -> None:
        for one in these:
            self.endpoints.delete(one.id)

    def _make_sure_there_is_room(self, everything: Sequence[Endpoint]) -> None:
        if taken := [one for one in everything if one.url == address(self.house)]:
            raise Taken(f"Stripe calls {taken[0].url} already: the endpoint {taken[0].id} was made by hand. Delete it "
                        "in Stripe's Dashboard, Developers, Webhooks, and run this again.")
        if len(everything) >= MOST:
            raise Taken(f"The account has {len(everything)} webhook endpoints, and Stripe allows {MOST}. Delete one "
                        "that is not used any more in Stripe's Dashboard, Developers, Webhooks, and run this again.")

    def _main(self, ours: Sequence[Endpoint]) -> Endpoint:
        """The one whose secret is first in `.env`; without any, the newest."""
        known = known_digests(self.house)
        return min(ours, key=lambda one: known.index(one.digest) if one.digest in known else len(known))

    def _usable(self, one: Endpoint) -> bool:
        return one.digest in known_digests(self.house) and one.version == stripe.api_version

    def _found(self, main: Endpoint, ours: Sequence[Endpoint], secret: str = "") -> Found:
        settings = {ACCOUNT: self.account, **({SECRET: secret} if secret else {})}
        differs = () if secret else tuple(word for one in ours for word in (*self._words(one), *self._lost(one, main)))
        return Found(main.id, differs, settings, (SECRET,))

    def _words(self, one: Endpoint) -> list[str]:
        words = []
        if one.url != address(self.house):
            words.append(f"it calls {one.url}")
        if not one.enabled:
            words.append("it is switched off")
        if one.version != stripe.api_version:
            words.append(f"it speaks API version {one.version or 'of the account'}, Deskhand {stripe.api_version}: "
                         "it is made anew")
        words += [f"it does not tell of {event}" for event in TOLD if event not in one.events | _all(one)]
        words += [f"it tells of {event}, which nobody reads" for event in sorted(one.events - set(TOLD))]
        return words

    def _lost(self, one: Endpoint, main: Endpoint) -> list[str]:
        known = known_digests(self.house)
        if not known or one.digest in known:  # with no secret at all, it is made anew anyway
            return []
        if one.id == main.id:
            return [f"{SECRET} is not its signing secret: it is made anew"]
        return [f"the endpoint {one.id} of ours stands beside it: it is removed"]


def _all(one: Endpoint) -> frozenset[str]:
    return frozenset(TOLD) if "*" in one.events else frozenset()


class StripeSetup:
    """The Setup of connectors.parts; `settings` hold a key that may write webhook endpoints, used here and kept
    nowhere."""

    def __init__(self, settings: StripeSettings, around: Surroundings, house: House) -> None:
        self._settings = settings
        self._around = around
        self._house = house
        self._client = Client(settings, around)
        self._id = ""

    def account(self) -> str:
        row = self._read(self._client)
        self._id = str(row["id"])
        if (runs := self._runs_with()) and runs != self._settings:
            self._same_account(runs)
        name = _name(row)
        kind = "LIVE mode: real money" if self._settings.live() else "TEST mode"
        about = [name, f"({self._id})" if name else self._id]
        place = ", ".join(str(row[field]).upper() for field in ("country", "default_currency") if row.get(field))
        return f"{' '.join(one for one in about if one)}{', ' + place if place else ''}, {kind}"

    def parts(self) -> Sequence[Part]:
        if not self._id:
            self.account()
        return (EndpointPart(Endpoints(self._client), self._house, self._id),)

    def notices(self) -> Iterator[Notice]:
        if runs := self._runs_with():
            yield from of_key(rights(runs, self._around), alone=runs.api_key == self._settings.api_key)

    def _runs_with(self) -> StripeSettings | None:
        """The key Deskhand runs with, which is not always the one that sets up."""
        key = self._house.settings.get(KEY, "").strip()
        if not key:
            return None
        try:
            return StripeSettings.model_validate({**self._settings.model_dump(by_alias=True), KEY: key})
        except ValidationError:
            raise Rejected(f"{KEY} in your settings cannot be used: a Stripe key starts with rk_live_ or rk_test_ "
                           "(restricted), or with sk_", vendor=VENDOR, reason="no key") from None

    def _same_account(self, runs: StripeSettings) -> None:
        if runs.live() != self._settings.live():
            raise Rejected(f"{KEY} is a {_mode(runs)} key, and the key for setup is a {_mode(self._settings)} key: use "
                           "two keys of one account and mode.", vendor=VENDOR, reason="other mode")
        other = str(self._read(Client(runs, self._around))["id"])
        if other != self._id:
            raise Rejected(f"{KEY} is a key of {other}, and the key for setup is one of {self._id}: use two keys of "
                           "one account.", vendor=VENDOR, reason="other account")

    def _read(self, client: Client) -> dict[str, Any]:
        return client.read(lambda v1: v1.accounts.retrieve_current(), dict)


def _mode(settings: StripeSettings) -> str:
    return "LIVE" if settings.live() else "TEST"


def _name(row: Mapping[str, Any]) -> str:
    shown = ((row.get("settings") or {}).get("dashboard") or {}).get("display_name")
    return str(shown or (row.get("business_profile") or {}).get("name") or "")


def of_key(found: Rights, *, alone: bool = False) -> Iterator[Notice]:
    """What an admin should know of the key Deskhand runs with; `alone`: it is the one that sets up, too."""
    if found.unrestricted:
        yield Notice(f"{KEY} is a secret key: whoever has it may do everything in this account",
                     f"Make a restricted key in {KEYS_PAGE}, and give it to deskhand init.")
    for one in found.missing:
        yield Notice(f"{KEY} lacks the permission {one}", f"Give it in {KEYS_PAGE}, Edit key.")
    for one in found.needless:
        setup = alone and one.name == "Webhook Endpoints"
        when = "for this setup only" if setup else "for nothing"
        yield Notice(f"{KEY} has the permission {one}, which Deskhand needs {when}",
                     f"Take it away in {KEYS_PAGE}, Edit key{', when this is done' if setup else ''}.")
