"""The package as `pip install .` makes it, so that what is measured is what runs in a branch: with
the packet plane compiled, where there is a C compiler."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_SOURCES: Final = ("hatch_build.py", "pyproject.toml", "README.md", "vcs", "web")


class CannotInstall(Exception):
    """pip could not. The text is what it said."""


def installed() -> Path:
    """The folder to import it from, made anew when the sources have changed. Raises
    `CannotInstall`."""
    folder = ROOT / "build" / f"installed-{_digest()}"
    if folder.is_dir():
        return folder
    print("installing the package as it will be measured (a minute)", file=sys.stderr)
    folder.parent.mkdir(exist_ok=True)
    for old in folder.parent.glob("installed-*"):
        shutil.rmtree(old)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        done = subprocess.run(
            (
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
                *("--disable-pip-version-check", "--target", made, str(ROOT)),
            ),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CannotInstall(done.stderr[-4000:])
        shutil.copytree(made, folder)
    return folder


def _digest() -> str:
    plain = os.environ.get("VCS_COMPILE") == "0"
    told = hashlib.sha256(f"{sys.version} {plain}".encode())
    for name in _SOURCES:
        top = ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                told.update(str(path.relative_to(ROOT)).encode())
                told.update(path.read_bytes())
    return told.hexdigest()[:16]
