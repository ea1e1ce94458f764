from __future__ import annotations

import socket

import pytest

from vcs.transport.sockets import PortUnavailable, candidates, open_sockets


def close(sockets: dict[int, socket.socket]) -> None:
    for opened in sockets.values():
        opened.close()


def test_both_families_have_one_number() -> None:
    sockets = open_sockets(0, "127.0.0.1", "::1")
    assert set(sockets) == {0, 1}
    assert [opened.family for opened in sockets.values()] == [socket.AF_INET, socket.AF_INET6]
    assert len({opened.getsockname()[1] for opened in sockets.values()}) == 1
    assert not any(opened.getblocking() for opened in sockets.values())
    close(sockets)


def test_a_named_port_is_taken_and_then_in_use() -> None:
    first = open_sockets(0, "127.0.0.1", None)
    port = first[0].getsockname()[1]
    with pytest.raises(PortUnavailable, match=f"UDP port {port} .* in use"):
        open_sockets(port, "127.0.0.1", "::1")
    close(first)
    second = open_sockets(port, "127.0.0.1", None)
    assert second[0].getsockname()[1] == port
    close(second)


def test_a_number_taken_in_one_family_is_not_chosen() -> None:
    """Port 0 with every IPv4 number that the kernel proposes taken in IPv6 cannot be arranged;
    a named port that is can: it is refused, and nothing stays open."""
    taken = open_sockets(0, None, "::1")
    port = taken[1].getsockname()[1]
    with pytest.raises(PortUnavailable, match="in use"):
        open_sockets(port, "127.0.0.1", "::1")
    again = open_sockets(port, "127.0.0.1", None)
    close(again)
    close(taken)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(PortUnavailable, match=r"192\.0\.2\.99"):
        open_sockets(0, "192.0.2.99", None)


def test_candidates_from_the_settings() -> None:
    sockets = open_sockets(0, "127.0.0.1", None)
    port = sockets[0].getsockname()[1]
    assert candidates(["203.0.113.7", "2001:db8::7"], sockets) == [
        f"1 1 udp 2130706431 203.0.113.7 {port} typ host",
        f"2 1 udp 2130706175 2001:db8::7 {port} typ host",
    ]
    with pytest.raises(ValueError, match="does not appear"):
        candidates(["media.example"], sockets)
    close(sockets)


def test_candidates_of_the_machine() -> None:
    bound = open_sockets(0, "127.0.0.1", "::1")
    assert [line.split()[4] for line in candidates([], bound)] == ["127.0.0.1", "::1"]
    close(bound)
    everywhere = open_sockets(0)
    hosts = [line.split()[4] for line in candidates([], everywhere)]
    assert "127.0.0.1" in hosts
    assert not any(host.startswith("fe80") for host in hosts)
    loopback = [host in ("127.0.0.1", "::1") for host in hosts]
    assert loopback == sorted(loopback)
    close(everywhere)
