"""Whatever library writes it, and however it is written: no secret and no person's address leaves by log or error."""

from __future__ import annotations

import asyncio
import base64
import gc
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from pydantic import BaseModel
from sqlalchemy import create_engine

from agent.database import Database
from agent.masking import mask_cards
from connectors import redaction
from connectors.redaction import Known, clean, trace, without_secrets, writings
from webhooks.settings import Own, connectors

SECRET = "zt-Kx9/q+Ü'7\"%w"
PEM = ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n"
       "-----END PRIVATE KEY-----")
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    made = Known()
    monkeypatch.setattr(redaction, "KNOWN", made)
    return made


@contextmanager
def standing() -> Iterator[io.StringIO]:
    """What leaves this process while the door stands."""
    out = io.StringIO()
    before = (sys.stderr, sys.excepthook, sys.unraisablehook, threading.excepthook, logging.getLogRecordFactory())
    sys.stderr = out
    redaction.install((mask_cards,))
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(handler)
    try:
        yield out
    finally:
        logging.getLogger().removeHandler(handler)
        sys.stderr, sys.excepthook, sys.unraisablehook, threading.excepthook = before[:4]
        logging.setLogRecordFactory(before[4])


WRITTEN = {
    "as it stands": SECRET,
    "in a URL": quote(SECRET, safe=""),
    "in a URL in lower case": quote(SECRET, safe="").lower().replace("zt-kx9", "zt-Kx9"),
    "in JSON": json.dumps({"any": SECRET}),
    "in JSON with its letters": json.dumps({"any": SECRET}, ensure_ascii=False),
    "in JSON in JSON": json.dumps({"any": json.dumps({"any": SECRET})}),
    "by repr": repr({"any": SECRET}),
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "in base64 after a name": base64.b64encode(b"me@acme.example/token:" + SECRET.encode()).decode(),
    "in base64 after another name": base64.b64encode(b"you@acme.example/token:" + SECRET.encode()).decode(),
    "in base64 after a third name": base64.b64encode(b"you2@acme.example/token:" + SECRET.encode()).decode(),
    "in hexadecimal": SECRET.encode().hex(),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_secret_of_the_settings_is_hidden_in_every_writing(known: Known, written: str) -> None:
    assert without_secrets(f"said {written} to them") == f"said {written} to them"
    known.learn([SECRET])
    said = without_secrets(f"said {written} to them")
    assert redaction.HIDDEN in said
    assert not any(one in said for one in writings(SECRET))
    assert said.startswith("said ")
    assert said.endswith(" to them")


def test_each_of_two_values_and_each_line_of_a_key_is_known(known: Known) -> None:
    known.learn(["new-secret-1,old-secret-2", PEM.replace("\n", "\\n")])
    assert without_secrets("old-secret-2 new-secret-1") == "(secret) (secret)"
    assert without_secrets("at BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj") == "at (secret)"


def test_of_a_databases_address_the_password_alone_is_a_secret(known: Known) -> None:
    redaction.learn_settings({"DESKHAND_DATABASE_URL": "postgresql://desk:hunt%21er2@db.acme.example/desk"})
    assert without_secrets("hunt!er2 for desk at db.acme.example, hunt%21er2") == (
        "(secret) for desk at db.acme.example, (secret)")


def test_names_tell_which_settings_are_secret(known: Known) -> None:
    redaction.learn_settings({"ZENDESK_SUBDOMAIN": "acme-subdomain", "STRIPE_API_KEY": "a-stripe-key",
                              "ZENDESK_APP_PUBLIC_KEY": "a-public-key", "ZENDESK_OAUTH_TOKEN": "a-token"})
    assert without_secrets("acme-subdomain a-public-key") == "acme-subdomain a-public-key"
    assert without_secrets("a-stripe-key a-token") == "(secret) (secret)"


def test_what_is_too_short_to_be_a_secret_hides_nothing(known: Known) -> None:
    known.learn(["on", "true", ""])
    assert without_secrets("on true") == "on true"


@pytest.mark.parametrize(("written", "left"), [
    (f"key {PEM} end", "key (secret) end"),
    (PEM[:60], "(secret)"),
    (f"token {JWT} refused", "token (secret) refused"),
    ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "(secret)"),
    ("rk_test_4eC39HqLyjWDarjtT1zdp7dc", "(secret)"),
    ("whsec_c2VjcmV0c2VjcmV0", "(secret)"),
    ("sk-proj-abcdefghijklmnop1234", "(secret)"),
    ("00D5g00000Abcdef!AQEAQKsomething.something", "(secret)"),
    ("Authorization: Bearer abcdef123456", "Authorization: (secret)"),
    ("sent with Bearer abcdef123456 to us", "sent with Bearer (secret) to us"),
    ("basic bWlhOnNlY3JldA==", "basic (secret)"),
    ("postgresql://desk:hunter2@db/desk", "postgresql://desk:(secret)@db/desk"),
    ("host=db password=hunter2 user=desk", "host=db password=(secret) user=desk"),
    ('{"access_token": "abc", "scope": "x"}', '{"access_token": "(secret)", "scope": "x"}'),
    ("client_secret=abcd1234&grant_type=x", "client_secret=(secret)&grant_type=x"),
    ("DESKHAND_SECRET_KEY=abcd1234", "DESKHAND_SECRET_KEY=(secret)"),
    ("Cookie: a=1; b=2", "Cookie: (secret)"),
    ("X-Zendesk-Webhook-Signature: abcd=", "X-Zendesk-Webhook-Signature: (secret)"),
    ("GET /confirm/0123456789abcdefABCDEF_- 200", "GET /confirm/(secret) 200"),
])
def test_what_looks_like_a_secret_is_hidden_unknown_as_it_is(known: Known, written: str, left: str) -> None:
    assert without_secrets(written) == left


@pytest.mark.parametrize("written", [
    "zendesk GET /api/v2/tickets/12.json -> 200 in 31 ms, request id req_8fA9x",
    "ZENDESK_WEBHOOK_SECRET: this is Zendesk's public test secret; copy the webhook's own signing secret",
    "SALESFORCE_CERTIFICATE cannot be read now: no key in it",
    "a sidebar token is refused: it was used before",
    "zendesk:acme:4711: handed over (claim unproven)",
    "operation op-424242424242424242424242 is held: the vendor did not answer, 2026-11-20T09:00:00+00:00",
    "swept: 2 wakes of silent workers put back, 14 tickets woken that nobody was about to look at",
    "user 00000000000000012 may not see salesforce:00Dxx0000001gPL:500xx000000bYzAAE",
    "deskhand pause --action refund --by NAME",
    "Port 8080 on 127.0.0.1 cannot be used (Address already in use); choose another with --port.",
    "HTTP 429, looking again in 60 s, 1763629200.123456",
])
def test_what_people_need_to_read_stays(known: Known, written: str) -> None:
    assert clean(written, (mask_cards,)) == written


@pytest.mark.parametrize(("written", "left"), [
    ("no user dana@example.com there", "no user (address) there"),
    ("GET /search.json?query=email%3Adana%40example.com", "GET /search.json?query=email%(address)"),
    ("call +49 30 1234567 now", "call (phone) now"),
    ("call 030 1234567 now", "call (phone) now"),
    ("call (555) 123-4567 now", "call (phone) now"),
    ("paid with 4242 4242 4242 4242, cvv 123", "paid with [card ending in 4242], cvv [code]"),
])
def test_a_log_names_nobodys_address_phone_or_card(known: Known, written: str, left: str) -> None:
    assert clean(written, (mask_cards,)) == left


def test_every_logger_passes_the_door_with_its_arguments(known: Known) -> None:
    known.learn([SECRET])
    with standing() as out:
        for name in ("deskhand.act", "waitress", "procrastinate.worker", "asyncio", "py.warnings", "anything.else"):
            logging.getLogger(name).warning("said %s and %r to %s", SECRET, {"k": SECRET}, "dana@example.com")
    assert "dana" not in out.getvalue()
    assert not any(one in out.getvalue() for one in writings(SECRET))
    assert out.getvalue().count("(address)") == 6


@pytest.mark.parametrize("library", ["zenpy.lib.api", "stripe", "openai._base_client", "urllib3.connectionpool",
                                     "sqlalchemy.engine.Engine", "httpcore2.http11"])
def test_a_library_that_writes_bodies_when_debugged_writes_none(library: str) -> None:
    logger = logging.getLogger(library)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    with standing() as out:
        logger.debug("request body %s", {"comment": "my leg hurts"})
        logger.warning("retrying")
    logger.setLevel(before)
    assert "leg" not in out.getvalue()
    assert "retrying" in out.getvalue()


def test_a_record_whose_words_do_not_fit_is_written_without_them(known: Known) -> None:
    with standing() as out:
        logging.getLogger("x").warning("two %s %s", SECRET)
    assert "two %s %s (with words that do not fit)" in out.getvalue()
    assert SECRET not in out.getvalue()


class SaidByVendor(Exception):
    __module__ = "vendor.errors"


def _fails(wrote: str = "") -> None:
    try:
        raise SaidByVendor(f"the customer wrote: {wrote}")
    except SaidByVendor as error:
        raise RuntimeError(f"cannot work with {error}") from error


def test_a_trace_says_where_and_not_what() -> None:
    with pytest.raises(RuntimeError) as caught:
        _fails("my leg" + " hurts")
    told = trace(caught.value)
    assert "leg hurts" not in told
    assert "in _fails" in told
    assert told.index("vendor.errors.SaidByVendor\n") < told.index("\nRuntimeError\n")


def test_our_own_errors_keep_their_words_and_lose_what_is_secret(known: Known) -> None:
    known.learn([SECRET])
    error = type("DatabaseError", (RuntimeError,), {"__module__": "agent.database"})(f"no answer with {SECRET}")
    assert trace(error).endswith("agent.database.DatabaseError: no answer with (secret)\n")


def test_an_exception_that_is_logged_keeps_its_place_and_loses_its_words() -> None:
    with standing() as out:
        try:
            _fails("my leg" + " hurts")
        except RuntimeError:
            logging.getLogger("deskhand").exception("a pass failed")
    assert "in _fails" in out.getvalue()
    assert "leg hurts" not in out.getvalue()


def test_an_error_in_a_thread_passes_the_door() -> None:
    with standing() as out:
        thread = threading.Thread(target=_fails, args=("my leg hurts",))
        thread.start()
        thread.join()
    assert "in _fails" in out.getvalue()
    assert "leg" not in out.getvalue()


def test_an_error_that_nobody_awaits_passes_the_door() -> None:
    async def fails() -> None:
        _fails("my leg" + " hurts")

    async def forgets() -> None:
        asyncio.get_running_loop().create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    with standing() as out:
        asyncio.run(forgets())
        gc.collect()
    assert "in _fails" in out.getvalue()
    assert "leg hurts" not in out.getvalue()


def test_what_a_command_says_to_whoever_typed_it_keeps_addresses_and_loses_secrets(known: Known) -> None:
    known.learn([SECRET])
    with standing() as out:
        print(f"Error: nobody is kept under dana@example.com ({SECRET})", file=sys.stderr)
    assert out.getvalue() == "Error: nobody is kept under dana@example.com ((secret))\n"


def test_a_secret_that_is_written_in_two_halves_is_not_let_out(known: Known) -> None:
    known.learn([SECRET])
    with standing() as out:
        print(f"token {SECRET[:5]}", end="", file=sys.stderr)
        assert out.getvalue() == ""
        print(f"{SECRET[5:]} was refused", file=sys.stderr)
    assert out.getvalue() == "token (secret) was refused\n"


def test_another_threads_line_lets_no_half_of_a_secret_out(known: Known) -> None:
    known.learn([SECRET])
    with standing() as out:
        print(f"token {SECRET[:5]}", end="", file=sys.stderr)
        other = threading.Thread(target=partial(print, "a look at the ticket", file=sys.stderr, flush=True))
        other.start()
        other.join()
        assert out.getvalue() == "a look at the ticket\n"
        print(f"{SECRET[5:]} was refused", file=sys.stderr)
    assert out.getvalue() == "a look at the ticket\ntoken (secret) was refused\n"


def test_an_open_line_that_is_flushed_is_seen_at_once(known: Known) -> None:
    known.learn([SECRET])
    with standing() as out:
        print(f"Shall {SECRET} be used? ", end="", flush=True, file=sys.stderr)
        assert out.getvalue() == "Shall (secret) be used? "


def test_a_command_loses_secrets_where_the_locale_is_ascii_too(known: Known) -> None:
    """click writes around a text stream that it takes for misconfigured (click's source, "_compat.py")."""
    known.learn([SECRET])
    bare, stderr = io.BytesIO(), sys.stderr
    sys.stderr = redaction.Outgoing(io.TextIOWrapper(bare, encoding="ascii", errors="backslashreplace"))
    try:
        click.echo(f"Error: “{SECRET}” is not a number", err=True)
        sys.stderr.flush()
    finally:
        sys.stderr = stderr
    assert bare.getvalue() == b"Error: \\u201c(secret)\\u201d is not a number\n"


def test_a_record_is_bounded_in_length_and_in_time(known: Known) -> None:
    for text in ("a" * 500_000, "@" * 500_000, "1 " * 250_000, "token=" * 80_000, "://a:" * 100_000, "eyJ" * 150_000):
        assert len(clean(text, (mask_cards,))) <= redaction.LONGEST + len(" (cut)")


def test_no_setting_that_is_secret_shows_itself() -> None:
    """Whoever prints a settings object, in a log, an error or a debugger, sees no value of a secret."""
    models: list[type[BaseModel]] = [Own, *(connector.settings for connector in connectors())]
    secret = [(field.alias or name, field) for model in models for name, field in model.model_fields.items()
              if redaction.is_secret(field.alias or name)]
    assert {"DESKHAND_SECRET_KEY", "DESKHAND_DATABASE_URL", "ZENDESK_API_TOKEN", "STRIPE_API_KEY", "OPENAI_API_KEY",
            "SALESFORCE_CLIENT_SECRET", "SALESFORCE_JWT_KEY"} <= {name for name, _ in secret}
    assert [name for name, field in secret if field.repr and "SecretStr" not in str(field.annotation)] == []


def test_an_open_database_does_not_show_its_password() -> None:
    engine = create_engine("postgresql+psycopg://desk:hunter2@db/desk")
    assert "hunter2" not in repr(Database(engine, "postgresql://desk:hunter2@db/desk", None))


RUN = """
import sys
from scripts import cli
cli.COMMANDS["fail"] = "tests.connectors.failing:fail"
sys.argv = ["deskhand", "fail"]
cli.run()
"""


def test_the_process_deskhand_stands_behind_the_door(tmp_path: Path) -> None:
    """In a real process: an uncaught error of a command, with a secret from `.env` and one from the environment."""
    (tmp_path / ".env").write_text("ZENDESK_API_TOKEN=written-in-the-file\n")
    told = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", RUN], cwd=tmp_path, capture_output=True, text=True, check=False, env={
            "PYTHONPATH": str(Path(__file__).parents[2]), "STRIPE_API_KEY": "given-by-environment"})
    assert told.returncode == 1
    assert "failing.py" in told.stderr
    assert "OSError: " in told.stderr
    for secret in ("written-in-the-file", "given-by-environment"):
        assert secret not in told.stdout + told.stderr
    assert told.stderr.count("(secret)") >= 4
