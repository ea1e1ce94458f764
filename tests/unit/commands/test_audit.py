from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.commands.conftest import Vcs
from tests.unit.store.material import Teller
from vcs.store import Store


async def _visit(data_dir: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{data_dir / 'vcs.db'}")
    branch = await store.branches.add("Cilandak")
    desk = (await store.branches.desks(branch.id))[0]
    place = await store.booths.add(desk.id, 1)
    officer = await store.officers.add(
        name="sari", display_name="Sari", password_hash="h", branch_id=branch.id
    )
    await Teller(store, desk, place, officer.id, datetime.now(UTC), 7).begin()
    await store.close()


def test_heads_are_written_and_the_audit_is_verified(vcs: Vcs, tmp_path: Path) -> None:
    assert vcs("audit head").output == "Nothing has changed since the last head.\n"
    asyncio.run(_visit(tmp_path / "data"))
    assert "Head 1 over 1 visits: " in vcs("audit head").output
    assert "Nothing has changed" in vcs("audit head").output
    clean = vcs("audit verify")
    assert clean.exit_code == 0
    assert clean.output == "In order: 1 visits, 1 audit rows, 1 heads, 0 evidence files.\n"


def test_what_was_touched_is_printed_with_visit_and_row(vcs: Vcs, tmp_path: Path) -> None:
    vcs("audit head")
    asyncio.run(_visit(tmp_path / "data"))
    with sqlite3.connect(tmp_path / "data" / "vcs.db") as database:
        database.execute("UPDATE audit SET actor = 'officer'")
    database.close()
    told = vcs("audit verify")
    assert told.exit_code == 1
    assert "visit 7, row 1: was changed\n" in told.output
    assert "Error: 2 findings in 1 visits, 1 audit rows" in told.output
