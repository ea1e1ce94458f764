"""Rows as a table, medians over repeats, and whether they are within the bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from benchmarks.forwarding.measure import Row

SHARE_OF_JANUS: Final = {1: 0.75, 4: 0.45, 8: 0.40}
"""Most that ours may cost per packet, of what Janus costs in the same run, both with AES_CM."""
P99_OVER_FLOOR_US: Final = {4: 2_000.0}
ALONE_P99_US: Final = {12: 5_000.0}
CM: Final = "AES128_CM_SHA1_80"
GCM: Final = "AEAD_AES_128_GCM"

Check = tuple[bool, str]
Key = tuple[int, str, str]


def medians(rows: Sequence[Row]) -> list[Row]:
    """One row for each server, load and profile: the median of each figure; losses, strays and the
    load's own limit of the worst run."""
    grouped: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.desks, row.server, row.srtp].append(row)
    return [
        replace(
            runs[0],
            **{
                name: median(getattr(row, name) for row in runs)
                for name in (
                    "cpu_us_per_packet",
                    "latency_p50_us",
                    "latency_p99_us",
                    "rss_mb",
                    "cpu_percent",
                    "generator_cpu_percent",
                    "generator_late_p99_ms",
                )
            },
            lost=max(row.lost for row in runs),
            strays=max(row.strays for row in runs),
            delivered=sum(row.delivered for row in runs),
            expected=sum(row.expected for row in runs),
            generator_limited=any(row.generator_limited for row in runs),
        )
        for _, runs in sorted(grouped.items())
    ]


def table(rows: Sequence[Row]) -> str:
    """For people. `share`: of what Janus costs at the same load."""
    lines = [
        f"{'desks':>5}  {'server':<7}{'SRTP':<19}{'us/packet':>9}{'share':>7}"
        f"{'p50 us':>9}{'p99 us':>10}{'lost':>7}{'MB':>6}{'server':>8}{'load':>7}"
    ]
    janus = {row.desks: row.cpu_us_per_packet for row in rows if row.server == "janus"}
    for row in rows:
        beside = janus.get(row.desks)
        share = f"{row.cpu_us_per_packet / beside:.2f}" if beside else "-"
        limited = "  load is the limit" if row.generator_limited else ""
        lines.append(
            f"{row.desks:>5}  {row.server:<7}{row.srtp:<19}{row.cpu_us_per_packet:>9.1f}{share:>7}"
            f"{row.latency_p50_us:>9.0f}{row.latency_p99_us:>10.0f}{row.lost:>7}{row.rss_mb:>6.0f}"
            f"{row.cpu_percent:>7.0f}%{row.generator_cpu_percent:>6.0f}%{limited}"
        )
    return "\n".join(lines)


def checks(rows: Sequence[Row]) -> list[Check]:
    """What holds and what does not; nothing is said of what was not measured."""
    found = {(row.desks, row.server, row.srtp): row for row in rows}
    told: list[Check] = []
    for desks, most in SHARE_OF_JANUS.items():
        ours, janus = found.get((desks, "vcs", CM)), found.get((desks, "janus", CM))
        if ours is not None and janus is not None:
            share = ours.cpu_us_per_packet / janus.cpu_us_per_packet
            told.append(
                (share <= most, f"{desks} desks: {share:.2f} of Janus's cost, {most:.2f} or less")
            )
    for desks, most in P99_OVER_FLOOR_US.items():
        ours, floor = found.get((desks, "vcs", CM)), found.get((desks, "floor", "none"))
        if ours is not None and floor is not None:
            over = ours.latency_p99_us - floor.latency_p99_us
            told.append(
                (
                    over <= most,
                    f"{desks} desks: p99 {over:.0f} us over the floor's, {most:.0f} or less",
                )
            )
    for desks, most in ALONE_P99_US.items():
        alone = found.get((desks, "vcs", GCM))
        if alone is not None:
            told.append(
                (
                    alone.latency_p99_us <= most,
                    f"{desks} desks alone: p99 {alone.latency_p99_us:.0f} us, {most:.0f} or less",
                )
            )
    for row in rows:
        if row.server == "vcs":
            told.append((row.lost == 0, f"{row.desks} desks, {row.srtp}: {row.lost} lost"))
            told.append((row.strays == 0, f"{row.desks} desks, {row.srtp}: {row.strays} strays"))
    told.extend(
        (False, f"{row.desks} desks, {row.server}: the load was the limit")
        for row in rows
        if row.generator_limited
    )
    return told
