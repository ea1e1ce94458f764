from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vcs.clock import local_day


def test_a_day_begins_at_midnight_where_the_branch_is() -> None:
    late = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # midnight in Jakarta
    day = local_day(late, ZoneInfo("Asia/Jakarta"))
    assert day.date == date(2026, 11, 22)
    assert day.begins == late
    assert day.ends == late + timedelta(days=1)
    assert local_day(late - timedelta(seconds=1), ZoneInfo("Asia/Jakarta")).ends == late
    assert local_day(late, ZoneInfo("Asia/Jayapura")).date == date(2026, 11, 22)


def test_a_day_on_which_clocks_change_has_other_than_24_hours() -> None:
    day = local_day(datetime(2026, 3, 29, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert day.ends - day.begins == timedelta(hours=23)
