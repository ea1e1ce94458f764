"""The load test with its pages, small: they get through the screens that visitors see today, and it
measures. Its bars are not held here, where a busy machine would lie."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.timeout(1000)
def test_the_load_test_measures_in_real_pages(tmp_path: Path) -> None:
    written = tmp_path / "found.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.six_booths", "--browser"),
            *("--booths", "3", "--switches", "6", "--json", str(written)),
        ],
        capture_output=True,
        text=True,
        timeout=900,  # where nothing is compiled yet, that comes first
    )
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(written.read_text())
    assert (found["switches"], found["findings"], found["late_packets"]) == (6, [], 0)
    assert found["unheard"] == 0
    assert found["switch_to_booth_ms"]["count"] > 0
    assert found["switch_to_officer_ms"]["count"] > 0
    assert found["aloud_at_officer_ms"]["count"] > 0
