from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agent.database import Database
from agent.published import Published
from tests.journeys.office import Office, execute, refund
from tests.scripts.policy.drafts import SHIPPED, Say
from tests.scripts.test_cli import COMPLETE, run

__all__ = ["run"]


@pytest.fixture
def policy(run: Callable[..., Result], tmp_path: Path) -> Say:
    """Runs `deskhand policy …` beside a folder of drafts, without any installation."""
    drafts = tmp_path / "policy"
    drafts.mkdir()
    for name in ("policy.yaml", "never.yaml"):
        (drafts / name).write_text((SHIPPED.parent / name).read_text())

    def say(*arguments: str, **settings: str) -> Result:
        return run("policy", *arguments, DESKHAND_POLICY="policy", COLUMNS="200", **settings)
    return say


@pytest.fixture
def admin(policy: Say, database: Database) -> Say:
    """`deskhand policy …` in an installation whose draft executes, and of which nothing is published yet."""
    Path("policy/policy.yaml").write_text(execute(Path("policy/policy.yaml").read_text()))
    Path("deskhand.toml").write_text('[people]\ncompliance = ["Cleo"]\n')
    return lambda *arguments: policy(*arguments, **COMPLETE, DESKHAND_DATABASE_URL=database.url)


@pytest.fixture
def office(database: Database) -> Office:
    made = Office(database.engine)
    made.published = Published()
    made.planner.always = lambda case: (  # type: ignore[attr-defined]
        {"actions": [refund("c2", quote="refund")]} if any(m.new for m in case.messages) else {"nothing_asked": True})
    return made
