"""Our sockets, and the remote addresses that ICE has validated."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from vcs.plane import Address, PathId, SocketId
from vcs.plane.datagrams import Destination, ReceiveBatch, SendBatch, key_of, sockaddr

if TYPE_CHECKING:
    from vcs.plane.peer import Peer

_MAPPED: Final = "::ffff:"


def canonical(address: Address) -> Address:
    """The address as the system would print it; an IPv4 address mapped into IPv6 (RFC 4291 section
    2.5.5.2) becomes IPv4. Raises `ValueError` for what is no address."""
    host, port = address
    if not 0 < port < 1 << 16:
        raise ValueError("not a port")
    host = host.partition("%")[0]
    try:
        if ":" not in host:
            return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, host)), port
        host = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host))
    except OSError as error:
        raise ValueError("not an address") from error
    return (host[len(_MAPPED) :] if host.startswith(_MAPPED) and "." in host else host), port


class MediaSocket:
    """One bound UDP socket of ours, or a TCP connection, and its paths by remote address.

    `send(data, destination)` raises what `sendto` does. `remote` is a connection's only address.
    `held`: no picture is wanted now; never true of a UDP socket. `incoming`, `outgoing` and
    `by_source` (the paths by `key_of` their addresses) are a UDP socket's.
    """

    __slots__ = (
        "by_source",
        "held",
        "id",
        "incoming",
        "outgoing",
        "paths",
        "remote",
        "send",
        "six",
        "sock",
    )

    def __init__(self, identifier: SocketId, sock: socket.socket) -> None:
        self.id = identifier
        self.sock = sock
        self.send: Callable[[bytes | memoryview, Address], int] = sock.sendto
        self.remote: Address | None = None
        self.six = sock.family == socket.AF_INET6
        self.paths: dict[Address, Path] = {}
        self.by_source: dict[int, Path] = {}
        self.held = False
        self.incoming: ReceiveBatch | None = None
        self.outgoing: SendBatch | None = None
        if sock.type == socket.SOCK_DGRAM:
            self.incoming, self.outgoing = ReceiveBatch(sock), SendBatch(sock)

    def source(self, raw: tuple[str, int] | tuple[str, int, int, int]) -> Address:
        """The address of a datagram as the contract writes it."""
        host = raw[0]
        if host.startswith(_MAPPED) and "." in host:
            host = host[len(_MAPPED) :]
        elif "%" in host:
            host = host.partition("%")[0]
        return host, raw[1]

    def destination(self, address: Address) -> Address:
        """The address as `sendto` of this socket wants it. Raises `ValueError` for IPv6 on a
        socket that has none, and for any but the one of a connection."""
        if self.remote is not None:
            if address != self.remote:
                raise ValueError("not the other end of this connection")
            return address
        if ":" in address[0]:
            if not self.six:
                raise ValueError("an IPv6 address on an IPv4 socket")
            return address
        return (_MAPPED + address[0], address[1]) if self.six else address


class Path:
    """A socket with a remote address. `peer` is who may send and be sent media on it."""

    __slots__ = ("_name", "address", "destination", "id", "key", "peer", "place", "send", "socket")

    def __init__(self, identifier: PathId, on: MediaSocket, address: Address) -> None:
        self.id = identifier
        self.socket = on
        self.address = address
        self.destination = on.destination(address)
        self.send = on.send
        self.peer: Peer | None = None
        name = sockaddr(address, six=on.six)
        self.key = key_of(name)
        self._name = Destination(name)
        self.place = self._name.place


class PathTable:
    """All sockets and all paths."""

    __slots__ = ("_next", "by_id", "sockets")

    def __init__(self, sockets: Mapping[SocketId, socket.socket]) -> None:
        self.sockets: dict[SocketId, MediaSocket] = {
            key: MediaSocket(key, sock) for key, sock in sockets.items()
        }
        self.by_id: dict[PathId, Path] = {}
        self._next = 1

    def add(self, socket_id: SocketId, address: Address) -> PathId:
        on = self.sockets[socket_id]
        address = canonical(address)
        path = on.paths.get(address)
        if path is None:
            path = Path(PathId(self._next), on, address)
            self._next += 1
            on.paths[address] = on.by_source[path.key] = path
            self.by_id[path.id] = path
        return path.id

    def attach(self, on: MediaSocket) -> None:
        """A further socket."""
        self.sockets[on.id] = on

    def detach(self, socket_id: SocketId) -> None:
        """The socket and its paths are gone."""
        on = self.sockets.pop(socket_id)
        for path in list(on.paths.values()):
            self.drop(path.id)

    def drop(self, path_id: PathId) -> None:
        path = self.by_id.pop(path_id)
        del path.socket.paths[path.address]
        del path.socket.by_source[path.key]
        self.unbind(path)

    def bind(self, path_id: PathId, peer: Peer) -> None:
        path = self.by_id[path_id]
        if path.peer is not peer:
            self.unbind(path)
            path.peer = peer
        peer.path = path

    def unbind(self, path: Path) -> None:
        """The path belongs to no peer any more, and none sends on it."""
        if path.peer is not None and path.peer.path is path:
            path.peer.path = None
        path.peer = None

    def forget_peer(self, peer: Peer) -> None:
        for path in self.by_id.values():
            if path.peer is peer:
                self.unbind(path)
