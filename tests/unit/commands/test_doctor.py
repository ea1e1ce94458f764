from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Vcs


@pytest.fixture(autouse=True)
def free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCS_HTTP_PORT", "0")
    monkeypatch.setenv("VCS_MEDIA_PORT", "0")
    monkeypatch.setenv("VCS_MEDIA_HOST", "127.0.0.1")


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        yield other


def test_a_machine_that_is_ready(vcs: Vcs) -> None:
    result = vcs("doctor")
    assert result.exit_code == 0, result.output
    assert result.output.count("ok  ") == 7
    assert "missing" not in result.output


def test_everything_that_is_wrong_is_named(
    vcs: Vcs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken: socket.socket
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_bytes(b"short")
    (tmp_path / "data" / "secret.key").chmod(0o600)
    spoilt = tmp_path / "spoilt.pem"
    spoilt.write_text("nothing")
    monkeypatch.setenv("VCS_MEDIA_PORT", str(taken.getsockname()[1]))
    monkeypatch.setenv("VCS_TLS_CERTIFICATE", str(spoilt))
    monkeypatch.setenv("VCS_TLS_KEY", str(spoilt))
    result = vcs("doctor")
    assert result.exit_code == 1
    assert "missing  port for media: port" in result.output
    assert "missing  TLS: tls_certificate, tls_key" in result.output
    assert "missing  data directory and database:" in result.output
    assert "Error: 3 things to mend" in result.output


def test_the_media_port_is_looked_at_for_tcp_too(vcs: Vcs, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("VCS_MEDIA_PORT", str(other.getsockname()[1]))
        assert "cannot be had for TCP" in vcs("doctor").output
        monkeypatch.setenv("VCS_MEDIA_TCP", "no")
        assert vcs("doctor").exit_code == 0


def test_pages_for_others_without_tls_are_remarked(
    vcs: Vcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VCS_HTTP_HOST", "0.0.0.0")
    result = vcs("doctor")
    assert result.exit_code == 0
    assert "browsers give camera and microphone to pages over TLS alone" in result.output


def test_settings_that_are_not_in_order_are_told(vcs: Vcs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCS_HTTP_PORT", "eighty")
    result = vcs("doctor")
    assert result.exit_code == 1
    assert "VCS_HTTP_PORT: 'eighty'" in result.output
