"""What handlers find in the application, by typed keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import jinja2
from aiohttp import web

from vcs.booth.enrolment import Enrolment
from vcs.config import Settings
from vcs.desk_stats import DeskStats
from vcs.officer.accounts import Accounts
from vcs.store import Store

Numbers = Callable[[], Mapping[str, float]]
"""What /metrics shows: names as Prometheus wants them, labels included where there are some."""
Stats = Callable[[], Sequence[DeskStats]]
"""What /api/stats shows: every desk that is live now."""

SETTINGS: Final = web.AppKey("settings", Settings)
STORE: Final = web.AppKey("store", Store)
ENROLMENT: Final = web.AppKey("enrolment", Enrolment)
ACCOUNTS: Final = web.AppKey("accounts", Accounts)
NUMBERS: Final[web.AppKey[Numbers]] = web.AppKey("numbers")
STATS: Final[web.AppKey[Stats]] = web.AppKey("stats")
TEMPLATES: Final = web.AppKey("templates", jinja2.Environment)
