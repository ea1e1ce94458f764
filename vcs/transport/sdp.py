"""Offers in, answers out: the session descriptions (RFC 8866) that the server speaks."""

from __future__ import annotations

from vcs.transport.answer import SlotAnswer, make_answer
from vcs.transport.offer import Offer, parse_offer
from vcs.transport.offer_section import BadOffer, RefusedSection, Section

__all__ = [
    "BadOffer",
    "Offer",
    "RefusedSection",
    "Section",
    "SlotAnswer",
    "make_answer",
    "parse_offer",
]
