"""How busy the machine was during a run, and how much of that was the run's own: times that were
measured on a machine that others kept busy say little."""

from __future__ import annotations

import contextlib
import time

import psutil


class ProcessorUse:
    """From its making until `shares`."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._machine = _machine_seconds()
        self._own = _own_seconds()

    def shares(self) -> tuple[float, float]:
        """Percent of all cores that were busy, and percent that were busy with this measurement:
        server, clients and browser. Processes that have ended meanwhile are not in the latter."""
        available = (time.monotonic() - self._began) * (psutil.cpu_count() or 1)
        busy = 100 * (_machine_seconds() - self._machine) / available
        own = 100 * (_own_seconds() - self._own) / available
        return round(min(100.0, busy), 1), round(max(0.0, own), 1)


def _machine_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _own_seconds() -> float:
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            total += used.user + used.system
    return total
