"""One row: a server, a number of desks, some seconds of everybody sending."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psutil

from benchmarks.forwarding.desk import IN_PER_S, OUT_PER_S, CannotServe, Desk, Server
from benchmarks.forwarding.pump import Pump

WARM_UP_S: Final = 2.0
SETTLE_S: Final = 0.3
LIMITED_CPU: Final = 0.85
"""Share of a core from which the load, and not the server, is what is measured."""
LIMITED_LATE_MS: Final = 5.0
DELIVERED_AT_LEAST: Final = 0.99
FLOW_WITHIN_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Row:
    """One run. Latencies in microseconds from sending to receiving; `lost` of all packets that
    were to arrive; `strays`: packets that were not authentic, or of somebody not to be heard."""

    server: str
    srtp: str
    desks: int
    cpu_us_per_packet: float
    latency_p50_us: float
    latency_p99_us: float
    lost: int
    strays: int
    delivered: int
    expected: int
    rss_mb: float
    cpu_percent: float
    generator_cpu_percent: float
    generator_late_p99_ms: float
    generator_limited: bool

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


async def measure(
    name: str, srtp: str, make: Callable[[], Server], desks: int, seconds: float
) -> Row:
    """Raises `CannotServe`."""
    server = make()
    opened: list[Desk] = []
    pump: Pump | None = None
    try:
        await server.start()
        for number in range(1, desks + 1):
            desk = await server.open_desk(number)
            opened.append(desk)
        calls = [call for desk in opened for call in desk.calls]
        pump = Pump(calls, [sending for desk in opened for sending in desk.sending])
        for place, call in enumerate(calls):
            call.begin_reports(place / len(calls))
        pump.start()
        await asyncio.sleep(WARM_UP_S)
        # Before the last look at the flow, which takes long enough for what a collection held up
        # to have gone: it would come as a burst that no camera sends.
        gc.collect()
        gc.freeze()
        gc.disable()
        await _flowing(opened, desks)
        process, own = psutil.Process(server.pid), psutil.Process()
        for call in calls:
            call.clear()
        pump.clear()
        cpu, own_cpu, began = _cpu(process), _cpu(own), time.monotonic()
        await asyncio.sleep(seconds)
        took, used, own_used = (
            time.monotonic() - began,
            _cpu(process) - cpu,
            _cpu(own) - own_cpu,
        )
        rss = process.memory_info().rss
        pump.quiet()
        await asyncio.sleep(SETTLE_S)
        return _row(name, srtp, desks, took, used, own_used, rss, opened, pump)
    finally:
        gc.enable()
        gc.unfreeze()
        if pump is not None:
            pump.stop()
        for desk in opened:
            for call in desk.calls:
                call.close()
        await server.stop()


async def _flowing(desks: list[Desk], count: int) -> None:
    """Every way carries what it should. Raises `CannotServe`."""
    deadline = time.monotonic() + FLOW_WITHIN_S
    calls = [call for desk in desks for call in desk.calls]
    while True:
        for call in calls:
            call.clear()
        await asyncio.sleep(0.5)
        arrived = sum(call.received().packets for call in calls)
        if arrived > 0.9 * 0.5 * OUT_PER_S * count:
            return
        if time.monotonic() > deadline:
            raise CannotServe(
                f"{arrived * 2} packets/s arrive where {OUT_PER_S * count} should, "
                f"of {IN_PER_S * count} sent"
            )


def _row(
    name: str,
    srtp: str,
    desks: int,
    took: float,
    used: float,
    own_used: float,
    rss: int,
    opened: list[Desk],
    pump: Pump,
) -> Row:
    received = [call.received() for desk in opened for call in desk.calls]
    delivered = sum(part.packets for part in received)
    expected = round(pump.sent * OUT_PER_S / IN_PER_S)
    # The beginning and the end cut through packets under way; gaps in the numbers do not depend on
    # that, and a stream that stopped shows in the sum.
    missing = max(0, round(DELIVERED_AT_LEAST * expected) - delivered)
    latencies = sorted(us for part in received for us in part.latencies_us or ())
    late = sorted(pump.late_ms)
    late_p99 = late[int(0.99 * (len(late) - 1))] if late else 0.0
    return Row(
        server=name,
        srtp=srtp,
        desks=desks,
        cpu_us_per_packet=1e6 * used / max(1, delivered),
        latency_p50_us=_percentile(latencies, 0.5),
        latency_p99_us=_percentile(latencies, 0.99),
        lost=sum(part.lost for part in received) + missing,
        strays=sum(part.strays for part in received),
        delivered=delivered,
        expected=expected,
        rss_mb=rss / 2**20,
        cpu_percent=100 * used / took,
        generator_cpu_percent=100 * own_used / took,
        generator_late_p99_ms=late_p99,
        generator_limited=own_used / took > LIMITED_CPU
        or late_p99 > LIMITED_LATE_MS
        or pump.left_out > 0,
    )


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))] if ordered else float("nan")


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
