"""Messages as JSON."""

from __future__ import annotations

import msgspec

from vcs.messages.base import Malformed, Message
from vcs.messages.booth import FromBooth, ToBooth
from vcs.messages.officer import FromOfficer, ToOfficer

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
