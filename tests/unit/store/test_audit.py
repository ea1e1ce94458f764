from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.unit.store.material import Teller
from vcs.store import NotThere, Store
from vcs.store.audit_heads import AuditHeads
from vcs.visits.changes import Noted

KILLED_AFTER = 12


async def _clean(store: Store, data_dir: Path) -> bool:
    return not [finding async for finding in store.audit_check(data_dir).findings()]


async def test_each_change_and_each_look_has_its_row(teller: Teller, tmp_path: Path) -> None:
    await teller.begin()
    await teller.tell(Noted("one"), Noted("two"))
    await teller.store.audit.looked(teller.visit_id, teller.officer, teller.at)
    await teller.tell(Noted("three"))
    lines = await teller.store.audit.of_visit(teller.visit_id)
    assert [(line.number, line.kind, line.change) for line in lines] == [
        (1, "begun", 1),
        (2, "noted", 2),
        (3, "noted", 3),
        (4, "looked", None),
        (5, "noted", 4),
    ]
    assert (lines[3].actor, lines[3].officer_id) == ("officer", teller.officer)
    assert await _clean(teller.store, tmp_path)
    with pytest.raises(NotThere):
        await teller.store.audit.looked(1, teller.officer, teller.at)


async def test_looks_and_changes_at_once_make_one_chain(teller: Teller, tmp_path: Path) -> None:
    await teller.begin()
    async with asyncio.timeout(60):
        await asyncio.gather(
            teller.tell(Noted("meanwhile")),
            *(
                teller.store.audit.looked(teller.visit_id, teller.officer, teller.at)
                for _ in range(5)
            ),
            teller.store.audit_heads.write(),
        )
    assert len(await teller.store.audit.of_visit(teller.visit_id)) == 7
    await teller.store.audit_heads.write()
    assert await _clean(teller.store, tmp_path)


async def test_heads_are_written_while_the_server_runs_and_at_its_end(
    teller: Teller, tmp_path: Path
) -> None:
    await teller.begin()
    heads = AuditHeads(teller.store._database, lambda: teller.at, every_s=0.01)
    with capture_logs() as lines:
        heads.start()
        async with asyncio.timeout(60):
            while not lines:  # noqa: ASYNC110 (waits for a disk)
                await asyncio.sleep(0.01)
        await heads.stop()
    assert [(line["number"], line["visits"]) for line in lines] == [(1, 1)]
    late = AuditHeads(teller.store._database, lambda: teller.at)
    late.start()
    await teller.tell(Noted("the last thing"))
    await late.stop()
    check = teller.store.audit_check(tmp_path)
    assert [finding async for finding in check.findings()] == []
    assert check.counts.heads == 2


RECORDING = """
import asyncio, itertools, sys
from datetime import UTC, datetime
from vcs.store import Store
from vcs.visits.changes import Noted

async def main() -> None:
    store = await Store.open(sys.argv[1])
    for number in itertools.count(1):
        changes = [Noted(f"{number} a"), Noted(f"{number} b")]
        count = await store.visits.record(
            int(sys.argv[2]), changes, expected=number * 2 - 1, actor="server", officer_id=None,
            at=datetime.now(UTC),
        )
        print(count, flush=True)

asyncio.run(main())
"""


async def test_a_kill_loses_nothing_that_was_acknowledged_and_halves_nothing(
    teller: Teller, database_url: str, tmp_path: Path
) -> None:
    await teller.begin()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RECORDING, database_url, str(teller.visit_id)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert child.stdout is not None
    acknowledged = 0
    async with asyncio.timeout(120):
        while (line := await child.stdout.readline()).endswith(b"\n"):
            acknowledged = int(line)
            if acknowledged == 1 + 2 * KILLED_AFTER:
                child.kill()
        await child.wait()
    assert child.returncode == -9
    assert acknowledged >= 1 + 2 * KILLED_AFTER
    visit = await teller.store.visits.load(teller.visit_id)
    assert visit is not None
    # The one that was being written when it died may be there, whole.
    assert visit.changes in (acknowledged, acknowledged + 2)
    written = [entry.change for entry in visit.log[1:]]
    assert written == [
        Noted(f"{number} {half}") for number in range(1, visit.changes // 2 + 1) for half in "ab"
    ]
    assert await _clean(teller.store, tmp_path)
