"""`bare_copy` as a server under load."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from typing import Final

from benchmarks.forwarding.call import Call
from benchmarks.forwarding.desk import BOOTHS, CannotServe, Desk, booth_number, officer_number
from benchmarks.forwarding.namespace import ADDRESS
from vcs.media.description import Kind
from vcs.transport.stun import Address

PORT: Final = 40_000


class FloorServer:
    """See `desk.Server`. Everybody has one socket, and the copies keep the SSRC of who sent."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._last_ssrc = 0

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.forwarding.bare_copy", ADDRESS, str(PORT),
            stdin=PIPE, stdout=PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        if await self._process.stdout.readline() != b"ready\n":
            raise CannotServe("the bare copy did not start")

    async def open_desk(self, number: int) -> Desk:
        desk = Desk()
        booths = [booth_number(number, slot) for slot in range(1, BOOTHS + 1)]
        officer = self._join(desk, officer_number(number), booths)
        addresses = [self._join(desk, booth, [officer_number(number)]) for booth in booths]
        rows = [(officer, addresses), *((address, [officer]) for address in addresses)]
        assert self._process is not None
        assert self._process.stdin is not None
        for row in rows:
            self._process.stdin.write(json.dumps(row).encode() + b"\n")
        await self._process.stdin.drain()
        return desk

    def _join(self, desk: Desk, number: int, allowed: list[int]) -> Address:
        call = Call(None, allowed)
        address = call.listen(ADDRESS)
        call.connect_bare((ADDRESS, PORT))
        desk.calls.append(call)
        ssrcs = {}
        for kind in (Kind.VIDEO, Kind.AUDIO):
            self._last_ssrc += 1
            ssrcs[kind] = self._last_ssrc
        desk.sends(call, number, ssrcs, transport_cc=0)
        return address

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
