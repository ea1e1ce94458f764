"""What a booth and the server say to each other.

Booths are sent nothing about other booths: no id, name, count, or counter that moves when they do.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

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
    Token,
    snake_case,
)
from vcs.messages.visit import FromBoothVisit, ServiceOffered, ToBoothVisit


class BoothHello(Message, frozen=True, tag="hello"):
    """First message of a booth, within 5 s of connecting."""

    token: Token
    version: int = PROTOCOL_VERSION


class Start(Message, frozen=True, tag=snake_case):
    """The visitor touched start: a new occupant sits in the booth. Consent comes next.

    `ticket`: number or QR text of his ticket; `service`: the flow that he chose without one. With
    neither: the branch's first service.
    """

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    service: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None


class Consent(Message, frozen=True, tag=snake_case):
    """The visitor's answer to the consent text; false ends the occupancy."""

    occupant: Occupant
    agreed: bool
    language: Language
    text_version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class End(Message, frozen=True, tag=snake_case):
    """The visitor has finished. Consent is cleared."""

    occupant: Occupant


class Call(Message, frozen=True, tag=snake_case):
    """The call button: pressed (true) or taken back (false)."""

    active: bool


class CannotHear(Message, frozen=True, tag=snake_case):
    """The visitor cannot hear: asks the officer to write."""

    active: bool


class ReadText(Message, frozen=True, tag=snake_case):
    """The visitor has read the officer's text with this number."""

    number: Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Devices(Message, frozen=True, tag=snake_case):
    """State of the camera and the microphone, at each change. `document`: of the camera for papers,
    opened for a still alone; `missing`: this booth has none."""

    camera: Device
    microphone: Device
    document: Device = "missing"


class SetLanguage(Message, frozen=True, tag=snake_case):
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
    | FromBoothVisit
)


BoothPhase = Literal[
    "idle", "consent", "waiting", "on_air", "hold", "announce", "closed", "out_of_service"
]
"""idle: nobody sits here. consent: the visitor is being asked. waiting: consented, the officer has
not talked to this visitor yet. on_air: the officer hears and is heard. hold: was on air before.
announce: the officer speaks and hears nobody (whatever the booth's own visit is doing).
closed: nobody sits here, and the officer takes nobody new: he closes his desk, or has closed it.
out_of_service: the booth is switched off by an administrator."""


class OfficerText(msgspec.Struct, frozen=True):
    """A text from the officer, shown in large letters until the visitor says that it was read."""

    number: int
    text: str


class OfficerAway(msgspec.Struct, frozen=True):
    """The booth's officer is on a break; `back`: until about that hour, HH:MM, null: not known."""

    back: str | None


class BoothState(Message, frozen=True, tag=snake_case):
    """The booth's whole state, at each change and after each (re)connection; never a difference.

    `seq` counts this booth's own states. `hears` and `heard` are what is true in the packet plane:
    the page's signs show these and nothing else. `seen` means that the officer gets the picture.
    `visit` is true from start to end; `occupant` is set with it. `colleague`: another officer goes
    on with this visit, and has not talked yet. `place`: while the visitor can do no more alone and
    waits, his place among those who wait for the same officer, 1 is next; the one thing here that
    moves when others do.
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
    colleague: bool = False
    on_break: OfficerAway | None = None
    place: int | None = None


class BoothWelcome(Message, frozen=True, tag="welcome"):
    """Answer to the hello. A full `booth_state` follows at once; then the booth sends its offer."""

    version: int
    branch: str
    booth: int
    name: str
    consent_version: str
    services: list[ServiceOffered]
    ice_servers: list[IceServer]


ToBooth = BoothWelcome | BoothState | IceServers | Answer | Pong | Error | Moved | ToBoothVisit
