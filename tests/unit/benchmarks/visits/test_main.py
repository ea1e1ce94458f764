"""The command from end to end, with few visits."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.visits.__main__ import main


def test_a_small_run_tells_rows_growth_and_the_audit(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    done = CliRunner().invoke(main, ["--visits", "20", "--sample", "1", "--json", str(file)])
    # How fast it is here says nothing.
    assert done.exit_code in (0, 1), done.output
    assert "MB for 1,000 visits" in done.output
    assert ": 0 findings" in done.output
    rows = json.loads(file.read_text())
    assert {row["visits"] for row in rows} == {2, 10, 20}
    assert {"queue", "search", "sheet", "record", "draft"} <= {row["operation"] for row in rows}
    assert all(row.keys() == {"operation", "visits", "p50_ms", "p95_ms"} for row in rows)


def test_what_cannot_be_measured_is_2(tmp_path: Path) -> None:
    file = tmp_path / "vcs.db"
    file.write_text("no database, but long enough to be looked at")
    done = CliRunner().invoke(main, ["--database", f"sqlite+aiosqlite:///{file}"])
    assert done.exit_code == 2
    assert "cannot measure" in done.output
