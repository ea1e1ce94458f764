"""Rows as a table, growth in words, and whether the bars are held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

BAR_MS: Final = 50.0
BARRED: Final = ("queue", "search", "sheet")
"""Operations with this bar at p95, and each way of searching; the others are told alone."""
YEAR: Final = 100_000
FLAT_MS: Final = 5.0
"""An operation is flat when its p95 grew by no more than this, or not to its double."""

Check = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One operation with so many visits in the store."""

    operation: str
    visits: int
    p50_ms: float
    p95_ms: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Size:
    """The database on the disk."""

    visits: int
    octets: int


def row(operation: str, visits: int, took_s: Sequence[float]) -> Row:
    """Of all times of one operation, at least one."""
    in_order = sorted(took_s)
    return Row(
        operation,
        visits,
        round(percentile(in_order, 50) * 1000, 3),
        round(percentile(in_order, 95) * 1000, 3),
    )


def percentile(in_order: Sequence[float], percent: int) -> float:
    """The smallest value that so many of all are not above."""
    return in_order[max(0, math.ceil(len(in_order) * percent / 100) - 1)]


def table(rows: Sequence[Row]) -> str:
    """For people: an operation in each line, the p50 and p95 at each number of visits beside it."""
    stages = sorted({row.visits for row in rows})
    lines = [
        f"{'p50 / p95 in ms':<26}" + "".join(f"{f'{visits:,} visits':>20}" for visits in stages)
    ]
    found = {(row.operation, row.visits): row for row in rows}
    for operation in dict.fromkeys(row.operation for row in rows):
        cells = ""
        for visits in stages:
            at = found.get((operation, visits))
            cells += f"{'-' if at is None else f'{at.p50_ms:.1f} / {at.p95_ms:.1f}':>20}"
        told = [found[operation, visits] for visits in stages if (operation, visits) in found]
        lines.append(f"{operation:<26}{cells}  {_course(told)}".rstrip())
    return "\n".join(lines)


def _course(told: Sequence[Row]) -> str:
    if len(told) < 2:
        return ""
    first, last = told[0].p95_ms, told[-1].p95_ms
    return "flat" if last - first <= FLAT_MS or last < 2 * first else "grows"


def growth(sizes: Sequence[Size]) -> str:
    """How the database grew from the first to the last size, and what that is in a year."""
    told = "; ".join(f"{size.visits:,} visits: {size.octets / 1e6:,.0f} MB" for size in sizes)
    first, last = sizes[0], sizes[-1]
    if last.visits <= first.visits:
        return told
    each = (last.octets - first.octets) / (last.visits - first.visits)
    return (
        f"{told}; {each * 1000 / 1e6:.1f} MB for 1,000 visits, "
        f"{each * YEAR / 1e6:,.0f} MB in a year of {YEAR:,}"
    )


def checks(rows: Sequence[Row], findings: Sequence[str]) -> list[Check]:
    """What holds and what does not; nothing is said of what was not measured."""
    told = [
        (
            row.p95_ms <= BAR_MS,
            f"{row.operation}, {row.visits:,} visits: p95 {row.p95_ms:.1f} ms, "
            f"{BAR_MS:.0f} or less",
        )
        for row in rows
        if row.operation.partition(":")[0] in BARRED
    ]
    told.extend((False, f"not as the store would have written it: {each}") for each in findings)
    return told
