"""Real tampering, by SQL and by hand, and what verifying says of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.unit.store.material import CUT, DRAWING, PICTURE, Teller, decided, derived, digest, taken
from vcs.store import Store
from vcs.store.audit_chain import Link, link_hash
from vcs.store.audit_tables import AuditRow
from vcs.store.evidence import evidence_path, write_evidence
from vcs.store.visit_tables import VisitRow
from vcs.visits.changes import Answered, Ended, Noted, Signed

VISITS = (11, 12, 13)


@pytest.fixture
async def told(teller: Teller, tmp_path: Path) -> Teller:
    """Three whole visits with their evidence, a look at the second, and two heads over them."""
    for number in VISITS:
        teller.visit_id = number
        await _one(teller, tmp_path, str(number))
        if number == 12:
            await teller.store.audit.looked(12, teller.officer, teller.at)
            await teller.store.audit_heads.write()
    await teller.store.audit_heads.write()
    return teller


async def _one(teller: Teller, data_dir: Path, suffix: str) -> None:
    await teller.begin()
    await teller.tell(
        Answered("nik", f"31740112345600{suffix}"),
        Noted("all well"),
        taken(f"c{suffix}"),
        derived(f"x{suffix}", of=f"c{suffix}"),
        Signed("sign", f"s{suffix}", digest(DRAWING), len(DRAWING)),
        decided(teller.officer, f"d{suffix}"),
        Ended("finished"),
    )
    for data in (PICTURE, CUT, DRAWING):
        write_evidence(data_dir, teller.visit_id, data)


async def _findings(store: Store, data_dir: Path) -> list[str]:
    return [str(finding) async for finding in store.audit_check(data_dir).findings()]


async def _sql(store: Store, *statements: str) -> None:
    async with store._database.writing() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_what_nobody_touched_is_in_order(told: Teller, tmp_path: Path) -> None:
    check = told.store.audit_check(tmp_path)
    assert [finding async for finding in check.findings()] == []
    counts = check.counts
    assert (counts.visits, counts.rows, counts.heads, counts.files) == (3, 25, 2, 9)


SWAP = (
    "UPDATE {table} SET number = 1000 WHERE visit_id = 12 AND number = 3",
    "UPDATE {table} SET number = 3 WHERE visit_id = 12 AND number = 4",
    "UPDATE {table} SET number = 4 WHERE visit_id = 12 AND number = 1000",
)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        pytest.param(
            ["UPDATE audit SET kind = 'noted' WHERE visit_id = 12 AND number = 2"],
            {"visit 12, row 2: was changed", "visit 12, row 2: its change 2 says something else"},
            id="an audit row changed",
        ),
        pytest.param(
            ["UPDATE audit SET officer_id = 4711 WHERE visit_id = 12 AND kind = 'looked'"],
            {"visit 12, row 9: was changed"},
            id="who looked changed",
        ),
        pytest.param(
            ["DELETE FROM audit WHERE visit_id = 12 AND number = 3"],
            {"visit 12, row 3: is missing"},
            id="a row out of the middle",
        ),
        pytest.param(
            ["DELETE FROM audit WHERE visit_id = 12 AND number BETWEEN 3 AND 5"],
            {"visit 12, row 3: is missing, and all up to 5"},
            id="three rows out of the middle",
        ),
        pytest.param(
            ["DELETE FROM audit WHERE visit_id = 12 AND number = 9"],
            {"visit 12, row 9: is missing"},
            id="the last row",
        ),
        pytest.param(
            [
                "DELETE FROM audit WHERE visit_id = 12 AND number >= 8",
                "DELETE FROM visit_change WHERE visit_id = 12 AND number >= 8",
                "UPDATE visit SET audited = 7, changes = 7, phase = 'decided', ended_at = NULL "
                "WHERE id = 12",
            ],
            {"visit 12, row 9: is missing, and head 1 knew it"},
            id="the end cut off with care",
        ),
        pytest.param(
            ["DELETE FROM audit WHERE visit_id = 12"],
            {"visit 12, row 1: is missing, and all up to 9"},
            id="all rows of a visit",
        ),
        pytest.param(
            [statement.format(table="audit") for statement in SWAP],
            {"visit 12, row 3: was changed", "visit 12, row 4: was changed"},
            id="two audit rows exchanged",
        ),
        pytest.param(
            [statement.format(table="visit_change") for statement in SWAP],
            {"visit 12, row 3: its change 3 was changed"},
            id="two changes exchanged",
        ),
        pytest.param(
            ["UPDATE visit_change SET officer_id = NULL WHERE visit_id = 12 AND number = 7"],
            {"visit 12, row 7: its change 7 says something else"},
            id="who decided changed",
        ),
        pytest.param(
            ["UPDATE visit_change SET body = NULL WHERE visit_id = 12 AND number = 2"],
            {"visit 12, row 2: the values of its change 2 are gone"},
            id="values taken away",
        ),
        pytest.param(
            ["DELETE FROM visit_change WHERE visit_id = 12 AND number = 4"],
            {"visit 12, row 4: its change 4 is missing"},
            id="a change deleted",
        ),
        pytest.param(
            ["DELETE FROM capture WHERE id = 'x12'"],
            {"visit 12: the row of capture x12 is not what its changes say"},
            id="a derived picture's row deleted",
        ),
        pytest.param(
            [
                "INSERT INTO visit_change (visit_id, number, at, actor, kind, body) "
                "SELECT visit_id, 9, at, actor, kind, body FROM visit_change "
                "WHERE visit_id = 12 AND number = 3"
            ],
            {"visit 12: change 9 has no row in the audit"},
            id="a change without audit",
        ),
        pytest.param(
            ["UPDATE visit SET outcome = 'rejected' WHERE id = 12"],
            {"visit 12: the visit's outcome is not what its changes say"},
            id="the visit's outcome changed",
        ),
        pytest.param(
            ["UPDATE decision SET outcome = 'rejected' WHERE id = 'd12'"],
            {"visit 12: the row of decision d12 is not what its changes say"},
            id="a decision changed",
        ),
        pytest.param(
            ["DELETE FROM capture WHERE id = 'x12'"],
            {"visit 12: the row of capture x12 is not what its changes say"},
            id="a capture deleted",
        ),
        pytest.param(
            ["UPDATE audit_head_entry SET number = 8 WHERE visit_id = 12"],
            {"audit heads: head 1 or its entries were changed"},
            id="a head's entry changed",
        ),
        pytest.param(
            ["DELETE FROM audit_head_entry WHERE head = 1 AND visit_id = 12"],
            {
                "audit heads: head 1 or its entries were changed",
                "visit 12, row 9: should be known to a head and is not",
            },
            id="a head's entry deleted",
        ),
        pytest.param(
            [
                "DELETE FROM audit_head WHERE number = 1",
                "DELETE FROM audit_head_entry WHERE head = 1",
            ],
            {"audit heads: head 1 is missing"},
            id="the first head deleted",
        ),
        pytest.param(
            [
                "DELETE FROM audit_head WHERE number = 2",
                "DELETE FROM audit_head_entry WHERE head = 2",
            ],
            {"visit 13, row 8: should be known to a head and is not"},
            id="the last head deleted",
        ),
        pytest.param(
            ["UPDATE audit_head SET at = '2026-01-01 00:00:00' WHERE number = 1"],
            {"audit heads: head 1 or its entries were changed"},
            id="a head's time changed",
        ),
    ],
)
async def test_tampering_is_found(
    told: Teller, tmp_path: Path, statements: list[str], found: set[str]
) -> None:
    await _sql(told.store, *statements)
    findings = await _findings(told.store, tmp_path)
    assert found <= set(findings), findings
    others = [line for line in findings if line.startswith(("visit 11", "visit 13"))]
    assert all("should be known to a head" in line for line in others), findings


async def test_a_changed_value_is_found_and_not_repeated(told: Teller, tmp_path: Path) -> None:
    body = b'{"kind":"answered","field":"nik","value":"9999999999999999"}'
    async with told.store._database.writing() as session:
        await session.execute(
            text("UPDATE visit_change SET body = :body WHERE visit_id = 12 AND number = 2"),
            {"body": body},
        )
    (finding,) = await _findings(told.store, tmp_path)
    assert finding == "visit 12, row 2: its change 2 was changed"


async def test_a_body_that_cannot_be_read_is_found(told: Teller, tmp_path: Path) -> None:
    async with told.store._database.writing() as session:
        await session.execute(
            text("UPDATE visit_change SET body = :body WHERE visit_id = 12 AND number = 2"),
            {"body": b"\xff{"},
        )
    assert set(await _findings(told.store, tmp_path)) == {
        "visit 12, row 2: its change 2 was changed",
        "visit 12, row 2: its change 2 cannot be read",
    }


async def test_a_chain_that_was_forged_whole_is_found_by_the_head(
    told: Teller, tmp_path: Path
) -> None:
    """Whoever can write can also hash: the look is taken out and the rest is hashed anew."""
    async with told.store._database.writing() as session:
        last = await session.get(AuditRow, (12, 9))
        assert last is not None
        link = Link(12, 9, last.at, "officer", told.officer + 1, "looked")
        last.officer_id = told.officer + 1
        last.hash = link_hash(last.previous, link)
    assert await _findings(told.store, tmp_path) == ["visit 12, row 9: is not what head 1 knew"]


async def test_a_vanished_visit_is_found(told: Teller, tmp_path: Path) -> None:
    tables = ("visit_change", "capture", "decision", "outbox")
    await _sql(
        told.store,
        *(f"DELETE FROM {table} WHERE visit_id = 12" for table in tables),
        "DELETE FROM visit WHERE id = 12",
    )
    assert "visit 12: the visit itself is missing" in await _findings(told.store, tmp_path)
    await _sql(told.store, "DELETE FROM audit WHERE visit_id = 12")
    findings = await _findings(told.store, tmp_path)
    assert "visit 12, row 9: is missing, and head 1 knew it" in findings


async def test_changed_and_missing_evidence_is_found(told: Teller, tmp_path: Path) -> None:
    changed = evidence_path(tmp_path, 12, digest(PICTURE))
    changed.write_bytes(PICTURE[:-1] + b"!")
    evidence_path(tmp_path, 12, digest(DRAWING)).unlink()
    assert await _findings(told.store, tmp_path) == [
        f"visit 12, row 4: its file {digest(PICTURE)} was changed",
        f"visit 12, row 6: its file {digest(DRAWING)} is missing",
    ]


async def test_more_visits_than_are_looked_at_once(
    teller: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vcs.store.audit_check.VISITS_AT_ONCE", 2)
    monkeypatch.setattr("vcs.store.audit_heads.ENTRIES", 3)
    for number in range(1, 8):
        teller.visit_id = number * 1_000_003
        await _one(teller, tmp_path, str(number))
    written = await teller.store.audit_heads.write()
    assert [head.visits for head in written] == [3, 3, 1]
    check = teller.store.audit_check(tmp_path)
    assert [finding async for finding in check.findings()] == []
    assert (check.counts.visits, check.counts.heads) == (7, 3)
    await _sql(teller.store, f"DELETE FROM audit WHERE visit_id = {7 * 1_000_003} AND number = 2")
    assert any(
        "7000021, row 2: is missing" in line for line in await _findings(teller.store, tmp_path)
    )


async def test_no_personal_value_is_in_the_audit_and_digests_are_salted(told: Teller) -> None:
    async with told.store._database.reading() as session:
        row = await session.get(AuditRow, (12, 2))
        visit = await session.get(VisitRow, 12)
        body = await session.scalar(
            text("SELECT body FROM visit_change WHERE visit_id = 12 AND number = 2")
        )
    assert row is not None and visit is not None and row.digest is not None
    assert visit.salt is not None and len(visit.salt) == 32
    assert row.digest != hashlib.sha256(body).digest()
