"""What is installed does what the sources do: compiled, it passes the same tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.installed import ROOT, installed

DERIVING = (
    "estimate/test_bandwidth.py::test_by_the_draft_alone_ten_percent_would_starve_it",
    "test_twcc.py::test_the_short_way_says_what_the_long_one_says",
)
"""They put a class of their own under a compiled one, which mypyc does not allow."""
HUB = ("connection", "downlink", "feedback", "layers", "privacy", "sfu", "two_desks")
ASKED = (
    *("tests/conformance", "tests/unit/plane", "tests/unit/media"),
    *(f"tests/unit/test_{name}.py" for name in HUB),
)


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
    others = [f"--deselect=tests/unit/media/{name}" for name in DERIVING]
    done = run(elsewhere, "-m", "pytest", "-q", "-p", "no:cacheprovider", itself, *others, *ASKED)

    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
