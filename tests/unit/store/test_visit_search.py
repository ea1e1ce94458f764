from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url

from tests.unit.store.material import Teller
from vcs.store import Store
from vcs.store.visit_records import VisitLine
from vcs.tokens import new_token
from vcs.visits.changes import Consented, Decided, Ended

NAMES = ("Siti Aminah", "SITI  nurhaliza", "Budi", "Sítí", "siti", "Zainal_%")


@pytest.fixture
async def visits(teller: Teller) -> dict[str, VisitLine]:
    """One visit a day for each name, each with a ticket; Budi's was decided."""
    for number, name in enumerate(NAMES, start=1):
        teller.visit_id = number
        day = date(2026, 11, 2) + timedelta(days=number)
        ticket = await teller.store.tickets.issue(
            teller.desk.branch_id,
            day,
            flow="jht",
            token=new_token(),
            at=teller.at,
            letter="BCDEFG"[number - 1],
        )
        await teller.begin(ticket.id)
        changes = [Consented("1", "id")]
        if name == "Budi":
            decision = Decided("d", "pending", teller.officer, reference="SMILE-42")
            await teller.tell(*changes, decision, Ended("finished"), visitor=name)
        else:
            await teller.tell(*changes, Ended("finished"), visitor=name)
        teller.at += timedelta(days=1)
    return {line.visitor or "": line for line in await teller.store.visits.search(None)}


async def _names(
    store: Store,
    text: str = "",
    branches: Collection[int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[str | None]:
    return [line.visitor for line in await store.visits.search(branches, text, since, until)]


async def test_newest_first_with_what_a_list_shows(
    store: Store, teller: Teller, visits: dict[str, VisitLine]
) -> None:
    assert await _names(store) == list(reversed(NAMES))
    budi = visits["Budi"]
    assert (budi.ticket, budi.outcome, budi.reference) == ("D-001", "pending", "SMILE-42")
    assert (budi.phase, budi.officer_id) == ("ended", teller.officer)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("siti", ["siti", "SITI  nurhaliza", "Siti Aminah"]),
        ("  Siti   N", ["SITI  nurhaliza"]),
        ("aminah", []),
        ("SMILE-42", ["Budi"]),
        ("SMILE", []),
        ("d-001", ["Budi"]),
        ("%", []),
        ("zainal_%", ["Zainal_%"]),
        ("z_inal", []),
        ("' OR 1=1 --", []),
        ("   ", list(reversed(NAMES))),
    ],
)
async def test_text_is_the_beginning_of_a_name_or_a_whole_number(
    store: Store, visits: dict[str, VisitLine], text: str, found: list[str]
) -> None:
    assert await _names(store, text) == found


async def test_a_branch_sees_its_own(
    store: Store, teller: Teller, visits: dict[str, VisitLine]
) -> None:
    other = await store.branches.add("Bandung")
    own = teller.desk.branch_id
    assert len(await _names(store, branches=[own])) == 6
    for text in ("", "siti", "D-001", "SMILE-42"):
        assert await _names(store, text, branches=[other.id]) == []
        assert await _names(store, text, branches=[]) == []
        both = await _names(store, text, branches={own, other.id})
        assert both == await _names(store, text) != []


async def test_days_are_from_and_not_to(store: Store, visits: dict[str, VisitLine]) -> None:
    since, until = visits["Budi"].begun_at, visits["siti"].begun_at
    assert await _names(store, since=since, until=until) == ["Sítí", "Budi"]
    assert await _names(store, "siti", since=since) == ["siti"]


@pytest.mark.parametrize("text", ["", "siti"])
@pytest.mark.parametrize("several", [False, True])
async def test_pages_follow_each_other(
    store: Store, teller: Teller, visits: dict[str, VisitLine], text: str, several: bool
) -> None:
    seen: list[str | None] = []
    before = None
    branches = [teller.desk.branch_id, 999] if several else None
    while page := await store.visits.search(branches, text, limit=2, before=before):
        assert len(page) <= 2
        seen += [line.visitor for line in page]
        before = page[-1].place
    assert seen == await _names(store, text)


@pytest.mark.parametrize("branches", [[1], [1, 2], None])
@pytest.mark.parametrize("before", [None, (datetime(2026, 11, 2, tzinfo=UTC), 5)])
async def test_on_sqlite_each_way_looks_into_an_index_of_its_own(
    sqlite_url: str, branches: list[int] | None, before: tuple[datetime, int] | None
) -> None:
    """SQLite has no statistics there and must not be tempted to read all visits of a branch."""
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        said.append((sql, values))

    store = await Store.open(sqlite_url)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        await store.visits.search(branches, "siti", since, since.replace(year=2027), before=before)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
        await store.close()
    searches = [(sql, values) for sql, values in said if sql.startswith("SELECT visit.id")]
    assert len(searches) == 1
    sql, values = searches[0]
    with closing(sqlite3.connect(make_url(sqlite_url).database or "")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    names = "ix_visit_branch_visitor" if branches else "ix_visit_visitor"
    looked_into = " ".join(plan)
    assert f"COVERING INDEX {names} (" in looked_into
    assert "INDEX ix_visit_ticket (ticket_id=?)" in looked_into
    assert "INDEX ix_ticket_code (branch_id=? AND code=?)" in looked_into
    assert "INDEX ix_visit_reference (reference=?)" in looked_into
    assert "begun (" not in looked_into
    assert "SCAN visit" not in looked_into
    assert "SCAN ticket" not in looked_into


async def test_a_reference_finds_its_visits_and_no_names(
    store: Store, visits: dict[str, VisitLine]
) -> None:
    found = await store.visits.with_reference("SMILE-42")
    assert found == [visits["Budi"]]
    for other in ("SMILE-4", "smile-42", "Budi", ""):
        assert await store.visits.with_reference(other) == []
