"""What manifest.json must say of the app (zendesk_apps_support, validations/manifest and /marketplace, where no
other page of Zendesk's docs is named)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from connectors.zendesk.rules.app import App, Rule

FRAMEWORK = "2.0"
TEXTS = ("name", "defaultLocale", "version", "frameworkVersion", "remoteInstallationURL", "termsConditionsURL", "gaID")
SWITCHES = ("requirementsOnly", "marketingOnly", "singleInstall", "signedUrls", "private")
OAUTH = ("client_id", "client_secret", "authorize_uri", "access_token_uri")
EXPERIMENTS = ("hashParams", "newCssCompiler")
LOCALE = re.compile(r"[a-z]{2,3}(-\w{2,3})?", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SOURCES = ("js", "jsx", "hdbs", "css", "scss")


def author_is_named(app: App) -> Iterator[str]:
    """Zendesk docs, "Manifest reference": the author's name, and an address where users ask for help."""
    author = app.manifest.get("author")
    if not isinstance(author, dict):
        yield 'The manifest names no author: write "author": {"name": …, "email": …}.'
        return
    if not isinstance(author.get("name"), str) or not author["name"].strip():
        yield "The author has no name: write author.name."
    if not isinstance(author.get("email"), str) or not EMAIL.fullmatch(author["email"]):
        yield "The author's e-mail address is missing or none: write author.email, where users ask for help."
    if not isinstance(author.get("url", ""), str):
        yield "author.url is not a text: write the address in quotes, or leave it out."


def default_locale_is_translated(app: App) -> Iterator[str]:
    locale = app.manifest.get("defaultLocale")
    if not locale:
        yield 'The manifest has no defaultLocale: write "defaultLocale": "en".'
    elif not isinstance(locale, str) or not LOCALE.fullmatch(locale):
        yield f"defaultLocale {locale!r} is no language: write it as in en, or en-gb."
    elif f"translations/{locale}.json" not in app.files:
        yield f"There is no translations/{locale}.json: add the default language's texts."


def framework_is_current(app: App) -> Iterator[str]:
    said = app.manifest.get("frameworkVersion")
    if said != FRAMEWORK and not (app.requirements_only or app.marketing_only):
        yield f'frameworkVersion is {said!r}: write "frameworkVersion": "{FRAMEWORK}".'


def texts_are_texts(app: App) -> Iterator[str]:
    for name in TEXTS:
        if not isinstance(app.manifest.get(name, ""), str):
            yield f"{name} is not a text: write it in quotes."


def switches_are_switches(app: App) -> Iterator[str]:
    for name in SWITCHES:
        if not isinstance(app.manifest.get(name, False), bool):
            yield f"{name} is neither true nor false: write one of them, without quotes."


def links_are_links(app: App) -> Iterator[str]:
    author = app.manifest.get("author")
    named = {"termsConditionsURL": app.manifest.get("termsConditionsURL"),
             "author.url": author.get("url") if isinstance(author, dict) else None}
    for name, said in named.items():
        if isinstance(said, str) and not _is_link(said):
            yield f"{name} is no web address: write it as in https://www.example.com/terms."


def hosts_are_listed(app: App) -> Iterator[str]:
    listed = app.manifest.get("domainWhitelist", [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        yield 'domainWhitelist is not a list of host names: write it as in ["api.example.com"].'


def experiments_are_open(app: App) -> Iterator[str]:
    said = app.manifest.get("experiments") or {}
    if not isinstance(said, dict):
        yield "experiments is not an object: write it as {…}, or leave it out."
        return
    for name, on in said.items():
        if on and name not in EXPERIMENTS:
            yield f"The experiment {name} is not open to apps: remove it."


def oauth_is_complete(app: App) -> Iterator[str]:
    oauth = app.manifest.get("oauth")
    if not oauth:
        return
    missing = [name for name in OAUTH if not (isinstance(oauth, dict) and oauth.get(name))]
    if missing:
        yield f"oauth lacks {', '.join(missing)}: add them."
    if not any(one.get("type") == "oauth" for one in app.parameters):
        yield "oauth needs a parameter of type oauth that holds what it returns: add one."


def no_template(app: App) -> Iterator[str]:
    if app.manifest.get("noTemplate"):
        yield "noTemplate is of the first framework: remove it."


def what_shows_nothing_has_no_place(app: App) -> Iterator[str]:
    """An app of requirements or marketing only; Zendesk also refuses source files in it (validations/source)."""
    if not (app.requirements_only or app.marketing_only):
        return
    for name in ("location", "frameworkVersion"):
        if app.manifest.get(name):
            yield f"An app that shows nothing has no {name}: remove it."
    sources = [path for path in app.files if path.rsplit(".", 1)[-1] in SOURCES]
    if sources:
        yield f"An app that shows nothing needs no {sources[0]}: remove it."
    if app.marketing_only and app.private:
        yield 'A marketing-only app cannot be private: write "private": false.'
    if app.marketing_only and app.parameters:
        yield "A marketing-only app has no parameters: remove them."


def _is_link(said: str) -> bool:
    try:
        parts = urlsplit(said)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


RULES: tuple[Rule, ...] = (
    author_is_named, default_locale_is_translated, framework_is_current, texts_are_texts, switches_are_switches,
    links_are_links, hosts_are_listed, experiments_are_open, oauth_is_complete, no_template,
    what_shows_nothing_has_no_place)
