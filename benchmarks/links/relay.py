"""The process that is an emulated link: it moves packets between two TUN devices, each the way out
of a network namespace, as two channels say.

    python -m benchmarks.links.relay        (started by `benchmarks.links.link`)

The namespace that it is started in is the server's side; the client's side is a new one that it
makes. Standard input is a socket: a JSON object in a line for each command, one in a line as the
answer. The process ends with that socket, and the client's namespace with the processes in it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.links.channel import Channel
from benchmarks.links.shape import BadShape, Shape

CONGESTION_CONTROLS: Final = ("cubic", "reno")
"""Debian's, or what comes next to it. This machine may have another default, and a TURN server has
what there is."""
_CONGESTION_CONTROL: Final = Path("/proc/sys/net/ipv4/tcp_congestion_control")
DEVICE: Final = "link0"
SERVER_ADDRESS: Final = "10.78.0.1"
CLIENT_ADDRESSES: Final = ("10.78.1.1", "10.78.2.1")
"""The client has the first; the second is for a change of address."""
DIRECTIONS: Final = ("down", "up")
"""To the client, and from it."""

_CLONE_NEWNET: Final = 0x40000000
_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x0001
_IFF_NO_PI: Final = 0x1000
_DRAIN: Final = 64
"""Packets read from one device before those that are due are passed on."""
_LARGEST: Final = 65_535
_PRIORITY: Final = 1
_LONGEST_WAIT_S: Final = 1.0


def main() -> None:
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        server_namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
        server = _open_side(f"{SERVER_ADDRESS}/16")
        _unshare_network()
        client = _open_side(f"{CLIENT_ADDRESSES[0]}/24")
        _ip("route", "add", "default", "dev", DEVICE, "src", CLIENT_ADDRESSES[0])
        _go_first()
        pid = os.getpid()
        ready = {
            "server": f"/proc/{pid}/fd/{server_namespace}",
            "client": f"/proc/{pid}/ns/net",
        }
        control.sendall(json.dumps(ready).encode() + b"\n")
        _Relay(server, client, control).run()


class _Relay:
    def __init__(self, server: int, client: int, control: socket.socket) -> None:
        self._channels = {name: Channel(Shape(), seed) for seed, name in enumerate(DIRECTIONS, 1)}
        self._ways = (
            (server, self._channels["down"], client),
            (client, self._channels["up"], server),
        )
        self._control = control
        self._unread = b""

    def run(self) -> None:
        """Returns when the control socket is closed. `select` waits with the kernel's fine timer:
        epoll and poll know whole milliseconds alone."""
        devices = [source for source, _, _ in self._ways]
        watched = [*devices, self._control.fileno()]
        while True:
            wait = min(channel.next_at() for channel in self._channels.values()) - time.monotonic()
            ready, _, _ = select.select(watched, [], [], min(_LONGEST_WAIT_S, max(0.0, wait)))
            if self._control.fileno() in ready and not self._obey():
                return
            for source, channel, sink in self._ways:
                if source in ready:
                    _drain(source, channel)
                for packet in channel.take(time.monotonic()):
                    # A device whose queue is full, or an interface that is down, loses a packet.
                    with contextlib.suppress(OSError):
                        os.write(sink, packet)

    def _obey(self) -> bool:
        data = self._control.recv(65_536)
        if not data:
            return False
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            try:
                answer = self._answer(json.loads(line))
            except (BadShape, KeyError) as error:
                answer = {"error": str(error)}
            self._control.sendall(json.dumps(answer).encode() + b"\n")
        return True

    def _answer(self, command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "report":
            return {
                name: channel.report(reset=command["reset"])
                for name, channel in self._channels.items()
            }
        shapes = {name: Shape.from_json(fields) for name, fields in command["shapes"].items()}
        for name, shape in shapes.items():
            self._channels[name].reshape(shape, time.monotonic())
        return {}


def _drain(source: int, channel: Channel) -> None:
    for _ in range(_DRAIN):
        try:
            packet = os.read(source, _LARGEST)
        except BlockingIOError:
            return
        if packet[0] >> 4 == 4:  # the kernel's own IPv6 noise is not the link's
            channel.put(packet, time.monotonic())


def _open_side(address: str) -> int:
    """The way out of the present namespace."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    request = struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI)
    fcntl.ioctl(device, _TUNSETIFF, request)
    _ip("link", "set", "lo", "up")
    _ip("addr", "add", address, "dev", DEVICE)
    _ip("link", "set", DEVICE, "mtu", "1500", "up")
    _choose_congestion_control()
    return device


def _choose_congestion_control() -> None:
    for name in CONGESTION_CONTROLS:
        try:
            _CONGESTION_CONTROL.write_text(name)
        except OSError:  # a namespace may have what the machine allows everybody
            continue
        return


def _unshare_network() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no second network namespace")


def _go_first() -> None:
    """A link does not wait for the programs that use it: it takes little, and takes it at once,
    where that is allowed."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))


def _ip(*words: str) -> None:
    done = subprocess.run(("ip", *words), capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
