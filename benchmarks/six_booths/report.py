"""The result of a run: as JSON, as a table, and as a verdict."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.server_process import Cost
from benchmarks.six_booths.tally import TIMES, Tally

PERCENTILES: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
BAR_MS: Final = 150.0
SHOWN_FINDINGS: Final = 12

ORDINARY_DROPS: Final = frozenset(
    {"drop_no_route", "drop_key_frame_awaited", "drop_temporal_layer", "drop_unknown_ssrc"}
)
"""Packets that nobody was to get: no loss."""

WORDS: Final = {
    "switch_to_booth_ms": "command to first sound at the new booth",
    "switch_to_officer_ms": "command to first sound at the officer",
    "old_booth_silent_ms": "old booth silent",
    "join_ms": "booth: connect to media up",
    "page_join_ms": "booth page: navigation to media up",
    "aloud_at_booth_ms": "until that booth's loudspeaker plays it",
    "aloud_at_officer_ms": "until the officer's loudspeaker plays it",
    "acknowledged_ms": "command to acknowledgement",
    "page_ms": "of it in the page: key to socket",
    "own_lag_ms": "delay of this measuring process itself",
}


def percentile(values: Sequence[float], share: float) -> float | None:
    """By nearest rank: a value that was measured; None of none."""
    if not values:
        return None
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]


def summary(values: Sequence[float]) -> dict[str, Any]:
    """p50, p95, p99 and how many there were; milliseconds with two decimals."""
    shares = {name: percentile(values, share) for name, share in PERCENTILES.items()}
    return {
        **{name: None if value is None else round(value, 2) for name, value in shares.items()},
        "count": len(values),
    }


def machine() -> dict[str, Any]:
    """What it ran on, and when."""
    return {
        "day": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def result(
    tally: Tally,
    cost: Cost,
    before: Mapping[str, float],
    after: Mapping[str, float],
    **circumstances: Any,
) -> dict[str, Any]:
    """Everything that was measured. `before` and `after` are the server's own numbers."""
    grown = {name: after[name] - before.get(name, 0.0) for name in after}
    drops = {
        name: int(count)
        for name, count in sorted(grown.items())
        if name.startswith("drop_") and count and name not in ORDINARY_DROPS
    }
    return {
        **circumstances,
        "seconds": round(cost.seconds, 1),
        "switches": tally.switches,
        "holds": tally.holds,
        "announcements": tally.announcements,
        "refused": tally.refused,
        "interruptions": tally.interruptions,
        "unheard": tally.unheard,
        "leaks": len(tally.findings),
        "findings": [str(finding) for finding in tally.findings],
        "late_packets": tally.late_packets,
        "lost_packets": tally.lost_packets,
        "expected_packets": tally.expected_packets,
        "server_drops": drops,
        "server_packets_in_per_s": round(grown.get("packets_in", 0.0) / cost.seconds),
        "server_packets_out_per_s": round(grown.get("packets_out", 0.0) / cost.seconds),
        "server_cpu_percent": round(cost.cpu_percent, 1),
        "server_rss_mb": round(cost.rss_mb, 1),
        "server_loop_lag_ms": round(1000 * after.get("loop_lag_seconds", 0.0), 2),
        **{name: summary(values) for name, values in tally.times.items()},
        "machine": machine(),
    }


class Check(NamedTuple):
    """One thing that must hold."""

    words: str
    holds: bool


def checks(found: Mapping[str, Any]) -> list[Check]:
    """What decides the exit code. The times have a bar in real browsers alone: without one, no
    loudspeaker was heard."""
    must = [
        Check(f"no leak ({found['leaks']})", found["leaks"] == 0),
        Check(f"no late packet ({found['late_packets']})", found["late_packets"] == 0),
        Check(
            f"everybody heard who is on air ({found['unheard']} not within 3 s)",
            found["unheard"] == 0 and found["switches"] > 0,
        ),
    ]
    if found["browser"]:
        must += [
            Check(
                f"{WORDS[name]}: p95 {_number(found[name]['p95'])} ms, {BAR_MS:.0f} or less",
                found[name]["p95"] is not None and found[name]["p95"] <= BAR_MS,
            )
            for name in ("switch_to_booth_ms", "switch_to_officer_ms", "old_booth_silent_ms")
        ]
    return must


def table(found: Mapping[str, Any]) -> str:
    """For people."""
    on = found["machine"]
    lines = [
        f"Six booths: {found['what']}",
        f"{on['day']}; {on['cores']} cores ({on['processor']}), Python {on['python']}, "
        f"{on['kernel']}; seed {found['seed']}",
        f"cores busy {found['machine_busy_percent']} %, with this measurement "
        f"{found['own_share_percent']} %; load {on['load_average'][0]:.1f}",
        "",
        f"{'milliseconds':<44}{'p50':>9}{'p95':>9}{'p99':>9}{'count':>8}",
    ]
    names = [*TIMES, *(name for name in WORDS if name not in TIMES and name in found)]
    for name in names:
        times = found[name]
        words = WORDS[name]
        if name == "old_booth_silent_ms":
            words += f" (from the {found['old_booth_silent_from']})"
        lines.append(
            f"{words:<44}"
            + "".join(f"{_number(times[share]):>9}" for share in PERCENTILES)
            + f"{times['count']:>8}"
        )
    lost, expected = found["lost_packets"], found["expected_packets"]
    facts = {
        "switches": f"{found['switches']} in {found['seconds']} s, beside {found['holds']} holds "
        f"and {found['announcements']} announcements",
        "leaks": found["leaks"],
        "late packets": found["late_packets"],
        "lost packets": f"{lost} of {expected}",
        "server CPU": f"{found['server_cpu_percent']} % of one core, for "
        f"{found['server_packets_in_per_s']} packets/s in and "
        f"{found['server_packets_out_per_s']} out",
        "server memory": f"{found['server_rss_mb']} MB",
        "server loop lag": f"{found['server_loop_lag_ms']} ms at most, of late",
        "server drops": found["server_drops"] or "none",
    }
    for name in ("refused", "interruptions"):
        if found[name]:
            facts[name] = found[name]
    lines += ["", *(f"{name:<18}{value}" for name, value in facts.items())]
    if found["findings"]:
        shown = found["findings"][:SHOWN_FINDINGS]
        lines += ["", *(f"  ! {finding}" for finding in shown)]
        if len(found["findings"]) > len(shown):
            lines.append(f"  ! and {len(found['findings']) - len(shown)} more")
    lines += ["", *(f"{'pass' if holds else 'FAIL'}  {words}" for words, holds in checks(found))]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open() as info:
            for line in info:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
