from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

import vcs.app
from vcs.cli import main
from vcs.config import Settings


def test_serve_takes_the_file_and_what_the_line_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"http_port = 9000\nserver_id = 'x7'\ndata_dir = '{tmp_path}/d'")
    served: list[Settings] = []

    def serve(settings: Settings) -> int:
        served.append(settings)
        return 5

    monkeypatch.setattr(vcs.app, "serve", serve)
    line = ["serve", "--config", str(file), "--host", "::1", "--port", "9100", "--self-signed"]
    assert CliRunner().invoke(main, line).exit_code == 5
    (settings,) = served
    assert (settings.http_host, settings.http_port) == ("::1", 9100)
    assert settings.self_signed
    assert settings.server_id == "x7"
    assert settings.data_dir.is_dir()


def test_a_bad_setting_stops_serve_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCS_MEDIA_PORT", "70000")
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: media_port: 70000 was given; allowed: ")


def test_python_m_vcs_is_the_same_and_imports_no_codecs() -> None:
    script = (
        "import runpy, sys\n"
        "sys.argv = ['vcs', '--version']\n"
        "try:\n    runpy.run_module('vcs', run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'av' not in sys.modules and 'aiortc' not in sys.modules\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert version("vcs") in result.stdout
