"""The package: objects, triggers, component and permission sets, deployed from the ready-built zip."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from connectors.contract import Rejected, VendorError
from connectors.parts import MARK, Found, House, Known, Taken
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.setup.api import Api, Json
from connectors.salesforce.setup.bundle import STAMP, Bundle, shipped
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deployed import NAME
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.sweep import switch_off, switch_on
from connectors.salesforce.setup.user import PERMISSIONS


class PackagePart:
    """Deployed as a whole or not at all, so that what stands is one version; the mark says which."""

    name = f'package "{NAME}"'
    why = "tells Deskhand of cases, keeps its receipts, and brings the component and the permission sets"
    wanted = True
    marks: Mapping[str, str] = {}

    def __init__(self, api: Api, running: Api, deployer: Deployer, house: House, choices: Choices, raw: bytes | None,
                 production: bool) -> None:
        """`running` is signed in as Deskhand is when it runs; `raw` is another zip than the one that comes with it."""
        self._api = api
        self._running = running
        self._deployer = deployer
        self._version = house.version
        self._choices = choices
        self._raw = raw
        self._production = production

    @cached_property
    def _whole(self) -> Bundle:
        return Bundle.of(shipped() if self._raw is None else self._raw)

    @cached_property
    def _bundle(self) -> Bundle:
        return self._whole if self._choices.calls_us else self._whole.without_apex()

    def look(self, known: Known) -> Found | None:
        row = self._row()
        if row is None:
            return None
        if MARK not in str(row.get("Description")):
            raise Taken(f"There is already a permission set {PERMISSIONS} in the org that deskhand setup did not "
                        "deploy. Delete what was deployed by hand, and run this again.")
        return Found(str(row["Id"]), self._differences(str(row["Description"])), takes_along=self._rows())

    def make(self, known: Known) -> Found:
        tests = self._bundle.tests() if self._production else []
        self._deployer.deploy(self._bundle.marked(self._version), self._bundle.components, tests=tests)
        return self._stands()

    def change(self, found: Found, known: Known) -> Found:
        """A class that a scheduled job uses cannot be deployed, so the job is stopped; it is started as the last part.

        What another choice had brought is deleted.
        """
        stopped = switch_off(self._api)
        try:
            self._deploy_anew()
        except Rejected as error:
            if stopped:
                raise self._started_again(error) from error
            raise
        return self._stands()

    def _deploy_anew(self) -> None:
        kept = set(self._bundle.deletable())
        stands = self._bundle.tests() if self._production else []
        self._deployer.deploy(self._bundle.marked(self._version), self._bundle.components, tests=stands,
                              gone=[one for one in self._whole.deletable() if one not in kept])

    def _started_again(self, error: Rejected) -> Rejected:
        """What was refused, and how the hourly job stands: as it was before, where the running login is let in."""
        try:
            switch_on(self._running)
            job = "The hourly job was stopped for it and is scheduled again."
        except VendorError as why:
            job = f"The hourly job was stopped for it and could not be scheduled again ({why}); run this again."
        return Rejected(f"{error}\n{job}", vendor=VENDOR, reason=error.reason)

    def remove(self, found: Found) -> None:
        """A permission set that somebody has cannot be deleted, so it is taken from all first."""
        sets = self._whole.permission_sets()
        for one in self._api.rows("Id", "PermissionSetAssignment", {"PermissionSet.Name": sets}):
            self._api.delete("PermissionSetAssignment", one["Id"])
        self._deployer.delete(self._whole.deletable())

    def _row(self) -> Json | None:
        rows = self._api.rows("Id, Description", "PermissionSet", {"Name": PERMISSIONS})
        return rows[0] if rows else None

    def _stands(self) -> Found:
        row = self._row()
        return Found(str(row["Id"]) if row else "")

    def _differences(self, description: str) -> tuple[str, ...]:
        wanted, stands = STAMP.search(self._bundle.stamp(self._version)), STAMP.search(description)
        if wanted is None or stands is None:
            return ("it is not known which version it is",)
        if wanted[2] == stands[2]:
            return ()
        if wanted[1] == stands[1]:
            return (f"it is another package of version {stands[1]}",)
        return (f"it is version {stands[1]}, and Deskhand is {wanted[1]}",)

    def _rows(self) -> tuple[str, ...]:
        counted = {label: self._api.count(name) for name, label in self._whole.objects().items()}
        return tuple(f"{count:,} rows of {label}" for label, count in counted.items() if count)
