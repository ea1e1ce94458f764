"""What messages are made of, and those that both kinds of client know."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from vcs.link_stats import ReceivedMedia, SentPicture

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


def snake_case(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Offer(Message, frozen=True, tag=snake_case):
    """An SDP offer (RFC 8829). The first one, or again with new ICE credentials to restart ICE."""

    id: RequestId
    sdp: Sdp


class Answer(Message, frozen=True, tag=snake_case):
    id: int
    sdp: str


class Ping(Message, frozen=True, tag=snake_case):
    """Every second from the client: a page has no other way to notice a dead link."""

    id: RequestId


class Pong(Message, frozen=True, tag=snake_case):
    id: int


class Error(Message, frozen=True, tag=snake_case):
    """What was wrong with a message. The connection stays open unless a close code follows.

    `id` names the request when it had one.
    """

    code: str
    message: str
    id: int | None = None


class Moved(Message, frozen=True, tag=snake_case):
    """Connect to this URL instead: the desk lives on another server."""

    url: str


class LinkReport(Message, frozen=True, tag=snake_case):
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


class IceServers(Message, frozen=True, tag=snake_case):
    """The servers of the welcome again, with credentials that hold longer. What is connected stays
    so; they are for the next ICE restart."""

    ice_servers: list[IceServer]


CLOSE_MALFORMED: Final = 4400  # not a message; sent after repeated or gross faults
CLOSE_UNAUTHORISED: Final = 4401  # token unknown, expired or revoked: do not retry with it
CLOSE_HELLO_TIMEOUT: Final = 4408  # no hello within 5 s
CLOSE_REPLACED: Final = 4409  # the same booth connected again, or the desk was taken over
CLOSE_TOO_BIG: Final = 1009
CLOSE_TOO_FAST: Final = 4429  # over the message rate
CLOSE_VERSION: Final = 4426  # another protocol version: reload the page
CLOSE_RESTART: Final = 1012  # server going down: reconnect with back-off
