"""Where the app shows itself, and from which address (zendesk_apps_support, validations/manifest)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from connectors.zendesk.rules.app import App, Rule

PLACES = {
    "support": ("top_bar", "nav_bar", "ticket_sidebar", "new_ticket_sidebar", "user_sidebar", "organization_sidebar",
                "background", "modal", "ticket_editor", "system_top_bar", "custom_object_record_sidebar"),
    "chat": ("chat_sidebar", "background"),
    "standalone_chat": ("nav_bar", "system_top_bar"),
    "sell": ("deal_card", "person_card", "company_card", "lead_card", "background", "modal", "dashboard",
             "note_editor", "call_log_editor", "email_editor", "top_bar", "visit_editor"),
}
WITH_ICON = {"support": ("top_bar", "nav_bar", "system_top_bar", "ticket_editor"), "sell": ("top_bar",)}
RECORD_SIDEBAR = "custom_object_record_sidebar"
SETTING = "{{setting."


def there_is_a_place(app: App) -> Iterator[str]:
    said = app.manifest.get("location")
    if app.requirements_only or app.marketing_only:
        return
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        yield 'location must say product, place and address: {"support": {"ticket_sidebar": {"url": …}}}.'
    elif not app.places and said.keys() <= PLACES.keys():
        yield "The app has no location: name the place where it shows itself."


def products_exist(app: App) -> Iterator[str]:
    said = app.manifest.get("location")
    for product in said if isinstance(said, dict) else ():
        if product not in PLACES:
            yield f"Zendesk has no product {product!r}: write {', '.join(PLACES)}."


def places_exist(app: App) -> Iterator[str]:
    for place in app.places:
        if place.product in PLACES and place.name not in PLACES[place.product]:
            yield f"{place.product} has no place {place.name!r}: write {', '.join(PLACES[place.product])}."


def addresses_are_safe(app: App) -> Iterator[str]:
    """https, or localhost, or a file below assets/, or an address made of the installation's settings."""
    for place in app.places:
        url = place.options.get("url")
        if isinstance(url, str) and url and SETTING not in url and not _opens(app, url):
            yield (f"{place}: {url!r} is neither an https address, nor at localhost, nor a file below assets/ in the "
                   "package: correct it.")
        elif url is not None and not isinstance(url, str):
            yield f"{place}: its url is not a text: write the address in quotes."


def what_loads_has_an_address(app: App) -> Iterator[str]:
    """A place loads by itself unless autoLoad says no."""
    for place in app.places:
        if not place.options.get("url") and place.options.get("autoLoad", True) is not False:
            yield f'{place} loads by itself and has no url: add one, or write "autoLoad": false.'


def place_switches(app: App) -> Iterator[str]:
    for place in app.places:
        for name in ("flexible", "autoLoad", "autoHide", "signed"):
            if not isinstance(place.options.get(name, False), bool):
                yield f"{place}: {name} is neither true nor false: write one of them, without quotes."


def record_sidebars_name_their_records(app: App) -> Iterator[str]:
    for place in app.places:
        types = place.options.get("objectTypes")
        if place.name != RECORD_SIDEBAR:
            if types is not None:
                yield f"{place}: objectTypes belongs to {RECORD_SIDEBAR} alone: remove it."
        elif not isinstance(types, list) or not types or not all(isinstance(t, str) and t.strip() for t in types):
            yield f'{place} must say beside which records it shows: "objectTypes": ["car"].'


def icons_are_there(app: App) -> Iterator[str]:
    """Zendesk docs, "Styles and assets": an icon to press, for bars and the editor. A sidebar has none."""
    several = len({place.product for place in app.places}) > 1
    for place in app.places:
        folder = f"assets/{place.product}/" if several else "assets/"
        icon = f"{folder}icon_{place.name}.svg"
        if place.name in WITH_ICON.get(place.product, ()) and icon not in app.files:
            yield f"{place} is opened by pressing its icon: add {icon}."


def _opens(app: App, url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme:
        return (parts.scheme == "https" and bool(host)) or host == "localhost"
    return parts.path.startswith("assets/") and parts.path in app.files


RULES: tuple[Rule, ...] = (
    there_is_a_place, products_exist, places_exist, addresses_are_safe, what_loads_has_an_address, place_switches,
    record_sidebars_name_their_records, icons_are_there)
