"""The client's one UDP socket, whichever address families the server's candidates have."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Final

from vcs.transport.stun import Address

BUFFER_OCTETS: Final = 1 << 20


def open_socket(family: int, candidates: Sequence[Address] = ()) -> socket.socket:
    """A non-blocking socket on any free port. AF_UNSPEC takes IPv4 when all candidates are of it,
    else IPv6 for both families where the machine has it. Raises `OSError`."""
    if family == socket.AF_UNSPEC:
        only_ipv4 = all(_is_ipv4(host) for host, _ in candidates)
        family = socket.AF_INET if only_ipv4 or not _has_ipv6() else socket.AF_INET6
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_OCTETS)
        opened.setblocking(False)
        opened.bind(("", 0))
    except OSError:
        opened.close()
        raise
    return opened


def native(candidates: Sequence[Address], family: int) -> list[Address]:
    """The candidates that a socket of this family reaches, written as it gives them back."""
    if family == socket.AF_INET:
        return [(host, port) for host, port in candidates if _is_ipv4(host)]
    return [(f"::ffff:{host}" if _is_ipv4(host) else host, port) for host, port in candidates]


def _is_ipv4(host: str) -> bool:
    return ipaddress.ip_address(host).version == 4


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("", 0))
    except OSError:
        return False
    return True
