"""What the benchmark fills in is what the store would have written: the audit's own check says so,
and is no longer content when a row is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, update

from benchmarks.visits import proof
from benchmarks.visits.branch import WAITING, NotEmpty, make_branch
from benchmarks.visits.fill import Fill
from benchmarks.visits.operations import Operations
from vcs.store import Store
from vcs.store.audit_tables import AuditRow
from vcs.store.database import Database
from vcs.store.tables import Table
from vcs.store.visit_tables import CaptureRow, DecisionRow, VisitChangeRow, VisitRow
from vcs.visits.flow_file import load_flows


@pytest.fixture
async def database(store: Store, database_url: str) -> AsyncIterator[Database]:
    # The store has connections of its own; both look at one file.
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def fill(store: Store, database: Database) -> Fill:
    made = Fill(database, await make_branch(store), load_flows(), Random(5))
    await made.past_day(20)
    await made.past_day(10)
    return made


async def _ids(database: Database) -> list[int]:
    async with database.reading() as session:
        return list(await session.scalars(select(VisitRow.id).order_by(VisitRow.id)))


async def test_thirty_visits_are_as_the_store_writes_them(
    store: Store, database: Database, fill: Fill, tmp_path: Path
) -> None:
    assert fill.visits == 30
    assert await proof.findings(database, await _ids(database)) == []
    whole = store.audit_check(tmp_path)
    found = [each async for each in whole.findings()]
    # The files of the evidence alone are not there.
    assert [each for each in found if "its file" not in each.what] == []
    assert whole.counts.visits == 30
    assert whole.counts.rows >= fill.changes > 30 * 20
    assert whole.counts.heads > 0


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (AuditRow, {"actor": "server"}),
        (VisitChangeRow, {"body": b'{"kind":"ended","how":"left"}'}),
        (CaptureRow, {"octets": 7}),
        (DecisionRow, {"reason": "other"}),
        (VisitRow, {"reference": "other"}),
    ],
)
async def test_a_row_that_was_touched_is_found(
    database: Database, fill: Fill, table: type[Table], values: dict[str, object]
) -> None:
    ids = await _ids(database)
    async with database.writing() as session:
        await session.execute(update(table).values(**values))
    assert await proof.findings(database, ids)


async def test_a_day_under_way_has_open_visits_and_a_queue(
    store: Store, database: Database, fill: Fill
) -> None:
    now = await fill.begin_today(24)
    assert fill.open
    assert all(story.visit.ended is None for story in fill.open)
    place = fill.open[0].place
    assert len(await store.tickets.waiting(place.branch_id, fill.today)) == WAITING
    first = await store.visits.open_at(place.booth_id)
    assert first is not None
    assert first.id == fill.open[0].visit.id
    assert first.begun_at < now


async def test_every_operation_is_measured_and_leaves_an_audit_in_order(
    store: Store, database: Database, fill: Fill
) -> None:
    now = await fill.begin_today(6)
    operations = Operations(database, store, fill, load_flows(), now, Random(7))
    rows = await operations.measure(2)
    assert {row.operation.partition(":")[0] for row in rows} == {
        *("queue", "search", "sheet", "record", "draft")
    }
    assert {row.visits for row in rows} == {fill.visits}
    assert all(0 < row.p50_ms <= row.p95_ms for row in rows)
    await operations.end_today()
    assert await proof.findings(database, await _ids(database)) == []
    assert await store.visits.open_at(fill.open[0].place.booth_id) is None


async def test_a_database_with_somebodys_data_is_left_alone(store: Store, fill: Fill) -> None:
    with pytest.raises(NotEmpty):
        await make_branch(store)
