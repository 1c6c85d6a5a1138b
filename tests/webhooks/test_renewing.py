"""A running server takes changed signing secrets from `.env`, and loses none to a file that cannot be used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

import pytest

from scripts.envfile import EnvFile
from tests.scripts.test_cli import COMPLETE
from webhooks.renewing import Renewing, Secrets
from webhooks.settings import Own, environment, read_settings

SECRET = "ZENDESK_WEBHOOK_SECRET"


@pytest.fixture
def file(bare: Path) -> EnvFile:
    file = EnvFile(Path(".env"))
    file.put(COMPLETE)
    return file


@pytest.fixture
def secrets(file: EnvFile) -> Secrets:
    own = read_settings(environment()).own
    assert own is not None
    return Renewing(Path(), own).secrets(Own.webhook_secrets)


def test_a_changed_secret_counts_at_once(file: EnvFile, secrets: Secrets) -> None:
    assert list(secrets) == ["hook-secret"]
    file.put({SECRET: "new-secret,hook-secret"})
    assert list(secrets) == ["new-secret", "hook-secret"]
    assert (len(secrets), secrets[0]) == (2, "new-secret")
    file.put({SECRET: "new-secret"})
    assert list(secrets) == ["new-secret"]


def test_a_secret_that_was_changed_while_the_server_started_counts(file: EnvFile) -> None:
    own = read_settings(environment()).own
    assert own is not None
    file.put({SECRET: "new-secret,hook-secret"})
    assert list(Renewing(Path(), own).secrets(Own.webhook_secrets)) == ["new-secret", "hook-secret"]


def test_a_secret_that_was_taken_out_goes_on_counting(file: EnvFile, secrets: Secrets) -> None:
    """A server that runs without any would let nobody in."""
    file.put({SECRET: ""})
    assert list(secrets) == ["hook-secret"]


@pytest.mark.parametrize("broken", ["", "DESKHAND_SECRET_KEY=short\n", "\0\0"])
def test_a_file_that_cannot_be_used_changes_nothing(file: EnvFile, secrets: Secrets, broken: str) -> None:
    file.path.write_text(broken)
    assert list(secrets) == ["hook-secret"]
    file.path.unlink()
    assert list(secrets) == ["hook-secret"]
    file.put({**COMPLETE, SECRET: "new-secret"})
    assert list(secrets) == ["new-secret"]


def test_what_stands_in_the_environment_counts_first(file: EnvFile, secrets: Secrets,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, "outside-secret")
    file.put({SECRET: "new-secret"})
    assert list(secrets) == ["outside-secret"]


def test_while_one_thread_reads_the_changed_file_no_other_goes_on_with_what_was_before(
        file: EnvFile, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is signed with the new secret is refused for that moment, and Zendesk does not tell it again."""
    reads, read_on = Event(), Event()

    def slowly(folder: Path) -> dict[str, str]:
        reads.set()
        assert read_on.wait(10)
        return environment(folder)

    monkeypatch.setattr("webhooks.renewing.environment", slowly)
    file.put({SECRET: "new-secret,hook-secret"})
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(list, secrets)
        assert reads.wait(10)
        second = threads.submit(list, secrets)
        wait([second], timeout=0.2)
        read_on.set()
        assert (first.result(10), second.result(10)) == (["new-secret", "hook-secret"],) * 2
