"""What is installed does what the sources do: compiled, it passes the same tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.installed import ROOT, installed

DERIVES = "test_by_the_draft_alone_ten_percent_would_starve_it"
ASKED = "tests/conformance", "tests/unit/plane", "tests/unit/media"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installed package with the tests beside it, and no sources of ours."""
    monkeypatch.setenv("VCS_COMPILE", "1")
    shutil.copytree(installed(), tmp_path, dirs_exist_ok=True)
    for name in ("tests", "benchmarks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        (sys.executable, *words), cwd=folder, env=environment, capture_output=True, text=True
    )


def test_the_compiled_plane_passes_what_the_sources_pass(elsewhere: Path) -> None:
    asked = run(elsewhere, "-c", "from vcs.plane.python import COMPILED; print(COMPILED)")
    assert asked.stdout == "True\n", asked.stderr

    itself = f"--deselect=tests/conformance/{Path(__file__).name}"
    # It puts a class of its own under a compiled one, which mypyc does not allow.
    other = "--deselect=tests/unit/media/estimate/test_bandwidth.py::" + DERIVES
    done = run(elsewhere, "-m", "pytest", "-q", "-p", "no:cacheprovider", itself, other, *ASKED)

    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
