"""Who may publish what, who must agree, and that two who publish at once do not overwrite each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError

from agent import publishing
from agent.policy import shipped_policy_path
from agent.policy.nodes import text_digest
from agent.published import NONE_YET, Published, Version, versions
from agent.publishing import Draft, NotPublished, People
from agent.tables import audit, policies

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SHIPPED = shipped_policy_path().read_text()
NEVER = (shipped_policy_path().parent / "never.yaml").read_text()
LOOSER = SHIPPED.replace("USD: {auto: 25,", "USD: {auto: 50,")
STRICTER = SHIPPED.replace("approve by finance: 2000}\n      EUR", "approve by finance: 1500}\n      EUR")
ANYONE = People(compliance=("Cleo",))

PAST_TRIGGERS = "set local session_replication_role = replica"
"""As a superuser could: the ledger's own user cannot."""

Publish = Callable[..., Version]


@pytest.fixture
def publish(engine: Engine) -> Publish:
    def do(draft: str = SHIPPED, by: str = "Ana", second: str | None = None, never: str = NEVER,
           people: People = ANYONE) -> Version:
        with engine.begin() as c:
            return publishing.publish(c, publishing.draft(c, draft, never), people, by, second, NOW)
    return do


def test_the_first_publication_needs_no_second_person_and_is_kept_with_who_when_and_digest(
        engine: Engine, publish: Publish) -> None:
    made = publish(by="  Ana   Admin ")
    with engine.begin() as c:
        assert versions(c) == [made]
        (told,) = c.execute(select(audit.c.public).where(audit.c.kind == "policy.published")).scalars()
    assert (made.version, made.published_by, made.second, made.published_at) == (1, "Ana Admin", None, NOW)
    assert told["digest"] == made.digest
    assert told["by"] == "Ana Admin"


def test_what_loosens_needs_a_second_person_who_is_someone_else(publish: Publish) -> None:
    publish()
    with pytest.raises(NotPublished, match="--second NAME"):
        publish(LOOSER)
    with pytest.raises(NotPublished, match="someone else"):
        publish(LOOSER, second=" ana ")
    assert publish(LOOSER, second="Bo").second == "Bo"


def test_what_only_tightens_needs_nobody_else(publish: Publish) -> None:
    publish()
    assert publish(STRICTER).version == 2


def test_switching_an_action_on_or_more_customers_loosens(publish: Publish) -> None:
    publish()
    for mode in ("draft", "execute"):
        with pytest.raises(NotPublished, match="second person"):
            publish(SHIPPED.replace("mode: shadow", f"mode: {mode}", 1))
    publish(SHIPPED.replace("rollout_percent: 100", "rollout_percent: 10"))
    with pytest.raises(NotPublished, match="second person"):
        publish(SHIPPED.replace("rollout_percent: 100", "rollout_percent: 11"))


def test_words_and_order_may_be_changed_by_one_person(publish: Publish) -> None:
    publish()
    assert publish(SHIPPED.replace("because: someone else paid", "because: paid by someone else")).version == 2


def test_the_same_again_is_not_published(publish: Publish) -> None:
    publish()
    with pytest.raises(NotPublished, match="in force already"):
        publish()


def test_what_breaks_never_is_not_published_even_by_two(engine: Engine, publish: Publish) -> None:
    publish()
    with pytest.raises(NotPublished, match=r"never\.yaml"):
        publish(SHIPPED.replace("  - id: charge-disputed", "  - id: charge-disputed-often").replace(
            "charge_state: {is: [disputed]}", "charge_state: {is: [disputed]}, charge_age_days: {over: 3}"),
            second="Bo")
    with engine.begin() as c:
        assert [one.version for one in versions(c)] == [1]


WEAKER_NEVER = NEVER.replace("at_least: refuse", "at_least: approve by lead")


def test_loosening_never_needs_one_whom_the_configuration_names_for_compliance(publish: Publish) -> None:
    publish()
    with pytest.raises(NotPublished, match="Cleo must be one of the two"):
        publish(SHIPPED, never=WEAKER_NEVER, second="Bo")
    with pytest.raises(NotPublished, match="nobody is named yet"):
        publish(SHIPPED, never=WEAKER_NEVER, second="Bo", people=People())
    assert publish(SHIPPED, never=WEAKER_NEVER, second="cleo").version == 2


def test_a_first_never_file_weaker_than_the_shipped_one_needs_compliance_and_no_second_person(
        publish: Publish) -> None:
    with pytest.raises(NotPublished, match="Cleo must be one of the two"):
        publish(never="never: []\n")
    assert publish(never="never: []\n", by="Cleo").second is None


def test_where_publishers_are_named_nobody_else_publishes_or_agrees(publish: Publish) -> None:
    people = People(publishers=("Ana", "Bo"), compliance=("Cleo",))
    with pytest.raises(NotPublished, match="Mallory may not publish"):
        publish(by="Mallory", people=people)
    publish(people=people)
    with pytest.raises(NotPublished, match="Mallory may not publish"):
        publish(LOOSER, second="Mallory", people=people)
    assert publish(LOOSER, second="Cleo", people=people).version == 2


def test_of_two_who_publish_at_once_one_looks_again(engine: Engine, publish: Publish) -> None:
    publish()
    ready, said = Barrier(2), []

    def at_once(one: str) -> None:
        with engine.begin() as c:
            drafted = publishing.draft(c, one, NEVER)
            ready.wait()
            try:
                said.append(publishing.publish(c, drafted, ANYONE, "Ana", "Bo", NOW).version)
            except NotPublished as why:
                said.append(str(why))

    threads = [Thread(target=at_once, args=(one,)) for one in (LOOSER, STRICTER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == [
        "2", "Someone else published meanwhile. Look at what the draft changes now, and publish again."]


def test_a_rollback_takes_an_earlier_text_up_again_as_a_new_version(engine: Engine, publish: Publish) -> None:
    publish()
    publish(STRICTER)
    with engine.begin() as c:
        found = publishing.earlier(c, 1)
        drafted = publishing.draft(c, found.text, found.never)
        with pytest.raises(NotPublished, match="second person"):
            publishing.publish(c, drafted, ANYONE, "Ana", None, NOW, rolled_back_to=1)
        made = publishing.publish(c, drafted, ANYONE, "Ana", "Bo", NOW, rolled_back_to=1)
        with pytest.raises(NotPublished, match="Version 9 was never published"):
            publishing.earlier(c, 9)
    assert (made.version, made.text, made.rolled_back_to) == (3, SHIPPED, 1)


def test_the_newest_is_in_force_and_none_is_said_with_what_to_do(engine: Engine, publish: Publish) -> None:
    published = Published()

    def state() -> tuple[int | None, str | None]:
        with engine.begin() as c:
            policy = published.newest(c)
            return policy and policy.version, published.problem(c)

    assert state() == (None, NONE_YET)
    publish()
    assert state() == (1, None)
    publish(STRICTER)
    assert state() == (2, None)


def test_a_published_text_that_this_deskhand_cannot_read_is_not_in_force_and_can_be_replaced(
        engine: Engine, publish: Publish) -> None:
    publish()
    old = SHIPPED.replace("mode: shadow", "mode: gone")
    with engine.begin() as c:
        c.execute(text(PAST_TRIGGERS))
        c.execute(policies.update().values(text=old, digest=text_digest(old)))
        c.execute(audit.update().values(public=audit.c.public + {"digest": text_digest(old)}))
        assert Published().newest(c) is None
        assert "version 1 of the policy cannot be read by this Deskhand" in (Published().problem(c) or "")
        drafted: Draft = publishing.draft(c, SHIPPED, NEVER)
    assert drafted.loosens
    assert publish(SHIPPED, second="Cleo").version == 2


@pytest.mark.parametrize("values", [
    {"text": LOOSER},
    {"text": LOOSER, "digest": text_digest(LOOSER)},
    {"never": "never: []\n"},
], ids=["text", "text with its digest", "never.yaml"])
def test_a_draft_is_not_compared_with_what_was_changed_in_the_database(
        engine: Engine, publish: Publish, values: dict[str, str]) -> None:
    publish()
    with engine.begin() as c:
        c.execute(text(PAST_TRIGGERS))
        c.execute(policies.update().values(**values))
    never = values.get("never", NEVER)
    for draft in (LOOSER, LOOSER + "\n"):
        with pytest.raises(NotPublished, match="second person"):
            publish(draft, never=never)
        with pytest.raises(NotPublished, match="Cleo must be one of the two"):
            publish(draft, never=never, second="Bo")
    assert publish(LOOSER, never=never, second="Cleo").version == 2


@pytest.mark.parametrize("second", ["ａｎａ", "ANA", "An\u200ba", "\u202eAna", "Ana\x1b[K"])
def test_one_person_is_not_two_by_writing_the_name_otherwise(publish: Publish, second: str) -> None:
    publish()
    with pytest.raises(NotPublished, match=r"someone else|does not show"):
        publish(LOOSER, second=second)


@pytest.mark.parametrize("change", ["update policies set text = ''", "delete from policies", "truncate policies"])
def test_what_was_published_can_be_neither_changed_nor_removed(engine: Engine, publish: Publish, change: str) -> None:
    publish()
    with pytest.raises(ProgrammingError, match="what was published stays"), engine.begin() as c:
        c.execute(text(change))
