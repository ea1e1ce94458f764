"""The media port: sockets for IPv4 and IPv6, UDP and TCP, with one number; its ICE candidates."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Final

from aioice.ice import get_host_addresses

from vcs.transport.ice import SocketId

BUFFER_OCTETS: Final = 4 << 20
"""Half a second of sixteen desks. The kernel gives what net.core.rmem_max allows."""

_TRIES: Final = 16
_MOST_WANTED: Final = 65_536
_BACKLOG: Final = 128
_HOST: Final = 126
_TCP_HOST: Final = 90
"""Type preferences (RFC 8445 section 5.1.2.2): TCP below all UDP (RFC 6544 section 4.2)."""

_PASSIVE: Final = 4 << 13
"""Direction preference (RFC 6544 section 4.2)."""

_LOOPBACK: Final = {4: "127.0.0.1", 6: "::1"}
_ABSENT: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


class PortUnavailable(Exception):
    """The media port cannot be opened. The text says why, in words for who runs the server."""


def open_sockets(
    port: int,
    ipv4: str | None = "0.0.0.0",  # noqa: S104  (clients come from anywhere)
    ipv6: str | None = "::",
) -> dict[SocketId, socket.socket]:
    """Bound non-blocking UDP sockets with the same port number: 0 for IPv4, 1 for IPv6.

    Port 0 takes a number that is free for both. None leaves a family out; one that this machine
    lacks is left out too, unless nothing remains. Raises `PortUnavailable`.
    """
    hosts = {number: host for number, host in enumerate((ipv4, ipv6)) if host is not None}
    for _ in range(_TRIES):
        opened: dict[SocketId, socket.socket] = {}
        chosen = port
        try:
            for number, host in hosts.items():
                bound = _open(chosen, host)
                if bound is not None:
                    opened[number] = bound
                    chosen = bound.getsockname()[1]
        except PortUnavailable:
            for bound in opened.values():
                bound.close()
            if port == 0 and opened:
                continue  # free for one family and taken in the other: another number
            raise
        if opened:
            return opened
        raise PortUnavailable(f"this machine has none of: {', '.join(hosts.values())}")
    raise PortUnavailable("found no UDP port number that is free for IPv4 and IPv6 alike")


def open_port(
    port: int,
    ipv4: str | None = "0.0.0.0",  # noqa: S104  (clients come from anywhere)
    ipv6: str | None = "::",
    *,
    tcp: bool = True,
) -> tuple[dict[SocketId, socket.socket], dict[SocketId, socket.socket]]:
    """`open_sockets`, and with `tcp` listening sockets beside them: the same addresses, the same
    number. Raises `PortUnavailable`."""
    for _ in range(_TRIES):
        sockets = open_sockets(port, ipv4, ipv6)
        if not tcp:
            return sockets, {}
        listening: dict[SocketId, socket.socket] = {}
        try:
            for number, bound in sockets.items():
                listening[number] = _open_listener(bound)
        except PortUnavailable:
            for opened in (*sockets.values(), *listening.values()):
                opened.close()
            if port == 0:
                continue  # free for UDP and taken for TCP: another number
            raise
        return sockets, listening
    raise PortUnavailable("found no port number that is free for UDP and TCP alike")


def candidates(
    public_addresses: Sequence[str],
    sockets: Mapping[SocketId, socket.socket],
    *,
    tcp: bool = False,
) -> list[str]:
    """Values of `a=candidate` (RFC 8839 section 5.1), most wanted first; with `tcp` passive ones of
    TCP too (RFC 6544 section 4.5), for the same addresses and port.

    `public_addresses` from the settings; when there are none, the machine's own addresses that the
    sockets hear on: of all interfaces, loopback last, so that a browser on the same machine
    connects too. Raises `ValueError` for what is no IP address.
    """
    port = next(iter(sockets.values())).getsockname()[1]
    addresses = [ipaddress.ip_address(address) for address in public_addresses]
    if not addresses:
        for bound in sockets.values():
            addresses += _heard_on(ipaddress.ip_address(bound.getsockname()[0]))
        addresses.sort(key=lambda address: address.is_loopback)
    lines = [
        f"{number} 1 udp {_priority(_HOST, _MOST_WANTED - number)} {address} {port} typ host"
        for number, address in enumerate(addresses, 1)
    ]
    if tcp:
        lines += [
            f"{number + len(addresses)} 1 tcp {_priority(_TCP_HOST, _PASSIVE + 8192 - number)}"
            f" {address} {port} typ host tcptype passive"
            for number, address in enumerate(addresses, 1)
        ]
    return lines


_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def _open(port: int, host: str) -> socket.socket | None:
    """None when the machine lacks the address family."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise PortUnavailable(f"cannot open a UDP socket: {error.strerror}") from None
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_OCTETS)
        opened.setblocking(False)
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        if error.errno in _ABSENT and family == socket.AF_INET6:
            return None
        raise PortUnavailable(_why(error, port, host)) from None
    return opened


def _open_listener(beside: socket.socket) -> socket.socket:
    host, port = beside.getsockname()[:2]
    opened = None
    try:
        opened = socket.socket(beside.family, socket.SOCK_STREAM)
        # Connections that have just ended do not hinder a start.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if beside.family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setblocking(False)
        opened.bind((host, port))
        opened.listen(_BACKLOG)
    except OSError as error:
        if opened is not None:
            opened.close()
        reason = _why(error, port, host, "TCP")
        if error.errno == errno.EADDRINUSE:
            reason += " Or switch media over TCP off (media_tcp = false)."
        raise PortUnavailable(reason) from None
    return opened


def _why(error: OSError, port: int, host: str, protocol: str = "UDP") -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{protocol} port {port} on {host} is in use by another program. Stop that program "
            f"(`ss -l{protocol[0].lower()}np 'sport = :{port}'` names it) or choose another media "
            "port."
        )
    if error.errno == errno.EACCES:
        return f"{protocol} port {port} needs more rights. Choose a media port above 1023."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine does not have the address {host}"
    return f"cannot bind {protocol} port {port} on {host}: {error.strerror}"


def _heard_on(host: _Ip) -> list[_Ip]:
    """A socket that is bound to `host` hears on these: itself, or all of the machine's."""
    if not host.is_unspecified:
        return [host]
    own = get_host_addresses(use_ipv4=host.version == 4, use_ipv6=host.version == 6)
    return [ipaddress.ip_address(address) for address in (*own, _LOOPBACK[host.version])]


def _priority(type_preference: int, local_preference: int) -> int:
    """Of a candidate for RTP (RFC 8445 section 5.1.2.1)."""
    return (type_preference << 24) + (local_preference << 8) + 255
