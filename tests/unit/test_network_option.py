"""Without network namespaces the network tests fail in words, unless they are left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONE = "test_untouched_everything_arrives_at_once"


def run(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """On a machine that has no `unshare`."""
    return subprocess.run(
        (
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-k",
            ONE,
            *options,
            "tests/network",
        ),
        cwd=ROOT,
        env={**os.environ, "PATH": str(directory)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_namespaces_they_fail_in_words(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1
    assert "no network tests here: unshare is missing" in done.stdout


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "--without-network")
    assert "left out by --without-network" in done.stdout
    assert f"tests/network/test_link.py::{ONE}" in done.stdout
