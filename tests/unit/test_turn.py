"""TURN credentials: the draft's construction, and what their names tell."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from vcs.messages import IceServer
from vcs.turn import IceServers, Turn

SECRET = "north-sea-lighthouse"
URLS = ("turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp")
NOW = datetime(2026, 11, 21, 8, 0, 0, 250_000, UTC)
TURN = Turn(URLS, SECRET, 3600.0)


def test_the_password_is_the_mac_of_the_user_name() -> None:
    given = TURN.credentials("booth 12", NOW)
    expected = hmac.new(SECRET.encode(), given.username.encode(), hashlib.sha1).digest()  # type: ignore[union-attr]
    assert given.credential == base64.b64encode(expected).decode()
    assert given.urls == list(URLS)


def test_against_a_mac_worked_out_by_hand() -> None:
    """RFC 2104 in two SHA-1 steps, for the key padded to a block of 64 octets."""
    given = TURN.credentials("booth 12", NOW)
    key = SECRET.encode().ljust(64, b"\0")
    inner = hashlib.sha1(bytes(octet ^ 0x36 for octet in key) + given.username.encode())  # type: ignore[union-attr]
    outer = hashlib.sha1(bytes(octet ^ 0x5C for octet in key) + inner.digest())
    assert base64.b64decode(given.credential or "") == outer.digest()


def test_the_user_name_begins_with_the_end_of_its_time() -> None:
    given = TURN.credentials("booth 12", NOW)
    ends, _, name = (given.username or "").partition(":")
    assert int(ends) == int((NOW + timedelta(hours=1)).timestamp()) == 1_795_251_600
    assert name == TURN.name("booth 12")
    assert given.expires_ms == 3_600_000


def test_a_name_is_always_the_same_and_tells_nothing() -> None:
    names = {TURN.name(f"{kind} {number}") for kind in ("booth", "officer") for number in range(50)}
    assert len(names) == 100
    assert all(len(name) == 16 and set(name) <= set("0123456789abcdef") for name in names)
    assert TURN.name("booth 1") == Turn((), SECRET, 60.0).name("booth 1")
    assert TURN.name("booth 1") != Turn((), "another-secret-here", 60.0).name("booth 1")


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(TURN)


def test_clients_are_told_fixed_servers_and_turn_and_renewed_in_time() -> None:
    stun = IceServer(["stun:stun.example"])
    servers = IceServers([stun], TURN, lambda: NOW)
    first, second = servers.of("officer 3")
    assert first == stun
    assert second == TURN.credentials("officer 3", NOW)
    assert servers.renew_every_s == 1800.0


def test_without_turn_nothing_ends() -> None:
    servers = IceServers([IceServer(["stun:stun.example"])])
    assert servers.renew_every_s is None
    assert [each.expires_ms for each in servers.of("booth 1")] == [None]
    assert IceServers().of("booth 1") == []
