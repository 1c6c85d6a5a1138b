"""An export is checked by one small file that shares nothing with us; the live trail by its own reading."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, text

from agent import audit
from agent.audit import bound, checking, export
from agent.audit.heads import Signing, kept, make
from agent.policy.nodes import text_digest
from agent.tables import policies
from scripts.audit import verify_export

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
AFTER = NOW + timedelta(days=2)
SIGNING = Signing("a secret of ours")
FILE = Path(verify_export.__file__)


def fill(c: Connection, how_many: int = 20) -> None:
    """A policy that was published, rows of every shape, and heads."""
    c.execute(insert(policies).values(version=1, digest=text_digest("allow: 1"), text="allow: 1", never="never: 2",
                                      published_by="Mia", second="Bo", published_at=NOW))
    audit.record(c, kind="policy.published", ticket=None, operation=None, at=NOW, public={
        "version": 1, "digest": text_digest("allow: 1"), "never": text_digest("never: 2"), "by": "Mia", "second": "Bo",
        "rolled_back_to": None})
    for number in range(2, how_many + 1):
        audit.record(c, kind="refund.done", ticket=None, operation=f"op-{number}", at=NOW + timedelta(minutes=number),
                     public={"amount": number, "words": "größer “1” \u2028 \U0001f600"}, sealed=bytes([number]) * 9)
        if number % 5 == 0:
            audit.seal_chain(c)
            make(c, SIGNING, NOW + timedelta(minutes=number))


def exported(c: Connection, since: datetime | None = None, until: datetime | None = None,
             now: datetime = NOW + timedelta(days=1)) -> list[bytes]:
    lines: list[bytes] = []
    export.write(c, lines.append, deskhand="1.0", now=now, part=export.part(c, since, until), signing=SIGNING)
    return lines


def heads_in(lines: list[bytes]) -> tuple[bytes, ...]:
    return tuple(line for line in lines if json.loads(line)["kind"] == "head")


def end(lines: list[bytes], **signatures: dict[str, str]) -> list[bytes]:
    """With an end that fits, as whoever changes an export would write it."""
    return [*lines, json.dumps({
        "kind": "end", **{name: sum(json.loads(line)["kind"] == kind for line in lines) for name, kind in (
            ("rows", "row"), ("policies", "policy"), ("decisions", "decision"), ("heads", "head"))},
        "sha256": hashlib.sha256(b"".join(lines)).hexdigest(), **signatures}).encode()]


def rewritten(lines: list[bytes], kind: str, at: int = 0, /, **members: object) -> list[bytes]:
    """The line of this kind, counted from 0, with other members, and an end that fits; the old signatures stay."""
    place = [number for number, line in enumerate(lines) if json.loads(line)["kind"] == kind][at]
    changed = json.dumps({**json.loads(lines[place]), **members}).encode() + b"\n"
    return end([*lines[:place], changed, *lines[place + 1:-1]], signatures=json.loads(lines[-1])["signatures"])


def verdict(lines: list[bytes], kept: tuple[bytes, ...] = (), keys: list[str] | None = None) -> tuple[int, list[str]]:
    said: list[str] = []
    return verify_export.check(lines, kept, SIGNING.public if keys is None else keys, said.append), said


@pytest.fixture
def trail(engine: Engine) -> Engine:
    with engine.begin() as c:
        fill(c)
    return engine


def test_an_untouched_export_is_whole(trail: Engine) -> None:
    with trail.begin() as c:
        lines = exported(c)
    code, said = verdict(lines, heads_in(lines))
    assert code == 0
    assert said == ["Made 2026-11-22T04:00:00+00:00. Rows 1 to 20, 0 decisions, 1 policies, 4 heads.",
                    "Nothing was changed, left out or cut off: 4 signed heads stand in the chain, the last one at row "
                    "20 of 20."]


def test_heads_that_come_with_the_export_alone_prove_nothing_against_who_owns_the_database(trail: Engine) -> None:
    """Who built the whole chain anew had them signed, too."""
    with trail.begin() as c:
        rebuilt_after(c, 0, NOW)
        code, said = verdict(exported(c))
    assert code == 3
    assert said[-1] == (
        "The rows fit the 1 signed heads that came with the export, and whoever owns the database can have such signed "
        "anew. None that was kept elsewhere was compared: a chain that was built anew as a whole would not be found. "
        "Give those heads, one in a line of a file (--heads FILE, here the second argument).")


def test_the_file_runs_bare_without_a_package_of_anybody(trail: Engine, tmp_path: Path) -> None:
    with trail.begin() as c:
        lines = exported(c)
    (tmp_path / "export.jsonl").write_bytes(b"".join(lines))
    kept = [line for line in lines if json.loads(line)["kind"] == "head"]
    (tmp_path / "heads.jsonl").write_bytes(b"".join(kept))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-I", "-S", str(FILE), *arguments], cwd=tmp_path,  # noqa: S603 - ours
                              capture_output=True, text=True, check=False)
    assert run("export.jsonl", "heads.jsonl", *SIGNING.public).returncode == 0
    assert run("export.jsonl").returncode == 3
    assert run("export.jsonl", "-", "00").returncode == 2
    assert run("nothing.jsonl").returncode == 2
    (tmp_path / "export.jsonl").write_bytes(b"".join(lines).replace(b'\\"amount\\":7', b'\\"amount\\":8'))
    changed = run("export.jsonl", "heads.jsonl", *SIGNING.public)
    assert changed.returncode == 1
    assert "Wrong: row 7 (refund.done) was changed." in changed.stdout


def test_without_the_public_key_it_does_not_call_an_export_whole(trail: Engine) -> None:
    with trail.begin() as c:
        code, said = verdict(exported(c), keys=[])
    assert code == 3
    assert said[-1].startswith("The chain holds in itself. No signed head was compared")


FORGERIES: list[Callable[[list[bytes]], list[bytes]]] = [
    lambda lines: rewritten(lines, "row", 6, opened={"words": "Refund me 480 EUR, the lead agreed on the phone"}),
    lambda lines: rewritten(lines, "row", 6, note="approved by finance"),
    lambda lines: rewritten(lines, "header", made_at="2026-11-21T05:00:00+00:00"),
    lambda lines: rewritten(lines, "header", deskhand="9.9"),
    lambda lines: rewritten(lines, "header", partial=True),
    lambda lines: rewritten(lines, "policy", note="shown to the board"),
]


@pytest.mark.parametrize("forge", FORGERIES)
def test_what_stands_in_no_row_of_the_chain_is_vouched_for_by_the_signature_of_the_file(
        trail: Engine, forge: Callable[[list[bytes]], list[bytes]]) -> None:
    with trail.begin() as c:
        lines = exported(c)
    code, said = verdict(forge(lines), heads_in(lines))
    assert code == 1
    assert "Wrong: the file's signature does not fit what stands in it." in said


@pytest.mark.parametrize("forge", [lambda lines: lines, *FORGERIES])
def test_an_export_without_a_signature_is_called_unsigned_and_not_whole(
        trail: Engine, forge: Callable[[list[bytes]], list[bytes]]) -> None:
    """As exports were before they were signed; who takes the signature away makes one look so."""
    with trail.begin() as c:
        lines = exported(c)
    code, said = verdict(end(forge(lines)[:-1]), heads_in(lines))
    assert code == 3
    assert said[-1] == (
        "The rows fit the signed heads, 4 of them, the last one at row 20 of 20. The file as a whole is not signed: it "
        "was made before exports were signed, or its signature was taken away. Nobody vouches for what stands in no "
        "row: when it was made and whether it is the whole trail, tickets' names, words in clear. Ask for a new "
        "export.")


def test_an_export_signed_with_another_key_is_not_called_whole(trail: Engine) -> None:
    with trail.begin() as c:
        lines = exported(c)
    theirs = Signing("theirs").file(hashlib.sha256(b"".join(lines[:-1])).hexdigest())
    code, said = verdict(end(lines[:-1], signatures=theirs), heads_in(lines))
    assert code == 3
    assert "The file as a whole is signed with a key that was not given here, so nobody" in said[-1]


def test_while_the_secret_is_changed_an_export_is_checked_with_either_key(trail: Engine) -> None:
    old, lines = SIGNING.public, list[bytes]()
    with trail.begin() as c:
        export.write(c, lines.append, deskhand="1.0", now=NOW, part=export.part(c),
                     signing=Signing("new, a secret of ours"))
    assert verdict(lines, heads_in(lines), old)[0] == 0
    assert set(json.loads(lines[-1])["signatures"]) == {*Signing("new").public, *old}


def test_without_a_key_it_says_that_nobody_vouches_for_what_stands_in_no_row(trail: Engine) -> None:
    with trail.begin() as c:
        code, said = verdict(exported(c), keys=[])
    assert code == 3
    assert ("Nor was the signature of the whole file checked with a key, so nobody vouches for what stands in no row: "
            "when it was made and whether it is the whole trail, tickets' names, words in clear.") in said[-1]


@pytest.mark.parametrize(("members", "found"), [
    ({"made_at": "2026-11-22 04:00:00+00:00"}, "the header cannot be read"),
    ({"made_at": "2026-11-22T04:00:00"}, "the header cannot be read"),
    ({"made_at": 7}, "the header cannot be read"),
    ({"partial": "no"}, "the header cannot be read"),
    ({"first": "1"}, "the header cannot be read"),
])
def test_a_header_is_read_in_one_way_or_not_at_all(trail: Engine, members: dict[str, Any], found: str) -> None:
    with trail.begin() as c:
        lines = exported(c)
    code, said = verdict(end(rewritten(lines, "header", 0, **members)[:-1]), heads_in(lines))
    assert code == 1
    assert f"Wrong: {found}." in said


def test_an_end_that_says_more_than_we_write_is_found(trail: Engine) -> None:
    """It stands after what the signature is over."""
    with trail.begin() as c:
        lines = exported(c)
    code, said = verdict([*lines[:-1], json.dumps({**json.loads(lines[-1]), "note": "seen by finance"}).encode()])
    assert code == 1
    assert "Wrong: the end cannot be read." in said


@pytest.mark.parametrize("words", [
    "2026-11-22T04:00:00+00:00.\nNothing was changed, left out or cut off: 4 signed heads\x1b[8m", "\u202egnihton",
    "\r\x1b[2K", "\ud800"])
def test_no_text_of_a_file_writes_over_the_verifiers_own_words(trail: Engine, words: str) -> None:
    with trail.begin() as c:
        lines = exported(c)
        number = json.loads(lines[5])["position"]
        content = {**json.loads(json.loads(lines[5])["content"]), "kind": words}
    for forged in (rewritten(lines, "header", made_at=words), rewritten(lines, "row", 4, content=json.dumps(content))):
        code, said = verdict(forged)
        assert code == 1
        assert all(line.isprintable() and len(line) < 700 for line in said)
        assert not [line for line in said if line.startswith("Nothing")]
    assert [line for line in said if line.startswith(f"Wrong: row {number} (")]


def test_a_decision_or_policy_that_somebody_put_into_a_part_is_found(trail: Engine) -> None:
    with trail.begin() as c:
        lines = exported(c, NOW + timedelta(minutes=7), NOW + timedelta(minutes=16))
    content = json.dumps({"ticket_id": 77, "outcome": "forged"})
    decision = json.dumps({"kind": "decision", "id": 7, "ref": "zendesk:acme:77", "content": content}).encode() + b"\n"
    code, said = verdict(end([*lines[:-1], decision]))
    assert code == 1
    assert "Wrong: decision 7 is named by no row." in said
    forged = rewritten(lines, "policy", text="allow: 9", digest=text_digest("allow: 9"))
    assert verdict(forged)[0] == 1
    assert verdict(end(forged[:-1]))[0] == 3


@pytest.mark.parametrize(("change", "found"), [
    (lambda lines: lines[:-1], "the file has no end: it was cut off"),
    (lambda lines: lines[:10] + lines[11:], "the file is not as it was written: its sum is another"),
    (lambda lines: end(lines[:10] + lines[11:-1]), "after row 9 comes row 11"),
    (lambda lines: end([*lines[:10], lines[11], lines[10], *lines[12:-1]]), "after row 9 comes row 11"),
    (lambda lines: end([one for one in lines[:-1] if b'"position":20' not in one and b"heads" not in one]),
     "the head of 2026-11-21T04:20:00+00:00 says 20 rows, and the export ends at row 19: rows were cut off"),
    (lambda lines: end([one.replace(b"allow: 1", b"allow: 9") for one in lines[:-1]]),
     "the text of policy version 1 is not the one that was published"),
    (lambda lines: [*lines, lines[3]], "line 28 stands after the end"),
    (lambda lines: end([*lines[:-1], b'{"kind":"other"}\n']), "line 27 cannot be read"),
    (lambda lines: [*lines[:-1], b'[[[\n', lines[-1]], "line 27 cannot be read"),
    (lambda lines: end([*lines[:-1], *(one.replace(b"allow: 1", b"allow: 9") for one in lines if b"allow: 1" in one
                                       and b'"row"' not in one), *(one for one in lines if b'"policy"' in one)]),
     "policy version 1 stands here twice"),
    (lambda lines: end([*lines[:5], lines[5].replace(b'"position":5', b'"position":6,"position":5', 1),
                        *lines[6:-1]]), "line 6 cannot be read"),
    (lambda lines: end([*lines[:5], lines[5].replace(b'"position":5', b'"position":5.0', 1), *lines[6:-1]]),
     "line 6 cannot be read"),
    (lambda lines: end([lines[0].replace(b'"first":1', b'"first":11'), *lines[11:-1]]),
     "it says that it is the whole trail, and begins at row 11"),
])
def test_a_changed_export_is_found(trail: Engine, change: Callable[[list[bytes]], list[bytes]], found: str) -> None:
    with trail.begin() as c:
        lines = exported(c)
    code, said = verdict(change(lines), heads_in(lines))
    assert code == 1
    assert f"Wrong: {found}." in said


def test_a_part_of_the_trail_is_checked_as_far_as_it_goes(trail: Engine) -> None:
    with trail.begin() as c:
        lines = exported(c, NOW + timedelta(minutes=7), NOW + timedelta(minutes=16))
        code, said = verdict(lines, heads_in(lines))
    assert code == 0
    assert said[:2] == ["Made 2026-11-22T04:00:00+00:00. Rows 7 to 15, 0 decisions, 1 policies, 2 heads.",
                        "Note: this is a part of the trail: what came before row 7 or after row 15 is not in it."]
    assert said[2].startswith("In this part nothing was changed, left out or cut off: 2 signed heads")


def test_what_is_not_an_export_is_refused() -> None:
    assert verdict([b'{"kind":"header","format":"other"}'])[0] == 2
    assert verdict([])[0] == 2


def test_a_table_for_people_holds_every_row_and_no_formula(trail: Engine) -> None:
    with trail.begin() as c:
        audit.record(c, kind="=cmd()", ticket=None, operation="@op", at=NOW, public={})
        audit.seal_chain(c)
        out = StringIO()
        assert export.write_table(c, out, export.part(c)) == 21
    lines = out.getvalue().splitlines()
    assert lines[0] == "row,at,what,ticket,operation,details"
    assert lines[-1] == "21,2026-11-21T04:00:00+00:00,'=cmd(),,'@op,{}"


def test_the_live_trail_is_whole_with_its_denominators(trail: Engine) -> None:
    with trail.begin() as c:
        audit.record(c, kind="note", ticket=None, operation=None, at=NOW, public={})
        found = checking.check(c, (), SIGNING.public, NOW)
    assert found.problems == ()
    assert (found.rows, found.loose, found.heads, found.unknown, found.upto, found.policies) == (20, 1, 4, 0, 20, 1)


HOW = "how policy version 1 was published (by whom, who agreed, when) is not what the audit says"


@pytest.mark.parametrize("change", [
    "published_by = 'mallory'", "second = null", "second = 'Ana'", "published_at = published_at - interval '1 day'",
    "rolled_back_to = 1", "digest = 'x'"])
def test_who_published_a_policy_who_agreed_and_when_is_bound_to_the_chain(trail: Engine, change: str) -> None:
    with trail.begin() as c:
        before = exported(c)
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text(f"update policies set {change}"))  # noqa: S608 - ours
        lines = exported(c)
        assert checking.check(c, (), SIGNING.public, NOW).problems == (HOW,)
    code, said = verdict(lines, heads_in(before))
    assert code == 1
    assert f"Wrong: {HOW}." in said


@pytest.mark.parametrize(("change", "found"), [
    ("update policies set text = 'allow: 9'", "the text of policy version 1 is not the one that was published"),
    ("delete from policies", "the text of policy version 1 is not the one that was published"),
    ("insert into policies (version, digest, text, never, published_by, published_at) "
     "values (2, '', '', '', 'x', now())", "policy version 2 is not in the audit"),
    ("update audit_heads set hash = '\\x00' where position = 10",
     "the head at row 10 of 2026-11-21T04:10:00+00:00 has a wrong signature"),
])
def test_a_change_beside_the_chain_is_found(trail: Engine, change: str, found: str) -> None:
    with trail.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text(change))
        assert checking.check(c, (), SIGNING.public, NOW).problems == (found,)


@pytest.mark.parametrize(("kind", "public", "found"), [
    ("policy.published", {"version": 1, "digest": text_digest("allow: 9"), "never": text_digest("never: 2")},
     "policy version 1 is named by two rows, and they differ"),
    ("policy.published", {"version": 1, "digest": text_digest("allow: 1"), "never": text_digest("never: 2"),
                          "by": "mallory", "second": None, "rolled_back_to": None},
     "policy version 1 is named by two rows, and they differ"),
    ("decision.made", {"decision": 7, "sha256": "b"}, "decision 7 is named by two rows, and they differ"),
])
def test_a_later_row_does_not_vouch_for_what_was_changed(
        trail: Engine, kind: str, public: dict[str, object], found: str) -> None:
    """Who may write to the database can have a row chained and signed like any other."""
    with trail.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        audit.record(c, kind="decision.made", ticket=None, operation=None, at=NOW,
                     public={"decision": 7, "sha256": "a"})
        audit.record(c, kind=kind, ticket=None, operation=None, at=NOW, public=public)
        c.execute(text("update policies set text = 'allow: 9'"))
        audit.seal_chain(c)
        make(c, SIGNING, NOW + timedelta(hours=1))
        assert found in checking.check(c, (), SIGNING.public, NOW).problems
        code, said = verdict(exported(c))
    assert code == 1
    assert f"Wrong: {found}." in said


def rebuilt_after(c: Connection, place: int, at: datetime) -> None:
    """The database's owner changes a row and builds the chain anew from there; a worker signs it like any other."""
    c.execute(text("set local session_replication_role = replica"))
    c.execute(text("delete from audit_heads where position > :place"), {"place": place})
    c.execute(text("update audit set public = public || '{\"amount\": 1}' where position = :place"),
              {"place": place + 1})
    c.execute(text("update audit set position = null, previous = null, hash = null where position > :place"),
              {"place": place})
    audit.seal_chain(c)
    make(c, SIGNING, at)


def test_a_chain_that_was_built_anew_and_signed_again_is_not_called_whole(trail: Engine) -> None:
    """A keeper that was cut off on purpose: it has the heads up to row 10, and the database's are new."""
    with trail.begin() as c:
        outside = [head for _, head in kept(c) if head.position <= 10]
        rebuilt_after(c, 10, NOW + timedelta(days=2))
        found = checking.check(c, outside, SIGNING.public, NOW + timedelta(days=2))
        assert (found.problems, found.upto, found.outside, found.behind) == ((), 20, 10, True)
        there = tuple(head.line().encode() for head in outside)
        (code, said), (later, words) = verdict(exported(c), there), verdict(exported(c, now=AFTER), there)
    assert code == 0
    assert said[-1].startswith("After row 10 only heads count that came with the export")
    assert later == 3
    assert words[-1].startswith("Up to row 10 nothing was changed. Rows came after it, and for a day or more no head ")


def test_where_nothing_came_after_the_newest_head_it_is_named_for_it_may_have_been_cut_off(trail: Engine) -> None:
    with trail.begin() as c:
        lines = exported(c, now=AFTER)
    code, said = verdict(lines, heads_in(lines))
    assert code == 0
    assert said[-1] == ("No row came after the newest head that was kept elsewhere, of 2026-11-21T04:20:00+00:00. If "
                        "Deskhand worked since, what it wrote was cut off.")


def test_a_part_is_as_far_from_its_newest_head_as_its_own_rows_say_where_later_heads_are_known(trail: Engine) -> None:
    """Or every part of an old trail would be a day behind, a row after its last head."""
    with trail.begin() as c:
        outside, lines = heads_in(exported(c)), exported(c, NOW, NOW + timedelta(minutes=13), AFTER)
    assert verdict(lines, outside)[0] == 0
    assert verdict(lines, outside[:2])[0] == 3


def test_heads_from_before_a_backup_was_put_back_can_be_left_out(trail: Engine) -> None:
    with trail.begin() as c:
        lost = SIGNING.head(900, bytes(32), NOW)
        assert checking.check(c, [lost], SIGNING.public, NOW).problems != ()
        later = checking.check(c, [lost], SIGNING.public, NOW, NOW + timedelta(minutes=1))
        assert (later.problems, later.heads) == ((), 4)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 511))
def test_the_small_file_and_the_library_agree_on_signatures(told: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x07")
    public, signature = key.public_key().public_bytes_raw(), key.sign(told)
    assert verify_export.signed(public, signature, told)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not verify_export.signed(public, bytes(changed), told)
    assert not verify_export.signed(public, signature, told + b"x")


def test_a_signature_of_rfc_8032_is_accepted() -> None:
    """RFC 8032, section 7.1, test 2."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    assert verify_export.signed(public, signature, b"\x72")
    assert not verify_export.signed(public, signature, b"\x73")


def test_a_decision_says_the_same_before_and_after_the_database(engine: Engine) -> None:
    """The binding is made before the row is written and checked after it is read."""
    facts: dict[str, Any] = {"amount": 4200, "flags": ["a", "ü"], "vip": False, "none": None}
    made = {"ticket_id": 1, "proposal_id": 1, "operation_id": "", "action": "refund", "outcome": "go_ahead",
            "confirm": False, "approve_by": None, "mode": "execute", "rules": [{"rule": "auto", "effect": "x"}],
            "missing": [], "facts": facts, "policy": "p", "policy_version": 1, "policy_digest": "d",
            "decided_at": NOW, "customer": ""}
    with engine.begin() as c:
        read = c.execute(select(text("cast(:facts as jsonb) as facts")).params(facts=json.dumps(facts))).scalar_one()
    assert bound.digest({**made, "facts": read}) == bound.digest(made)
    assert bound.digest({**made, "facts": {**facts, "vip": True}}) != bound.digest(made)
