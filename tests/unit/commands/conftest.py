"""`vcs` as it is typed, in a directory of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from vcs.cli import main

Vcs = Callable[..., Result]


@pytest.fixture
def vcs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vcs:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VCS_DATA_DIR", str(tmp_path / "data"))
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("vcs.officer.passwords.PasswordHasher", lambda: cheap)

    def run(line: str, input: str | None = None) -> Result:
        result = CliRunner().invoke(main, line.split(), input=input)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert "Traceback" not in result.output
        return result

    return run
