from __future__ import annotations

import subprocess
import sys

from vcs.booth.crowd import habits_of


def test_the_process_ends_with_its_input() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "vcs.booth.crowd"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    out, _ = process.communicate(b'{"numbers": [], "frame_rate": 15}\n', timeout=30)
    assert (process.returncode, out) == (0, b"")


def test_visitors_sit_down_one_after_another() -> None:
    starts = [habits_of(number).start for number in range(1, 7)]
    assert starts == sorted(set(starts))
    assert starts[-1] < 5
