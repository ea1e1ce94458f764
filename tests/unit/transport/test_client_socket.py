from __future__ import annotations

import socket

from vcs.transport.client_socket import native, open_socket

IPV4 = ("127.0.0.1", 5000)
IPV6 = ("::1", 5000)


def test_ipv4_alone() -> None:
    with open_socket(socket.AF_UNSPEC, [IPV4]) as opened:
        assert opened.family == socket.AF_INET
        assert native([IPV4, IPV6], opened.family) == [IPV4]


def test_both_families_through_one_socket() -> None:
    with (
        open_socket(socket.AF_UNSPEC, [IPV6, IPV4]) as opened,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo,
    ):
        echo.bind(("127.0.0.1", 0))
        [address] = native([echo.getsockname()], opened.family)
        opened.sendto(b"there", address)
        data, sender = echo.recvfrom(100)
        assert data == b"there"
        echo.sendto(b"and back", sender)
        opened.setblocking(True)
        opened.settimeout(10)
        data, remote = opened.recvfrom(100)
        assert (data, remote[:2]) == (b"and back", address)
