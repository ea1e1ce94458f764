from __future__ import annotations

import socket

import pytest

from benchmarks.six_booths.gate import Gate, Verdict, drain


def test_a_packet_after_the_word_is_late_until_the_next_command() -> None:
    gate = Gate()
    gate.command(opens=True)
    assert gate.verdict() is Verdict.ALLOWED, "the server opens before it says so"
    gate.told(True)
    gate.settled()
    assert gate.verdict() is Verdict.ALLOWED
    gate.command(opens=False)
    assert gate.verdict() is Verdict.ALLOWED, "not acknowledged yet"
    gate.told(False)
    assert gate.verdict() is Verdict.LATE
    gate.settled()
    assert gate.verdict() is Verdict.LATE
    gate.command(opens=False)
    assert gate.verdict() is Verdict.LEAK


def test_a_path_that_never_was_leaks() -> None:
    gate = Gate()
    assert gate.verdict() is Verdict.LEAK
    gate.told(False)
    assert gate.verdict() is Verdict.LEAK


def test_a_refused_command_opens_nothing() -> None:
    gate = Gate()
    gate.command(opens=True)
    gate.settled()
    assert gate.verdict() is Verdict.LEAK


def test_a_path_that_the_server_ends_by_itself_is_ended() -> None:
    gate = Gate()
    gate.command(opens=True)
    gate.told(True)
    gate.settled()
    gate.told(False)
    assert gate.verdict() is Verdict.LATE
    gate.told(True)
    assert gate.verdict() is Verdict.ALLOWED


class Connection:
    """Reads a few datagrams at a time, as the real one does."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.read: list[bytes] = []
        self.endless = False

    def _readable(self) -> None:
        for _ in range(3):
            try:
                self.read.append(self._socket.recv(100))
            except BlockingIOError:
                return
            if self.endless:
                self._socket.sendto(b"again", self._socket.getsockname())


@pytest.fixture
def connection() -> Connection:
    return Connection()


def test_draining_reads_all_that_has_arrived(connection: Connection) -> None:
    with connection._socket as own:
        for number in range(10):
            own.sendto(bytes([number]), own.getsockname())
        drain(connection)  # type: ignore[arg-type]
        assert connection.read == [bytes([number]) for number in range(10)]


def test_a_socket_that_never_runs_dry_cannot_be_judged(connection: Connection) -> None:
    connection.endless = True
    with connection._socket as own:
        own.sendto(b"first", own.getsockname())
        with pytest.raises(RuntimeError, match="never runs dry"):
            drain(connection)  # type: ignore[arg-type]
