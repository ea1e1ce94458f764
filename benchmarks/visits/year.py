"""The run: a year filled in, measured on its way at a tenth, at half and at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from sqlalchemy import text

from benchmarks.visits import proof
from benchmarks.visits.branch import VISITS_A_DAY, make_branch
from benchmarks.visits.fill import Fill
from benchmarks.visits.operations import Operations
from benchmarks.visits.report import Row, Size
from vcs.store import Store
from vcs.store.database import Database
from vcs.visits.flow_file import load_flows

STAGES: Final = (0.1, 0.5, 1.0)
PROVEN: Final = 200
"""Visits whose rows are verified at the end."""
SEED: Final = 20260105
TELL_EVERY_S: Final = 10.0


@dataclass(slots=True)
class Measured:
    """What a run found. `filling_s` is without the measuring."""

    database: str = ""
    rows: list[Row] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    changes: int = 0
    filling_s: float = 0.0
    proven: int = 0
    findings: list[str] = field(default_factory=list)


async def measure(url: str, visits: int, sample: int, say: Callable[[str], None]) -> Measured:
    """Raises `NotEmpty`, `StoreUnavailable`."""
    database = await Database.open(url)
    store = Store(database)
    try:
        return await _measure(database, store, visits, sample, say)
    finally:
        await store.close()


async def _measure(
    database: Database, store: Store, visits: int, sample: int, say: Callable[[str], None]
) -> Measured:
    rng, flows, found = Random(SEED), load_flows(), Measured()
    places = await make_branch(store)
    fill = Fill(database, places, flows, rng)
    for share in STAGES:
        target = max(2, round(visits * share))
        under_way = min(len(places), target - fill.visits - 1)
        began = time.perf_counter()
        await _fill_past(fill, target - under_way, say)
        now = await fill.begin_today(under_way)
        found.filling_s += time.perf_counter() - began
        await _settle(database)
        found.sizes.append(Size(fill.visits, await _octets(database)))
        operations = Operations(database, store, fill, flows, now, rng)
        say(f"{fill.visits:,} visits: measuring")
        found.rows += await operations.measure(sample)
        await operations.end_today()
    found.database = await _name(database)
    found.changes = fill.changes
    ids = await proof.some_visits(database, PROVEN, rng)
    found.proven = len(ids)
    found.findings = [str(each) for each in await proof.findings(database, ids)]
    return found


async def _fill_past(fill: Fill, visits: int, say: Callable[[str], None]) -> None:
    told = time.perf_counter()
    while fill.visits < visits:
        await fill.past_day(min(VISITS_A_DAY, visits - fill.visits))
        if time.perf_counter() - told >= TELL_EVERY_S:
            told = time.perf_counter()
            say(f"{fill.visits:,} visits filled in")


async def _settle(database: Database) -> None:
    """PostgreSQL counts its rows in the background, within minutes; here all come at once."""
    async with database.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text("ANALYZE"))


async def _octets(database: Database) -> int:
    async with database.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            size = await session.scalar(text("SELECT pg_database_size(current_database())"))
            return int(size or 0)
        pages = await session.scalar(text("PRAGMA page_count"))
        each = await session.scalar(text("PRAGMA page_size"))
        return int(pages or 0) * int(each or 0)


async def _name(database: Database) -> str:
    async with database.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            version = await session.scalar(text("SHOW server_version"))
            return f"PostgreSQL {version}"
        return f"SQLite {await session.scalar(text('SELECT sqlite_version()'))}"
