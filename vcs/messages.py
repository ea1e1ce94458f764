"""Every signalling message, once, as a type.

One WebSocket per client carries JSON objects; the field `type` says which message it is. Anything
that is not one of the types below, has an unknown field or a value out of range is refused with
`Malformed`. Times are ages in milliseconds at the moment of sending, so that no two clocks have to
agree. `docs/signalling.md` tells the same in words.

Booths are sent nothing about other booths: no id, name, count, or counter that moves when they do.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from vcs.link_stats import GivenStats, LinkStats, ReceivedMedia, SentPicture

PROTOCOL_VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 65_536  # an officer's offer with 14 sections has 42 kB in Chromium
MAX_SDP_CHARS: Final = 60_000
MAX_TEXT_CHARS: Final = 500

Slot = Annotated[int, msgspec.Meta(ge=1, le=6)]
Occupant = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Revision = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
RequestId = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
Sdp = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SDP_CHARS)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
Token = Annotated[str, msgspec.Meta(min_length=16, max_length=128)]
Language = Literal["id", "en"]
Device = Literal["off", "ok", "missing", "denied", "busy", "ended"]
"""off: not opened; ok: live; missing: none found; denied: no permission; busy: in use by another
program; ended: was live and was unplugged."""


class Malformed(ValueError):
    """The peer sent something that is not a message. The text is fit to be sent back."""


class Message(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="type",
    rename=None,
    omit_defaults=False,
):
    """Base of all messages. The tag is the class name in snake case."""


def _tag(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


# --- both kinds of client ------------------------------------------------------------------------


class Offer(Message, frozen=True, tag=_tag):
    """An SDP offer (RFC 8829). The first one, or again with new ICE credentials to restart ICE."""

    id: RequestId
    sdp: Sdp


class Answer(Message, frozen=True, tag=_tag):
    id: int
    sdp: str


class Ping(Message, frozen=True, tag=_tag):
    """Every second from the client: a page has no other way to notice a dead link."""

    id: RequestId


class Pong(Message, frozen=True, tag=_tag):
    id: int


class Error(Message, frozen=True, tag=_tag):
    """What was wrong with a message. The connection stays open unless a close code follows.

    `id` names the request when it had one.
    """

    code: str
    message: str
    id: int | None = None


class Moved(Message, frozen=True, tag=_tag):
    """Connect to this URL instead: the desk lives on another server."""

    url: str


class LinkReport(Message, frozen=True, tag=_tag):
    """What a page sees of its own link, every 5 s while its media is up. `sent` is null while its
    camera is off. Nothing answers it."""

    received: ReceivedMedia
    sent: SentPicture | None = None


class IceServer(msgspec.Struct, frozen=True):
    """A STUN or TURN server for the client's `RTCPeerConnection`.

    `expires_ms`: how long the credential holds from the moment of sending; null: for ever. A new
    one comes in time, as `ice_servers`.
    """

    urls: list[str]
    username: str | None = None
    credential: str | None = None
    expires_ms: int | None = None


class IceServers(Message, frozen=True, tag=_tag):
    """The servers of the welcome again, with credentials that hold longer. What is connected stays
    so; they are for the next ICE restart."""

    ice_servers: list[IceServer]


# --- booth to server -----------------------------------------------------------------------------


class BoothHello(Message, frozen=True, tag="hello"):
    """First message of a booth, within 5 s of connecting."""

    token: Token
    version: int = PROTOCOL_VERSION


class Start(Message, frozen=True, tag=_tag):
    """The visitor touched start: a new occupant sits in the booth. Consent comes next."""


class Consent(Message, frozen=True, tag=_tag):
    """The visitor's answer to the consent text; false ends the occupancy."""

    occupant: Occupant
    agreed: bool
    language: Language
    text_version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class End(Message, frozen=True, tag=_tag):
    """The visitor has finished. Consent is cleared."""

    occupant: Occupant


class Call(Message, frozen=True, tag=_tag):
    """The call button: pressed (true) or taken back (false)."""

    active: bool


class CannotHear(Message, frozen=True, tag=_tag):
    """The visitor cannot hear: asks the officer to write."""

    active: bool


class ReadText(Message, frozen=True, tag=_tag):
    """The visitor has read the officer's text with this number."""

    number: Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Devices(Message, frozen=True, tag=_tag):
    """State of the camera and the microphone, at each change."""

    camera: Device
    microphone: Device


class SetLanguage(Message, frozen=True, tag=_tag):
    language: Language


FromBooth = (
    BoothHello
    | Offer
    | Start
    | Consent
    | End
    | Call
    | CannotHear
    | ReadText
    | Devices
    | SetLanguage
    | LinkReport
    | Ping
)

# --- server to booth -----------------------------------------------------------------------------

BoothPhase = Literal["idle", "consent", "waiting", "on_air", "hold", "announce", "out_of_service"]
"""idle: nobody sits here. consent: the visitor is being asked. waiting: consented, the officer has
not talked to this visitor yet. on_air: the officer hears and is heard. hold: was on air before.
announce: the officer speaks and hears nobody (whatever the booth's own visit is doing).
out_of_service: the booth is switched off by an administrator."""


class OfficerText(msgspec.Struct, frozen=True):
    """A text from the officer, shown in large letters until the visitor says that it was read."""

    number: int
    text: str


class BoothState(Message, frozen=True, tag=_tag):
    """The booth's whole state, at each change and after each (re)connection; never a difference.

    `seq` counts this booth's own states. `hears` and `heard` are what is true in the packet plane:
    the page's signs show these and nothing else. `seen` means that the officer gets the picture.
    `visit` is true from start to end; `occupant` is set with it.
    """

    seq: int
    phase: BoothPhase
    visit: Literal["none", "consent", "running"]
    occupant: int | None
    hears: bool
    heard: bool
    seen: bool
    officer_seen: bool
    officer: str | None
    called: bool
    cannot_hear: bool
    text: OfficerText | None
    language: Language


class BoothWelcome(Message, frozen=True, tag="welcome"):
    """Answer to the hello. A full `booth_state` follows at once; then the booth sends its offer."""

    version: int
    branch: str
    booth: int
    name: str
    consent_version: str
    ice_servers: list[IceServer]


ToBooth = BoothWelcome | BoothState | IceServers | Answer | Pong | Error | Moved

# --- officer to server ---------------------------------------------------------------------------


class OfficerHello(Message, frozen=True, tag="hello"):
    """First message of a console. `desk` null: the officer's first desk. `take_over`: yes to the
    question that `desk_taken` asked."""

    desk: Annotated[int, msgspec.Meta(ge=1)] | None = None
    take_over: bool = False
    version: int = PROTOCOL_VERSION


class Talk(Message, frozen=True, tag=_tag):
    """Put this booth on air. Refused when `revision` is stale or the occupant has changed."""

    id: RequestId
    slot: Slot
    occupant: Occupant
    revision: Revision


class Hold(Message, frozen=True, tag=_tag):
    """No booth on air, no announcement. Never refused: there is no revision to be stale."""

    id: RequestId


class Announce(Message, frozen=True, tag=_tag):
    """The announce key: pressed (true) or released (false). A release is never refused."""

    id: RequestId
    active: bool
    revision: Revision


class Focus(Message, frozen=True, tag=_tag):
    """Send this booth's picture in full size; null: none."""

    id: RequestId
    slot: Slot | None


class SendText(Message, frozen=True, tag=_tag):
    """Text to the booth on air. An empty screen again: the visitor reads it, or `text` is null."""

    id: RequestId
    slot: Slot
    occupant: Occupant
    text: Text | None


class Microphone(Message, frozen=True, tag=_tag):
    """The officer's microphone is live (true) or gone (false); gone on air holds the desk."""

    live: bool


class EndVisit(Message, frozen=True, tag=_tag):
    """The visitor has left: ends the occupancy, clears consent."""

    id: RequestId
    slot: Slot
    occupant: Occupant


class WatchLink(Message, frozen=True, tag=_tag):
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
)

# --- server to officer ---------------------------------------------------------------------------

TileState = Literal[
    "vacant",  # no booth is enrolled in this place
    "offline",  # the booth's signalling is gone
    "empty",  # ready, nobody sits there
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
]


RefusalCode = Literal[
    "stale",
    "occupant_changed",
    "no_consent",
    "no_media",
    "no_microphone",
    "not_on_air",
    "no_booth",
]


class Tile(msgspec.Struct, frozen=True):
    """One booth as the officer sees it. Ages are milliseconds at the moment of sending.

    `sees`: its picture is being sent to this console. `media`: its media path is up.
    `link` is 0 (none) to 4 (good). `paused`: its picture is held back for now, since the console's
    own link has no room for it.
    """

    slot: int
    state: TileState
    name: str
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
    language: Language = "id"
    text: OfficerText | None = None


class NextUp(msgspec.Struct, frozen=True):
    """One line of "who needs me next", most urgent first."""

    slot: int
    reason: Literal["calling", "finished", "waiting", "link"]
    ms: int


class DeskView(Message, frozen=True, tag="desk"):
    """The desk's whole state, at each change and after each (re)connection; never a difference.

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


class DeskTaken(Message, frozen=True, tag=_tag):
    """Somebody already has this desk open. Ask, then say hello again with `take_over`."""

    desk: int
    officer: str
    since_ms: int


class TakenOver(Message, frozen=True, tag=_tag):
    """Another console took this desk. The socket closes; do not reconnect by yourself."""

    by: str


class Ack(Message, frozen=True, tag=_tag):
    """The command `id` is in force in the packet plane. The `desk` that it led to came before."""

    id: int
    revision: int


class Refused(Message, frozen=True, tag=_tag):
    """The command `id` changed nothing."""

    id: int
    code: RefusalCode
    message: str
    revision: int


class Levels(Message, frozen=True, tag=_tag):
    """Sound level of each slot, ten times a second: 0 (silent) to 1 (full scale), null: none."""

    levels: list[float | None]


class LinkDetails(Message, frozen=True, tag=_tag):
    """The link that `watch_link` asked for; `slot` null: the console's own. `link` is null while
    there is no media. `shown` is what this console is sent of the booth's picture."""

    slot: int | None
    link: LinkStats | None
    shown: GivenStats | None = None


ToOfficer = (
    OfficerWelcome
    | DeskView
    | DeskTaken
    | TakenOver
    | Ack
    | Refused
    | Levels
    | IceServers
    | LinkDetails
    | Answer
    | Pong
    | Error
    | Moved
)

# --- close codes (RFC 6455, section 7.4.2: 4000 to 4999 are ours) --------------------------------

CLOSE_MALFORMED: Final = 4400  # not a message; sent after repeated or gross faults
CLOSE_UNAUTHORISED: Final = 4401  # token unknown, expired or revoked: do not retry with it
CLOSE_HELLO_TIMEOUT: Final = 4408  # no hello within 5 s
CLOSE_REPLACED: Final = 4409  # the same booth connected again, or the desk was taken over
CLOSE_TOO_BIG: Final = 1009
CLOSE_TOO_FAST: Final = 4429  # over the message rate
CLOSE_VERSION: Final = 4426  # another protocol version: reload the page
CLOSE_RESTART: Final = 1012  # server going down: reconnect with back-off

# --- encoding ------------------------------------------------------------------------------------

_from_booth = msgspec.json.Decoder(FromBooth)
_from_officer = msgspec.json.Decoder(FromOfficer)
_to_booth = msgspec.json.Decoder(ToBooth)
_to_officer = msgspec.json.Decoder(ToOfficer)
_encoder = msgspec.json.Encoder()


def _decode(decoder: msgspec.json.Decoder[Message], data: str | bytes) -> Message:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed(str(error)[:200]) from None


def decode_from_booth(data: str | bytes) -> FromBooth:
    """Raises `Malformed`."""
    return _decode(_from_booth, data)  # type: ignore[return-value]


def decode_from_officer(data: str | bytes) -> FromOfficer:
    """Raises `Malformed`."""
    return _decode(_from_officer, data)  # type: ignore[return-value]


def decode_to_booth(data: str | bytes) -> ToBooth:
    """For clients. Raises `Malformed`."""
    return _decode(_to_booth, data)  # type: ignore[return-value]


def decode_to_officer(data: str | bytes) -> ToOfficer:
    """For clients. Raises `Malformed`."""
    return _decode(_to_officer, data)  # type: ignore[return-value]


def encode(message: Message) -> str:
    return _encoder.encode(message).decode()
