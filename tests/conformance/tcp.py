"""Clients of the plane behind real TCP connections on loopback."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from vcs.media.description import Extensions, SrtpProfile
from vcs.media.framing import FrameReader, frame
from vcs.plane import SocketId

from .loopback import EXTENSIONS, V4, Bench, Client


def connection(
    receive_octets: int | None = None, host: str = "127.0.0.1"
) -> tuple[socket.socket, socket.socket]:
    """Both ends, the client's first; `receive_octets` is about what its kernel keeps for it, `host`
    where it comes from."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        near = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_octets is not None:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_octets)
        near.bind((host, 0))
        near.connect(listener.getsockname())
        near.setblocking(False)
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        far, _ = listener.accept()
    return near, far


def connect(bench: Bench, host: str = "127.0.0.1") -> tuple[SocketId, socket.socket]:
    """A connection that nobody has a path on: the plane's id and the client's end."""
    near, far = connection(host=host)
    bench.accepted.append(far)
    bench.strangers.append(near)
    return bench.plane.add_connection(far), near


class TcpClient(Client):
    """A peer whose one path is a TCP connection. While `stalled` it reads nothing."""

    def __init__(
        self,
        bench: Bench,
        profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM,
        extensions: Extensions = EXTENSIONS,
        receive_octets: int | None = None,
    ) -> None:
        super().__init__(bench.plane, bench.plane.local_port(V4), profile, extensions)
        self.plane.drop_path(self.path)
        self.sock.close()
        self.stalled = False
        self.ended = False
        """The plane has closed the connection."""
        self._reader = FrameReader()
        self.sock, far = connection(receive_octets)
        bench.accepted.append(far)
        bench.clients.append(self)
        self.address = self.sock.getsockname()
        self.connection = self.plane.add_connection(far)
        self.path = self.plane.add_path(self.connection, self.address)
        self.plane.bind(self.id, self.path)

    def put(self, wire: bytes) -> None:
        self.sock.sendall(frame(wire))

    def take(self) -> Iterator[bytes]:
        while not self.stalled and not self.ended:
            try:
                data = self.sock.recv(65_536)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            self.ended = not data
            yield from map(bytes, self._reader.feed(data))


def closed(near: socket.socket) -> bool:
    """The other end has closed the connection."""
    with contextlib.suppress(BlockingIOError):
        try:
            return near.recv(65_536) == b""
        except ConnectionError:
            return True
    return False
