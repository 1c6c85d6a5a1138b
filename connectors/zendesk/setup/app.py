"""The private app of the sidebar: uploaded, built, installed, and updated in place (docs, "Apps")."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Rejected, Unavailable
from connectors.keys import is_among
from connectors.parts import Found, House, Known, Taken
from connectors.zendesk.package import CannotPackage, build
from connectors.zendesk.settings import VENDOR
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.listed import NAME, gone

KEY, INSTALLATION, URL = "ZENDESK_APP_PUBLIC_KEY", "ZENDESK_APP_INSTALLATION_ID", "ZENDESK_APP_URL"
"""The last one is ours alone: Zendesk does not tell which address an uploaded app opens, nor who uploaded it."""
SETTINGS = {"name": NAME}
LOOKS = 60
"""How often a build is asked after; one takes seconds."""


class AppPart:
    """An app has no description to bear our mark. Its author, from our manifest, tells that it is ours to use; to be
    removed it must be one that our settings know: an admin may have uploaded what `deskhand package` packed."""

    name = f'app "{NAME}"'
    why = "the sidebar in which colleagues see, approve and undo"

    def __init__(self, api: Api, house: House, choices: Choices) -> None:
        self._api = api
        self._house = house
        self._choices = choices

    @property
    def wanted(self) -> bool:
        return self._choices.app == "yes"

    @property
    def marks(self) -> Mapping[str, str]:
        return {URL: self._house.public_url}

    def look(self, known: Known) -> Found | None:
        named = [one for one in self._api.every("apps/owned", "apps") if one.get("name") == NAME]
        ours = [one for one in named if one.get("author_name") == NAME]
        if not ours:
            if named and self.wanted:
                raise Taken(f"There is already an {self.name} that deskhand setup did not upload. Rename or delete it "
                            "in Admin Center > Apps and integrations > Zendesk Support apps, and run this again.")
            return None
        installations = self._installations()
        app = next((one for one in ours if one["id"] in installations), ours[0])
        spare = (f"it is there {len(ours)} times",) if len(ours) > 1 else ()
        return self._found(app, installations.get(app["id"]), spare)

    def make(self, known: Known) -> Found:
        app = self._built("POST", "apps")
        self._install(app)
        return self._now(app)

    def change(self, found: Found, known: Known) -> Found:
        """A new version, an installation that is missing, other settings: each only where it is so."""
        self._clear(but=found.id)
        app, held = self._api.get(f"apps/{found.id}"), self._installations().get(int(found.id))
        app = app.get("app") or app
        if self._stale(app):
            self._built("PUT", f"apps/{found.id}")
        if held is None:
            self._install(found.id)
        elif _unlike(held):
            self._api.put(f"apps/installations/{held['id']}", {"settings": SETTINGS, "enabled": True})
        return self._now(found.id)

    def remove(self, found: Found) -> None:
        self._clear()

    def _clear(self, but: str | None = None) -> None:
        installations = self._installations()
        for app in self._api.every("apps/owned", "apps"):
            if (app.get("name"), app.get("author_name")) == (NAME, NAME) and str(app["id"]) != but:
                if app["id"] in installations:
                    gone(self._api, f"apps/installations/{installations[app['id']]['id']}")
                gone(self._api, f"apps/{app['id']}")

    def _installations(self) -> dict[int, Json]:
        return {one["app_id"]: one for one in self._api.every("apps/installations", "installations")}

    def _now(self, app: str) -> Found:
        installation = self._installations().get(int(app))
        if installation is None:
            raise Unavailable("Zendesk does not show the installation of the app yet", vendor=VENDOR,
                              reason="not there")
        return Found(app, (), self._settings(app, installation))

    def _found(self, app: Json, installation: Json | None, words: tuple[str, ...]) -> Found:
        words += tuple(self._stale(app))
        if installation is None:
            return Found(str(app["id"]), (*words, "it is not installed"), {URL: self._house.public_url})
        return Found(str(app["id"]), (*words, *_unlike(installation)), self._settings(str(app["id"]), installation))

    def _stale(self, app: Json) -> list[str]:
        words, opens = [], self._house.settings.get(URL)
        if app.get("version") != self._house.version:
            words.append(f"it is version {app.get('version')}, and Deskhand is {self._house.version}")
        if opens != self._house.public_url:
            words.append(f"it opens {opens}" if opens else "it is not known which address it opens")
        return words

    def _settings(self, app: str, installation: Json) -> dict[str, str]:
        """A key that is held already stays as it is written: beside another, or in a file."""
        key, held = self._api.text(f"apps/{app}/public_key.pem").strip(), self._house.settings.get(KEY, "")
        return {KEY: held if is_among(key, held) else key, INSTALLATION: str(installation["id"]),
                URL: self._house.public_url}

    def _built(self, method: str, path: str) -> str:
        """Uploads, and waits for the build. Returns the app's id."""
        try:
            package = build(self._house.public_url, self._house.version, env=self._house.settings)
        except CannotPackage as error:
            raise Rejected(f"The app cannot be packed: {error}", vendor=VENDOR, reason="package") from error
        upload = self._api.upload("apps/uploads.json", "uploaded_data", package)["id"]
        send = self._api.post if method == "POST" else self._api.put
        job = send(f"{path}.json", {"upload_id": upload, "name": NAME})["job_id"]
        for _ in range(LOOKS):
            now = self._api.get(f"apps/job_statuses/{job}")
            if now.get("status") == "completed":
                return str(now["app_id"])
            if now.get("status") == "failed":
                raise Rejected(f"Zendesk did not build the app: {now.get('message')}", vendor=VENDOR, reason="build")
            self._api.around.sleep(max(float(now.get("retry_in") or 1000) / 1000, 0.5))
        raise Unavailable("Zendesk is still building the app; run this again in a minute", vendor=VENDOR,
                          reason="build")

    def _install(self, app: str) -> None:
        self._api.post("apps/installations.json", {"app_id": int(app), "settings": SETTINGS})


def made(api: Api) -> bool:
    """Whether an app of ours stands."""
    return any((one.get("name"), one.get("author_name")) == (NAME, NAME) for one in api.every("apps/owned", "apps"))


def _unlike(installation: Json) -> list[str]:
    words = []
    if not installation.get("enabled"):
        words.append("it is switched off")
    held = installation.get("settings") or {}
    return words + [f"its setting {name} is {held.get(name)!r}" for name, value in SETTINGS.items()
                    if held.get(name) != value]
