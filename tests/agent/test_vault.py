"""What people wrote lies under one key per person; without the secret, or once forgotten, nobody reads it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select, text

from agent.database import Database
from agent.tables import people
from agent.vault import Erased, PersonKey, Tampered, Vault, VaultError, WrongSecret
from connectors.contract import digest

OLD = "old-secret-old-secret-old-secret-old-secret"
NEW = "new-secret-new-secret-new-secret-new-secret"
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
WORDS = {"text": "Ich wurde zweimal belastet, bitte um Rückzahlung 🙏", "amount": 1800}


def person(engine: Engine, user: str = "7", secret: str = OLD, account: str = "acme") -> PersonKey:
    with engine.begin() as connection:
        return Vault(secret).person(connection, account, user)


def test_what_is_sealed_is_opened_again_and_cannot_be_read_in_between(engine: Engine) -> None:
    sealed = person(engine).seal(WORDS)
    assert b"belastet" not in sealed
    assert person(engine).open(sealed) == WORDS


def test_sealing_twice_shows_no_sameness(engine: Engine) -> None:
    key = person(engine)
    assert key.seal(WORDS) != key.seal(WORDS)


def test_lone_surrogates_survive(engine: Engine) -> None:
    key = person(engine)
    assert key.open(key.seal({"text": "half \ud800 a character"})) == {"text": "half \ud800 a character"}


def test_the_row_tells_neither_who_nor_the_key(engine: Engine) -> None:
    key = person(engine, user="4711")
    with engine.connect() as connection:
        rows = connection.execute(select(people)).all()
    stored = b"|".join(row.id.encode() + (row.wrapped or b"") for row in rows)
    assert b"4711" not in stored
    assert b"acme" not in stored
    assert key._key not in stored
    assert repr(key._key) not in repr(key)


def test_the_same_person_has_one_key_and_others_have_another(engine: Engine) -> None:
    assert person(engine, "7").id == person(engine, "7").id
    assert len({person(engine, "7").id, person(engine, "8").id, person(engine, "7", account="other").id}) == 3


def test_account_and_user_do_not_run_together(engine: Engine) -> None:
    assert person(engine, "1:2", account="a").id != person(engine, "2", account="a:1").id


def test_sixteen_who_meet_a_new_person_at_once_get_the_same_key(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as together:
        keys = list(together.map(lambda _: person(engine, "new"), range(16)))
    assert len({key._key for key in keys}) == 1


def test_another_secret_opens_nothing(engine: Engine) -> None:
    person(engine)
    with pytest.raises(WrongSecret, match="DESKHAND_SECRET_KEY"):
        person(engine, secret=NEW)


def test_a_wrong_secret_is_noticed_at_the_start(engine: Engine) -> None:
    Vault(OLD).prepare(engine)
    with pytest.raises(WrongSecret):
        Vault(NEW).prepare(engine)


def test_what_is_named_has_the_same_name_under_a_new_secret_and_another_in_another_installation(
        engine: Engine, own_database: Database) -> None:
    def name(engine: Engine, secret: str) -> str:
        vault = Vault(secret)
        vault.prepare(engine)
        return vault.digest(WORDS)

    ours = name(engine, OLD)
    with engine.begin() as connection:
        Vault(f"{NEW}, {OLD}").rewrap(connection)
    assert name(engine, NEW) == ours
    assert ours not in (name(own_database.engine, NEW), digest(WORDS))


def test_nothing_is_named_without_the_installations_key() -> None:
    with pytest.raises(VaultError, match="prepared"):
        Vault(OLD).digest(WORDS)


def test_with_two_secrets_the_newest_wraps_and_each_opens(engine: Engine) -> None:
    sealed = person(engine).seal(WORDS)
    assert person(engine, secret=f"{NEW},{OLD}").open(sealed) == WORDS
    with pytest.raises(WrongSecret):
        person(engine, secret=NEW)
    with engine.begin() as connection:
        assert Vault(f"{NEW}, {OLD}").rewrap(connection) == 2
    assert person(engine, secret=NEW).open(sealed) == WORDS
    with pytest.raises(WrongSecret):
        person(engine, secret=OLD)


def test_keys_exchanged_between_two_rows_are_not_accepted(engine: Engine) -> None:
    one, two = person(engine, "1").id, person(engine, "2").id
    with engine.begin() as connection:
        connection.execute(text("""
            update people p set wrapped = o.wrapped from people o
             where p.id in (:one, :two) and o.id in (:one, :two) and o.id <> p.id"""), {"one": one, "two": two})
    with pytest.raises(WrongSecret):
        person(engine, "1")


def test_what_was_sealed_for_one_person_or_place_opens_in_no_other(engine: Engine) -> None:
    sealed = person(engine, "1").seal(WORDS, about="ticket 1")
    assert person(engine, "1").open(sealed, about="ticket 1") == WORDS
    with pytest.raises(Tampered):
        person(engine, "1").open(sealed, about="ticket 2")
    with pytest.raises(Tampered):
        person(engine, "2").open(sealed, about="ticket 1")


def test_any_changed_byte_is_noticed(engine: Engine) -> None:
    key = person(engine)
    sealed = key.seal({"a": 1})
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Tampered):
            key.open(bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(Tampered):
            key.open(sealed[:length])


def test_a_forgotten_person_cannot_be_read_and_gets_no_new_key(engine: Engine) -> None:
    key = person(engine)
    with engine.begin() as connection:
        Vault(OLD).erase(connection, key.id, NOW)
        row = connection.execute(select(people).where(people.c.id == key.id)).one()
    assert (row.wrapped, row.erased_at) == (None, NOW)
    with pytest.raises(Erased):
        person(engine)
    with engine.begin() as connection, pytest.raises(Erased):
        Vault(OLD).person_by_id(connection, key.id)


def test_nobody_has_no_key(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(KeyError):
        Vault(OLD).person_by_id(connection, "nobody")


def test_a_first_sight_that_was_rolled_back_leaves_no_trace_in_the_vault(engine: Engine) -> None:
    vault = Vault(OLD)
    with engine.connect() as connection:
        lost = vault.person(connection, "acme", "7").id
        connection.rollback()
    with engine.begin() as connection:
        kept = vault.person(connection, "acme", "7")
    assert kept.id != lost
    assert person(engine).id == kept.id


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(VaultError, match="DESKHAND_SECRET_KEY"):
        Vault(" , ")
