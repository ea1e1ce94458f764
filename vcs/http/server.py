"""The web application: every route but the signalling doors, which the composition root adds."""

from __future__ import annotations

from aiohttp import web, web_response

from vcs.booth.enrolment import Enrolment
from vcs.config import Settings
from vcs.http.app_keys import ACCOUNTS, ENROLMENT, NUMBERS, SETTINGS, STATS, STORE, Numbers, Stats
from vcs.http.compression import compress_texts
from vcs.http.enrol import enrol
from vcs.http.faults import answer_faults
from vcs.http.health import health, metrics
from vcs.http.json_input import MAX_BODY_BYTES
from vcs.http.pages import add_pages, web_dir
from vcs.http.response_headers import SERVER_NAME, add_headers
from vcs.http.sign_in import me, sign_in, sign_out
from vcs.http.stats import stats as stats_of_desks
from vcs.officer.accounts import Accounts
from vcs.store import Store

# Answers to what is not even HTTP bypass the application, and would tell aiohttp's version.
web_response.SERVER_SOFTWARE = SERVER_NAME  # type: ignore[attr-defined]


def make_app(
    settings: Settings,
    store: Store,
    enrolment: Enrolment,
    accounts: Accounts,
    numbers: Numbers = dict,
    stats: Stats = list,
) -> web.Application:
    """Everything that the parts need comes in; nothing is opened or closed here."""
    app = web.Application(
        middlewares=[answer_faults, compress_texts], client_max_size=MAX_BODY_BYTES
    )
    app[SETTINGS] = settings
    app[STORE] = store
    app[ENROLMENT] = enrolment
    app[ACCOUNTS] = accounts
    app[NUMBERS] = numbers
    app[STATS] = stats
    app.on_response_prepare.append(add_headers)
    add_pages(app, web_dir())
    app.router.add_post("/api/sign-in", sign_in)
    app.router.add_post("/api/sign-out", sign_out)
    app.router.add_get("/api/me", me)
    app.router.add_get("/api/stats", stats_of_desks)
    app.router.add_post("/api/enrol", enrol)
    app.router.add_get("/health", health)
    app.router.add_get("/metrics", metrics)
    return app
