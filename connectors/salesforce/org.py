"""Which org this is, asked once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import Unavailable
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.wire import Part, Wire, asking

DEVELOPER = "Developer Edition"


class Organization:
    """Id, IsSandbox and OrganizationType of the org behind a wire."""

    def __init__(self, wire: Wire, version: str) -> None:
        self._wire, self._version = wire, version
        self.row: Mapping[str, Any] | None = None

    def query(self) -> dict[str, Any]:
        """A subrequest for whoever asks something else anyway."""
        return asking(self._version, "SELECT Id, IsSandbox, OrganizationType FROM Organization LIMIT 1")

    def keep(self, part: Part) -> None:
        rows = part.rows()
        if rows and isinstance(rows[0].get("IsSandbox"), bool):
            self.row = rows[0]

    def read(self) -> Mapping[str, Any]:
        if self.row is None:
            (part,) = self._wire.composite([self.query()], writing=False)
            self.keep(part)
        if self.row is None:
            raise Unavailable("the org does not say whether it is a sandbox", vendor=VENDOR, reason="org_unreadable")
        return self.row

    def production(self) -> bool:
        """False for sandboxes, scratch orgs and Developer Editions."""
        org = self.read()
        return not org["IsSandbox"] and org.get("OrganizationType") != DEVELOPER
