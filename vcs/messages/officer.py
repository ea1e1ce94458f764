"""What a console and the server say to each other."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from vcs.link_stats import GivenStats, LinkStats
from vcs.messages.base import (
    PROTOCOL_VERSION,
    Answer,
    Device,
    Error,
    IceServer,
    IceServers,
    Language,
    LinkReport,
    Message,
    Moved,
    Occupant,
    Offer,
    Ping,
    Pong,
    RequestId,
    Revision,
    Slot,
    Text,
    snake_case,
)
from vcs.messages.booth import OfficerText
from vcs.messages.day import FromOfficerDay, ToOfficerDay
from vcs.messages.hand_over import FromOfficerHandOver, OfferedTo, ToOfficerHandOver
from vcs.messages.queue import CallNext, QueueTold
from vcs.messages.visit import FromOfficerVisit, Progress, ToOfficerVisit
from vcs.visits.changes import Flag


class OfficerHello(Message, frozen=True, tag="hello"):
    """First message of a console. `desk` null: the officer's first desk. `take_over`: yes to the
    question that `desk_taken` asked."""

    desk: Annotated[int, msgspec.Meta(ge=1)] | None = None
    take_over: bool = False
    version: int = PROTOCOL_VERSION


class Talk(Message, frozen=True, tag=snake_case):
    """Put this booth on air. Refused when `revision` is stale or the occupant has changed."""

    id: RequestId
    slot: Slot
    occupant: Occupant
    revision: Revision


class Hold(Message, frozen=True, tag=snake_case):
    """No booth on air, no announcement. Never refused: there is no revision to be stale."""

    id: RequestId


class Announce(Message, frozen=True, tag=snake_case):
    """The announce key: pressed (true) or released (false). A release is never refused."""

    id: RequestId
    active: bool
    revision: Revision


class Focus(Message, frozen=True, tag=snake_case):
    """Send this booth's picture in full size; null: none."""

    id: RequestId
    slot: Slot | None


class SendText(Message, frozen=True, tag=snake_case):
    """Text to the booth on air. An empty screen again: the visitor reads it, or `text` is null."""

    id: RequestId
    slot: Slot
    occupant: Occupant
    text: Text | None


class Microphone(Message, frozen=True, tag=snake_case):
    """The officer's microphone is live (true) or gone (false); gone on air holds the desk."""

    live: bool


class EndVisit(Message, frozen=True, tag=snake_case):
    """The visitor has left: ends the occupancy, clears consent."""

    id: RequestId
    slot: Slot
    occupant: Occupant


class WatchLink(Message, frozen=True, tag=snake_case):
    """Send `link_details` of this booth, or (`own`) of the console itself, once a second from now
    on; of neither: no more."""

    slot: Slot | None
    own: bool = False


class OfficerLanguage(Message, frozen=True, tag="set_language"):
    language: Language


FromOfficer = (
    OfficerHello
    | Offer
    | Talk
    | Hold
    | Announce
    | Focus
    | SendText
    | Microphone
    | EndVisit
    | OfficerLanguage
    | WatchLink
    | LinkReport
    | Ping
    | CallNext
    | FromOfficerHandOver
    | FromOfficerDay
    | FromOfficerVisit
)


TileState = Literal[
    "vacant",  # no booth is enrolled in this place
    "offline",  # the booth's signalling is gone
    "empty",  # ready, nobody sits there
    "wrap_up",  # nobody sits there; the officer wraps up the visit before
    "consent",  # the visitor is being asked
    "waiting",  # consented, waits for the officer
    "calling",  # pressed the call button
    "on_air",  # hears the officer and is heard
    "announce",  # hears the officer, is not heard
    "hold",  # talked to before, not on air now
]
HoldReason = Literal[
    "hold",
    "started",
    "officer_lost",
    "microphone_lost",
    "taken_over",
    "booth_left",
    "visit_ended",
    "announce_ended",
    "announce_timeout",
    "break",
]


RefusalCode = Literal[
    "stale",
    "occupant_changed",
    "no_consent",
    "no_media",
    "no_microphone",
    "not_on_air",
    "no_booth",
    "handing_over",
    "on_break",
    "desk_closed",
]


class Tile(msgspec.Struct, frozen=True):
    """One booth as the officer sees it. Ages are milliseconds at the moment of sending.

    `branch`: the booth's own. `sees`: its picture is being sent to this console. `media`: its media
    path is up. `link` is 0 (none) to 4 (good). `paused`: its picture is held back for now, since
    the console's own link has no room for it.
    """

    slot: int
    state: TileState
    name: str
    branch: str = ""
    occupant: int | None = None
    visitor: str | None = None
    consented: bool = False
    sees: bool = False
    media: bool = False
    link: int = 0
    paused: bool = False
    state_ms: int | None = None  # since the state shown began
    visit_ms: int | None = None  # since the visitor touched start
    last_talk_ms: int | None = None  # since the officer last talked to this visitor
    call_ms: int | None = None
    cannot_hear: bool = False
    camera: Device = "off"
    microphone: Device = "off"
    document: Device = "missing"
    language: Language = "id"
    text: OfficerText | None = None
    progress: Progress | None = None
    flags: list[Flag] = []
    offered_to: OfferedTo | None = None


Reason = Literal["calling", "finished", "waiting", "link"]


class NextUp(msgspec.Struct, frozen=True):
    """One line of "who needs me next", most urgent first."""

    slot: int
    reason: Reason
    ms: int


class DeskView(Message, frozen=True, tag="desk"):
    """The desk's whole state, at each change but those that `links` tells, and after each
    (re)connection; never a difference.

    `revision` is what `talk` and `announce` must name. `on_air` and `announcing` are what is true
    in the packet plane when this was sent. `hold_reason` says why nobody is on air.
    """

    revision: int
    on_air: int | None
    announcing: bool
    air_ms: int | None
    hold_reason: HoldReason | None
    focus: int | None
    media: bool
    tiles: list[Tile]
    next: list[NextUp]


class OfficerWelcome(Message, frozen=True, tag="welcome"):
    """Answer to the hello. A full `desk` follows at once; then the console sends its offer with
    its own audio and video and `slots` receiving sections of each kind, in the order of slots:
    audio 1, video 1, audio 2, video 2, ..."""

    version: int
    desk: int
    desk_name: str
    branch: str
    officer: str
    slots: int
    announce_limit_ms: int
    ice_servers: list[IceServer]


class DeskTaken(Message, frozen=True, tag=snake_case):
    """Somebody already has this desk open. Ask, then say hello again with `take_over`."""

    desk: int
    officer: str
    since_ms: int


class TakenOver(Message, frozen=True, tag=snake_case):
    """Another console took this desk. The socket closes; do not reconnect by yourself."""

    by: str


class Ack(Message, frozen=True, tag=snake_case):
    """The command `id` is in force in the packet plane. The `desk` that it led to came before."""

    id: int
    revision: int


class Refused(Message, frozen=True, tag=snake_case):
    """The command `id` changed nothing."""

    id: int
    code: RefusalCode
    message: str
    revision: int


class Levels(Message, frozen=True, tag=snake_case):
    """Sound level of each slot, ten times a second: 0 (silent) to 1 (full scale), null: none."""

    levels: list[float | None]


class Links(Message, frozen=True, tag=snake_case):
    """What of the desk changes without anybody's doing, when that alone has changed: `link` and
    `paused` of each tile in the order of slots, and `next`, in which a weak link counts. A whole
    desk takes ten times as much, and this is told most often where there is no room for it."""

    links: list[int]
    paused: list[bool]
    next: list[NextUp]


class LinkDetails(Message, frozen=True, tag=snake_case):
    """The link that `watch_link` asked for; `slot` null: the console's own. `link` is null while
    there is no media. `shown` is what this console is sent of the booth's picture."""

    slot: int | None
    link: LinkStats | None
    shown: GivenStats | None = None


ToOfficer = (
    OfficerWelcome
    | QueueTold
    | DeskView
    | DeskTaken
    | TakenOver
    | Ack
    | Refused
    | Levels
    | IceServers
    | Links
    | LinkDetails
    | Answer
    | Pong
    | Error
    | Moved
    | ToOfficerHandOver
    | ToOfficerDay
    | ToOfficerVisit
)
