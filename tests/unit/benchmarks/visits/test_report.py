from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.visits.report import (
    BAR_MS,
    BARRED,
    Row,
    Size,
    checks,
    growth,
    percentile,
    row,
    table,
)

HELD = Row("queue", 1_000, 4.0, BAR_MS)


def test_a_row_has_the_middle_and_the_slow_end_of_its_times() -> None:
    made = row("draft", 7, [n / 1000 for n in range(100, 0, -1)])
    assert made == Row("draft", 7, 50.0, 95.0)
    assert made.as_json() == {"operation": "draft", "visits": 7, "p50_ms": 50.0, "p95_ms": 95.0}


@given(st.lists(st.floats(0, 10), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values_and_so_many_are_not_above_it(
    values: list[float], percent: int
) -> None:
    found = percentile(sorted(values), percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


@pytest.mark.parametrize("operation", [*BARRED, "search: reference", "sheet: of the year"])
def test_a_bar_is_held_up_to_its_value_and_no_further(operation: str) -> None:
    held = replace(HELD, operation=operation)
    assert [holds for holds, _ in checks([held], [])] == [True]
    slow = replace(held, p95_ms=BAR_MS + 0.1)
    assert [holds for holds, _ in checks([held, slow], [])] == [True, False]


@pytest.mark.parametrize("operation", ["record", "draft"])
def test_writing_has_no_bar(operation: str) -> None:
    assert checks([replace(HELD, operation=operation, p95_ms=9_000.0)], []) == []


def test_what_the_audit_found_is_no_pass() -> None:
    assert [holds for holds, _ in checks([HELD], ["visit 3: was changed"])] == [True, False]


def test_the_table_has_a_line_for_each_operation_and_says_which_grow() -> None:
    rows = [
        HELD,
        replace(HELD, visits=10_000),
        Row("draft", 1_000, 1.0, 2.0),
        Row("draft", 10_000, 10.0, 20.0),
    ]
    head, queue, draft = table(rows).splitlines()
    assert "1,000 visits" in head
    assert "10,000 visits" in head
    assert queue.endswith("flat")
    assert draft.endswith("grows")


def test_growth_is_told_for_a_thousand_visits_and_for_a_year() -> None:
    told = growth([Size(10_000, 200_000_000), Size(20_000, 350_000_000)])
    assert "15.0 MB for 1,000 visits" in told
    assert "1,500 MB in a year of 100,000" in told


def test_one_size_tells_no_growth() -> None:
    assert growth([Size(10, 2_000_000)]) == "10 visits: 2 MB"
