"""The composition root: from settings to parts to a running server, and back down in order."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import structlog
import uvloop
from aiohttp import web
from aiohttp.web_routedef import AbstractRouteDef

from vcs.booth.enrolment import Enrolment
from vcs.captures.uploads import Uploads
from vcs.captures.workers import Examiner
from vcs.clock import utc_now
from vcs.config import BadSettings, Settings
from vcs.directory import StoredDirectory
from vcs.hand_overs import HandOvers
from vcs.http.booth_socket import booth_socket
from vcs.http.captures import Captures
from vcs.http.cases import CaseDoors
from vcs.http.connection_limits import ConnectionLimits
from vcs.http.doors import Doors
from vcs.http.officer_socket import officer_socket
from vcs.http.queue import QueueDoors
from vcs.http.server import make_app
from vcs.http.sign_in import session_token
from vcs.http.tls import server_tls
from vcs.live_day import DaySources, LiveDay
from vcs.live_desks import LiveDesks, Patience
from vcs.live_visits import LiveVisitDesk
from vcs.logs import configure_logs
from vcs.media_server import MediaServer
from vcs.messages import ServiceOffered
from vcs.officer.accounts import Accounts
from vcs.officer.desk import DeskRules
from vcs.officer.passwords import Passwords
from vcs.queue_watch import QueueWatch
from vcs.secret_key import BadSecretKey, load_secret_key
from vcs.store import Store
from vcs.store.journal import TalkJournal
from vcs.store.records import StoreUnavailable
from vcs.transport.sockets import PortUnavailable
from vcs.turn import IceServers
from vcs.visits.desk_visits import DeskVisits, VisitSources
from vcs.visits.evidence_files import EvidenceFiles
from vcs.visits.flow_file import OWN_FLOWS, BadFlow, LoadedFlow, load_flows
from vcs.visits.studio import Studio
from vcs.visits.webhook_sender import WebhookSender

log = structlog.get_logger(__name__)

GRACE_S = 3.0
"""How long open requests may take when the server stops."""


class CannotStart(Exception):
    """The server cannot start. The text says why, in words for who runs it."""


@dataclass(slots=True)
class RunningServer:
    """A server that serves. End it with `stop`."""

    settings: Settings
    store: Store
    web: web.Application
    media: MediaServer
    desks: LiveDesks
    enrolment: Enrolment
    accounts: Accounts
    http_url: str = ""
    _closing: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def stop(self) -> None:
        """Hold every desk, tell every client to come back, write what is to be written."""
        self.desks.farewell()
        await self._closing.aclose()

    def numbers(self) -> Mapping[str, float]:
        """For /metrics."""
        return {
            **self.media.counters(),
            "loop_lag_seconds": self.desks.loop_lag_s,
            "desks": sum(1 for _ in self.desks),
        }


async def start(settings: Settings, extra_routes: Sequence[AbstractRouteDef] = ()) -> RunningServer:
    """Open everything and serve. Raises `CannotStart`, having closed what was open."""
    async with AsyncExitStack() as opened:
        try:
            server = await _open(settings, extra_routes, opened)
        except (
            BadSettings,
            BadSecretKey,
            StoreUnavailable,
            PortUnavailable,
            OSError,
        ) as reason:
            raise CannotStart(str(reason)) from reason
        server._closing = opened.pop_all()
        return server
    raise AssertionError("unreachable")


async def _open(
    settings: Settings, extra_routes: Sequence[AbstractRouteDef], opened: AsyncExitStack
) -> RunningServer:
    settings.prepare_data_dir()
    tls = server_tls(settings)
    key = load_secret_key(settings.data_dir)
    store = await Store.open(settings.database_url)
    opened.push_async_callback(store.close)
    store.audit_heads.start()
    opened.push_async_callback(store.audit_heads.stop)
    media = MediaServer(
        port=settings.media_port,
        ipv4=_of_family(settings.media_host, ipv6=False),
        ipv6=_of_family(settings.media_host, ipv6=True),
        public_addresses=settings.public_addresses,
        server_id=settings.server_id,
        profiles=settings.srtp_profiles,
        tcp=settings.media_tcp,
    )
    opened.callback(media.close)
    journal = await TalkJournal.open(store, settings.server_id)
    opened.push_async_callback(journal.close)
    evidence = EvidenceFiles(settings.data_dir)
    if removed := await evidence.remove_strays(store.visits):
        log.warning("evidence files that no visit names were removed", files=removed)
    examiner = Examiner()
    opened.push_async_callback(examiner.aclose)
    sources = VisitSources(
        store,
        _flows(settings),
        evidence,
        utc_now,
        Studio(evidence, examiner),
        settings.zone,
        queue_changed=lambda: queue.soon(),
        visit_ended=lambda booth, visit: captures.visit_ended(booth, visit),
    )
    days = DaySources(
        store,
        journal,
        settings.zone,
        utc_now,
        settings.wrap_up_s,
        await store.desk_days.standing(),
        queue_changed=lambda: queue.soon(),
    )
    desks = LiveDesks(
        media.hub,
        media.plane,
        media.associations,
        journal,
        DeskRules(settings.announce_limit_s, settings.officer_video_to_all),
        Patience(settings.officer_lost_s, settings.peer_lost_s),
        lambda live: DeskVisits(LiveVisitDesk(live), sources),
        lambda live: LiveDay(live, days),
    )
    desks.hand_overs = HandOvers(desks, sources)
    desks.start()
    opened.push_async_callback(desks.stop)
    queue = QueueWatch(store.tickets, desks, utc_now, settings.zone)
    queue.start()
    opened.push_async_callback(queue.stop)
    if (webhook_key := settings.webhook_key) is not None:
        sender = WebhookSender(store, settings.webhook_url, webhook_key)
        sender.start()
        opened.push_async_callback(sender.stop)
    enrolment = Enrolment(store, key)
    enrolment.on_token_changed.append(desks.revoke_booth)
    accounts = Accounts(store, await Passwords.open())
    server: RunningServer
    app = make_app(
        settings,
        store,
        enrolment,
        accounts,
        lambda: server.numbers(),
        lambda: [live.stats() for live in desks],
    )
    _add_doors(app, settings, desks, StoredDirectory(store), sources.services())
    CaseDoors(store, evidence, sources.flows, utc_now, settings.zone).add_to(app)
    QueueDoors(store, desks, sources.services(), utc_now, settings.zone, changed=queue.soon).add_to(
        app
    )
    captures = Captures(
        directory=StoredDirectory(store),
        desks=desks,
        store=store,
        files=evidence,
        uploads=Uploads(settings.data_dir / "uploads"),
        examiner=examiner,
        wanted={},
    )
    await captures.begin_anew()
    captures.add_to(app)
    app.router.add_routes(extra_routes)
    server = RunningServer(settings, store, app, media, desks, enrolment, accounts)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_S)
    await runner.setup()
    opened.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(
            runner, settings.http_host, settings.http_port, ssl_context=tls, reuse_address=True
        ).start()
    except OSError as error:
        raise CannotStart(
            f"cannot serve pages on {settings.http_host}:{settings.http_port}: {error.strerror}. "
            "Choose another http_port, or stop the program that has it."
        ) from error
    host = settings.http_host if settings.http_host not in ("0.0.0.0", "::") else "localhost"  # noqa: S104
    port = runner.addresses[0][1]
    server.http_url = (
        f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    )
    # What is there now stays: collections need not look at it again (72 ms for 200,000 objects).
    gc.collect()
    gc.freeze()
    return server


def _add_doors(
    app: web.Application,
    settings: Settings,
    desks: LiveDesks,
    directory: StoredDirectory,
    services: Sequence[ServiceOffered],
) -> None:
    doors = Doors(
        desks=desks,
        directory=directory,
        limits=ConnectionLimits(),
        ice_servers=IceServers(settings.ice_servers, settings.turn),
        announce_limit_ms=round(settings.announce_limit_s * 1000),
        services=services,
    )

    async def booth(request: web.Request) -> web.StreamResponse:
        return await booth_socket(request, doors)

    async def officer(request: web.Request) -> web.StreamResponse:
        return await officer_socket(request, doors, session_token(request))

    app.router.add_get("/ws/booth", booth)
    app.router.add_get("/ws/officer", officer)


def _flows(settings: Settings) -> dict[str, LoadedFlow]:
    try:
        return load_flows(settings.flows_dir or OWN_FLOWS)
    except BadFlow as mistakes:
        raise CannotStart(str(mistakes)) from mistakes


def _of_family(hosts: Sequence[str], *, ipv6: bool) -> str | None:
    return next((host for host in hosts if (":" in host) is ipv6), None)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; a second one forces. Returns the exit code."""
    configure_logs(settings.log_level)
    try:
        return uvloop.run(_serve(settings))
    except CannotStart as reason:
        log.error("cannot start", reason=str(reason))
        return 1


async def _serve(settings: Settings) -> int:
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    forced = asyncio.Event()

    def stop() -> None:
        (forced if asked.is_set() else asked).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    server = await start(settings)
    log.info("ready", pages=server.http_url, media_port=server.media.port)
    await asyncio.wait(
        [asyncio.ensure_future(asked.wait()), asyncio.ensure_future(server.desks.broken())],
        return_when=asyncio.FIRST_COMPLETED,
    )
    log.info("stopping")
    ending = asyncio.ensure_future(server.stop())
    force = asyncio.ensure_future(forced.wait())
    await asyncio.wait([ending, force], return_when=asyncio.FIRST_COMPLETED)
    force.cancel()
    if not ending.done():
        log.warning("stopped by force")
        return 1
    await ending
    return 0 if asked.is_set() else 1
