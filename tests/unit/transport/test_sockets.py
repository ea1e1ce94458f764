from __future__ import annotations

import socket

import pytest

from vcs.transport.sockets import PortUnavailable, candidates, open_port, open_sockets


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


def test_tcp_has_the_number_of_udp() -> None:
    sockets, listening = open_port(0, "127.0.0.1", "::1")
    names = {opened.getsockname()[1] for opened in (*sockets.values(), *listening.values())}
    assert len(names) == 1
    assert [opened.type for opened in listening.values()] == [socket.SOCK_STREAM] * 2
    assert not any(opened.getblocking() for opened in listening.values())
    for opened in listening.values():
        with socket.create_connection(opened.getsockname()[:2], timeout=5):
            pass
    close(sockets)
    close(listening)
    sockets, listening = open_port(0, "127.0.0.1", None, tcp=False)
    assert listening == {}
    close(sockets)


def test_a_number_that_is_taken_for_tcp() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortUnavailable, match=f"TCP port {port} .* in use.*media_tcp"):
            open_port(port, "127.0.0.1", None)
        sockets, _ = open_port(port, "127.0.0.1", None, tcp=False)
        close(sockets)


def test_a_port_whose_connections_have_just_ended_is_free() -> None:
    sockets, listening = open_port(0, "127.0.0.1", None)
    port = sockets[0].getsockname()[1]
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        accepted, _ = listening[0].accept()
        accepted.close()  # the side that closes first keeps the number for a minute
    close(sockets)
    close(listening)
    sockets, listening = open_port(port, "127.0.0.1", None)
    close(sockets)
    close(listening)


def test_tcp_candidates_come_last_and_are_wanted_least() -> None:
    sockets = open_sockets(0, "127.0.0.1", None)
    port = sockets[0].getsockname()[1]
    lines = candidates(["203.0.113.7", "2001:db8::7"], sockets, tcp=True)
    assert lines[2:] == [
        f"3 1 tcp 1520435199 203.0.113.7 {port} typ host tcptype passive",
        f"4 1 tcp 1520434943 2001:db8::7 {port} typ host tcptype passive",
    ]
    priorities = [int(line.split()[3]) for line in lines]
    assert priorities == sorted(priorities, reverse=True)
    assert len({line.split()[0] for line in lines}) == 4
    close(sockets)
