"""Each rule Zendesk publishes of an app's package: what breaks it is refused by that rule alone, with what to do."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from connectors.zendesk.rules import RULES, Broken, check
from tests.manifests.packed import FILES, Parts, Spoil, png, spoilt

KEY = "requirements.json"


def sets(**changes: Any) -> Spoil:
    """Changes the manifest; None takes a key out."""
    def spoil(parts: Parts) -> None:
        parts.manifest |= changes
        for name in [name for name, value in changes.items() if value is None]:
            del parts.manifest[name]
    return spoil


def adds(path: str, content: bytes = b"x") -> Spoil:
    return lambda parts: parts.files.update({path: content})


def lacks(path: str) -> Spoil:
    def spoil(parts: Parts) -> None:
        del parts.files[path]
    return spoil


def places(product: str = "support", name: str = "ticket_sidebar", **options: Any) -> Spoil:
    return lambda parts: parts.place(product, name, **options)


def asks(name: str, **said: Any) -> Spoil:
    """With one more parameter."""
    return lambda parts: parts.parameter(name, **said)


def requires(**said: Any) -> Spoil:
    return lambda parts: parts.requires(**said)


def says(key: str, text: str | None, *languages: str) -> Spoil:
    """Changes a text of the app in these languages, or in all; None takes it out."""
    def spoil(parts: Parts) -> None:
        for language in languages or parts.texts:
            parts.texts[language]["app"][key] = text
            if text is None:
                del parts.texts[language]["app"][key]
    return spoil


def linked(parts: Parts) -> None:
    link = zipfile.ZipInfo("assets/other.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    parts.entries.append((link, b"/etc/hostname"))


def draws(inside: bytes, box: bytes = b' viewBox="0 0 18 18"') -> Spoil:
    return adds("assets/icon.svg", b'<svg xmlns="http://www.w3.org/2000/svg"' + box + b">" + inside + b"</svg>")


def all_of(*spoils: Spoil) -> Spoil:
    def spoil(parts: Parts) -> None:
        for one in spoils:
            one(parts)
    return spoil


def only_requirements(parts: Parts) -> None:
    for key in ("location", "frameworkVersion"):
        del parts.manifest[key]
    parts.manifest["requirementsOnly"] = True
    parts.requires(views={"mine": {"title": "Mine"}})


def relabelled(parts: Parts) -> None:
    for texts in parts.texts.values():
        texts["app"]["parameters"] = {"shop": {"label": "Shop"}, "ghost": {"helpText": "?"}}


def one_language_more(parts: Parts) -> None:
    parts.texts["english"] = parts.texts["en"]


CASES: list[tuple[str, Spoil, str]] = [
    ("it_is_small", adds("assets/big.png", b"\x89PNG" + b"0" * 2_200_000),
     "The package has 2.1 MB; Zendesk takes 2 MB: make its pictures smaller."),
    ("no_link", linked, "assets/other.png is a symbolic link: put the file itself there."),
    ("plain_paths", adds("assets/../../up.png"),
     "'assets/../../up.png' leads out of the package: name files by their path below it."),
    ("asset_types", adds("assets/app.py"),
     "assets/app.py is of a type that Zendesk does not take as an asset: remove it, or convert it."),
    ("no_blocked_type", adds("assets/guide.pdf"),
     "assets/guide.pdf is of the type pdf, which Zendesk refuses: remove it."),
    ("no_blocked_type", adds("assets/innocent.png", b"PK\x03\x04..."),
     "assets/innocent.png is an archive, which Zendesk refuses: remove it."),
    ("nothing_private", adds("zcli.apps.config.json", b"{}"),
     "zcli.apps.config.json is for your own machine and may hold secrets: remove it from the package."),
    ("nothing_private", adds("tmp/old.json", b"{}"),
     "tmp/old.json is a left-over of a build: remove it from the package."),
    ("manifest_is_json", adds("manifest.json", b'{"name": "A", "name": "B"}'),
     "manifest.json says name twice: keep one of the two."),

    ("author_is_named", sets(author=None),
     'The manifest names no author: write "author": {"name": …, "email": …}.'),
    ("author_is_named", sets(author={"name": "Acme", "email": "acme"}),
     "The author's e-mail address is missing or none: write author.email, where users ask for help."),
    ("default_locale_is_translated", sets(defaultLocale=None),
     'The manifest has no defaultLocale: write "defaultLocale": "en".'),
    ("default_locale_is_translated", sets(defaultLocale="English"),
     "defaultLocale 'English' is no language: write it as in en, or en-gb."),
    ("default_locale_is_translated", sets(defaultLocale="fr"),
     "There is no translations/fr.json: add the default language's texts."),
    ("framework_is_current", sets(frameworkVersion="1.0"),
     'frameworkVersion is \'1.0\': write "frameworkVersion": "2.0".'),
    ("texts_are_texts", sets(version=1.2), "version is not a text: write it in quotes."),
    ("switches_are_switches", sets(signedUrls="true"),
     "signedUrls is neither true nor false: write one of them, without quotes."),
    ("links_are_links", sets(termsConditionsURL="acme"),
     "termsConditionsURL is no web address: write it as in https://www.example.com/terms."),
    ("hosts_are_listed", sets(domainWhitelist="acme.example"),
     'domainWhitelist is not a list of host names: write it as in ["api.example.com"].'),
    ("experiments_are_open", sets(experiments={"timeTravel": True}),
     "The experiment timeTravel is not open to apps: remove it."),
    ("oauth_is_complete", all_of(sets(oauth={"client_id": "1"}), asks("login", type="oauth")),
     "oauth lacks client_secret, authorize_uri, access_token_uri: add them."),
    ("no_template", sets(noTemplate=True), "noTemplate is of the first framework: remove it."),
    ("what_shows_nothing_has_no_place", all_of(only_requirements, adds("assets/app.js")),
     "An app that shows nothing needs no assets/app.js: remove it."),
    ("what_shows_nothing_has_no_place", all_of(only_requirements, sets(frameworkVersion="2.0")),
     "An app that shows nothing has no frameworkVersion: remove it."),

    ("there_is_a_place", sets(location={"support": {}}),
     "The app has no location: name the place where it shows itself."),
    ("there_is_a_place", sets(location="ticket_sidebar"),
     'location must say product, place and address: {"support": {"ticket_sidebar": {"url": …}}}.'),
    ("products_exist", places("desk"),
     "Zendesk has no product 'desk': write support, chat, standalone_chat, sell."),
    ("places_exist", places("chat", "cellar"),
     "chat has no place 'cellar': write chat_sidebar, background."),
    ("addresses_are_safe", places(url="http://desk.acme.example/"),
     "location.support.ticket_sidebar: 'http://desk.acme.example/' is neither an https address, nor at localhost, nor "
     "a file below assets/ in the package: correct it."),
    ("addresses_are_safe", places(url="assets/iframe.html"),
     "location.support.ticket_sidebar: 'assets/iframe.html' is neither an https address, nor at localhost, nor a file "
     "below assets/ in the package: correct it."),
    ("what_loads_has_an_address", places(url=""),
     'location.support.ticket_sidebar loads by itself and has no url: add one, or write "autoLoad": false.'),
    ("place_switches", places(flexible="yes"),
     "location.support.ticket_sidebar: flexible is neither true nor false: write one of them, without quotes."),
    ("record_sidebars_name_their_records", places(name="custom_object_record_sidebar"),
     'location.support.custom_object_record_sidebar must say beside which records it shows: "objectTypes": ["car"].'),
    ("icons_are_there", places(name="top_bar"),
     "location.support.top_bar is opened by pressing its icon: add assets/icon_top_bar.svg."),

    ("parameters_are_listed", sets(parameters={"shop": "text"}),
     'parameters is not a list of objects: write it as [{"name": …, "type": …}].'),
    ("parameters_are_named_once", asks("shop"), "Two parameters are called shop: give each a name of its own."),
    ("none_is_called_name", asks("name"),
     'A parameter must not be called "name", which is the installation\'s own: rename it.'),
    ("types_are_known", asks("phrase", type="phrase"),
     "The parameter phrase is of type 'phrase': write text, checkbox, url, number, multiline, hidden, oauth."),
    ("parameter_switches", asks("till", required="yes"),
     "The parameter till: required is neither true nor false: write one of them."),
    ("hidden_ones_are_not_required", asks("till", type="hidden", required=True),
     "Nobody can fill in the hidden parameter till: make it not required, or not hidden."),
    ("one_oauth_and_not_secure", asks("login", type="oauth", secure=True, scopes=["header"]),
     "The oauth parameter login cannot be secure: remove secure."),
    ("secure_ones_say_where_they_go", asks("till", secure=True),
     'The secure parameter till says not where it goes: add "scopes", such as ["header"].'),
    ("secure_ones_say_where_they_go", asks("till", secure=True, scopes=["everywhere"]),
     "The parameter till: scopes must be a list of header, body, url, jwt_secret_key, jwt_claim, basic_auth_username, "
     "basic_auth_password."),
    ("secure_ones_say_where_they_go", asks("till", scopes=["header"]),
     "The parameter till has scopes and is not secure: make it secure, or remove them."),
    ("keys_are_secure", asks("shop_token"),
     'The parameter shop_token sounds like a key, and every browser sees it: write "secure": true.'),
    ("no_default_for_what_is_kept", asks("till", type="hidden", default="7"),
     "The parameter till is kept from view, and its default is not: remove the default."),

    ("languages_are_languages", one_language_more,
     "translations/english.json names no language: call it translations/en.json, or translations/en-gb.json."),
    ("texts_are_json", adds("translations/fr.json", b"[]"),
     "translations/fr.json is not a JSON object: write it as {…}."),
    ("the_app_has_its_name", says("name", " ", "de"), "translations/de.json lacks app.name: add it."),
    ("the_app_has_its_name", sets(private=False),
     "translations/en.json lacks app.short_description, app.long_description, app.installation_instructions: add it."),
    ("every_setting_has_a_label", relabelled,
     "translations/en.json has no label for the setting ghost: add app.parameters.ghost.label."),
    ("languages_say_the_same", says("title", "Refunds", "en"),
     "translations/de.json lacks app.title, which another language has: translate it."),
    ("names_are_short", says("short_description", "x" * 81),
     "translations/en.json: app.short_description has more than 80 characters: shorten it."),

    ("requirements_are_there_when_promised", all_of(only_requirements, lacks(KEY)),
     "The app is said to be requirements only and has no requirements.json: add it."),
    ("requirements_are_json", adds(KEY, b'{"views": {}, "views": {}}'),
     "requirements.json says views twice: keep one of the two."),
    ("kinds_are_known", requires(wishes={"w": {"title": "W"}}),
     "requirements.json: Zendesk makes no wishes: write automations, channel_integrations, custom_objects, macros, "
     "targets, views, ticket_fields, triggers, user_fields, organization_fields, webhooks, custom_objects_v2."),
    ("not_too_many", requires(views={str(n): {"title": "V"} for n in range(5001)}),
     "requirements.json asks for 5001 things, and 5000 are the most: ask for fewer."),
    ("titles_and_keys_are_there", requires(user_fields={"vip": {"title": "VIP"}}),
     "requirements.json: user_fields.vip has no key: add one."),
    ("titles_and_keys_are_there", requires(triggers={"wake": {"key": "wake"}}),
     "requirements.json: triggers.wake has no title: add one."),
    ("webhooks_are_complete", requires(webhooks={"wake": {"name": "Wake", "status": "active", "http_method": "POST"}}),
     "requirements.json: webhooks.wake lacks endpoint, request_format: add them."),
    ("no_old_target", requires(targets={"t": {"title": "T", "type": "http_target"}}),
     "requirements.json: targets.t is of the kind http_target, which has ended: make it a webhook."),
    ("custom_objects_are_complete", requires(custom_objects={"custom_object_relationship_types": []}),
     "requirements.json: custom_objects has no custom_object_types: add them."),

    ("no_word_for_a_secret", sets(name="Secret Acme"),
     'manifest.json says "Secret", at which Zendesk\'s scan for secrets stops: use another word.'),
    ("nothing_assigned_to_a_key", adds("assets/app.js", b"const master_key = 'ab12'"),
     "assets/app.js gives a key or token a value: take it out; a package is no place for it."),
    ("nothing_that_looks_like_a_key", adds("assets/app.js", b"pay('rk_test_51Hxyz0a1B2c')"),
     "assets/app.js holds what looks like a Stripe key: take it out, and revoke it if it was real."),
    ("nothing_that_looks_like_a_key", adds("assets/app.js", b"f('q7Zt0LmX4vB9cR2nK8wPdY5sHgJ1uEaT')"),
     "assets/app.js holds a long random text, as keys are: take it out."),

    ("logos_are_there", lacks("assets/logo.png"),
     "There is no assets/logo.png: add it, a PNG of 320 by 320 pixels."),
    ("logos_have_their_size", adds("assets/logo.png", png(319, 320)),
     "assets/logo.png is no PNG of 320 by 320 pixels: draw it in that size."),
    ("the_small_logo_is_see_through", adds("assets/logo-small.png", png(128, 128, 2)),
     "assets/logo-small.png has no transparency: save it as PNG-24 with transparency."),
    ("a_banner_has_its_size", adds("assets/banner.png", png(800, 200)),
     "assets/banner.png is no PNG of 830 by 200 pixels, or twice that: draw it in that size, or remove it."),
    ("drawings_only_draw", draws(b"<script>1</script>"),
     "assets/icon.svg holds <script>, which Zendesk takes out: remove it."),
    ("drawings_only_draw", draws(b'<path onclick="x()" d="M0 0"/>'),
     "assets/icon.svg holds the handler onclick, which Zendesk takes out: remove it."),
    ("drawings_only_draw", draws(b'<rect fill="url(https://evil.example/x)"/>'),
     "assets/icon.svg holds an address in fill, which Zendesk takes out: remove it."),
    ("drawings_have_a_view_box", draws(b"<path/>", b""),
     'assets/icon.svg has no viewBox: add one, such as viewBox="0 0 18 18".'),
    ("nothing_is_fetched_in_plain", adds("assets/app.js", b"fetch('http://desk.acme.example/x')"),
     "assets/app.js asks http://desk.acme.example/x without encryption: write https."),
]


def test_the_small_app_keeps_every_rule() -> None:
    assert check(Parts().zip()) == []


@pytest.mark.parametrize(("rule", "spoil", "says"), CASES, ids=[f"{rule}-{n}" for n, (rule, _, _) in enumerate(CASES)])
def test_what_breaks_a_rule_is_refused_by_that_rule_with_what_to_do(rule: str, spoil: Spoil, says: str) -> None:
    broken = check(spoilt(spoil))
    assert Broken(rule, says) in broken
    assert {one.rule for one in broken} == {rule}


def test_every_rule_is_shown_by_a_package_that_breaks_it() -> None:
    shown = {rule for rule, _, _ in CASES} | {"manifest_at_the_root"}
    assert shown == {rule.__name__ for rule in RULES}


def packed(files: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", how) as package:
        for path, content in files.items():
            package.writestr(path, content)
    return whole.getvalue()


@pytest.mark.parametrize(("files", "says"), [
    ({}, "There is no manifest.json: put it at the root of the package."),
    ({"app/manifest.json": b"{}"},
     "The manifest is at app/manifest.json: pack the folder's content, not the folder.")])
def test_a_package_without_a_manifest_at_its_root_is_told_where_it_belongs(files: dict[str, bytes], says: str) -> None:
    assert check(packed(FILES | files)) == [Broken("manifest_at_the_root", says)]


@pytest.mark.parametrize("raw", [b"", b"no zip at all", Parts().zip()[:-30]])
def test_what_is_no_whole_zip_is_refused(raw: bytes) -> None:
    assert check(raw) == [Broken(
        "it_opens", "This is no zip file that can be opened: build it again with deskhand package zendesk.")]


def test_a_zip_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    (broken,) = check(packed({"assets/zeros.json": b"0" * 60_000_000}, zipfile.ZIP_DEFLATED))
    assert broken.says == "The package unpacks to more than 50 MB: take out what the app does not need."


GOOD: list[Callable[[Parts], None]] = [
    places(url="https://{{setting.shop}}/sidebar"), places(url="http://localhost:4567/sidebar"),
    all_of(places(url="assets/iframe.html"), adds("assets/iframe.html", b"<p>hello</p>")),
    sets(location={"support": {"ticket_sidebar": "https://desk.acme.example/"}}),
    places(url="https://password-shop.example/sidebar"), places(url=None, autoLoad=False),
    places(name="custom_object_record_sidebar", objectTypes=["car"]),
    all_of(places(name="nav_bar"), adds("assets/icon_nav_bar.svg", b'<svg viewBox="0 0 18 18"><path d="M0 0"/></svg>')),
    asks("shop_token", secure=True, scopes=["header"]), asks("mute", type="checkbox", default=False), only_requirements,
    requires(webhooks={"wake": {"name": "W", "status": "active", "endpoint": "https://d.example", "http_method": "POST",
                                "request_format": "json"}}, triggers={"t": {"title": "T"}}),
    sets(experiments={"hashParams": True}, termsConditionsURL="https://acme.example/terms",
         domainWhitelist=["api.acme.example"]),
]


@pytest.mark.parametrize("change", GOOD)
def test_what_the_rules_allow_passes(change: Spoil) -> None:
    assert check(spoilt(change)) == []


@pytest.mark.parametrize("said", [None, 1, "x", True, [], {}, [1], {"a": 1}, {"support": 1},
                                  {"support": {"ticket_sidebar": 1}}, {"": {"": {"": None}}}])
@pytest.mark.parametrize("key", ["author", "location", "parameters", "defaultLocale", "frameworkVersion", "oauth",
                                 "experiments", "private", "domainWhitelist", "termsConditionsURL"])
def test_no_manifest_makes_the_checker_fall_over(key: str, said: Any) -> None:
    def spoil(parts: Parts) -> None:
        parts.manifest[key] = said
    assert isinstance(check(spoilt(spoil)), list)


@pytest.mark.parametrize("said", [None, 1, [], {"views": 1}, {"views": {"v": 1}}, {"custom_objects": {"a": 1}},
                                  {"webhooks": {"w": []}}, {"targets": {"t": None}}])
def test_no_requirement_makes_the_checker_fall_over(said: Any) -> None:
    assert check(spoilt(adds(KEY, json.dumps(said).encode()))) != []
