"""What the core system is told of a decision, as bytes that stay the same at every try."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from vcs.store.visit_records import OutboxMessage
from vcs.visits import changes as c
from vcs.visits.visit import Visit

_encoder = msgspec.json.Encoder(order="sorted")


def decision_message(visit: Visit, decided: c.Decided, at: datetime) -> OutboxMessage:
    """Of type `visit.decided` (Standard Webhooks 1.0: type, timestamp, data). One per decision: its
    id is made of the decision's, so that a receiver which saw it before knows it again."""
    body = {
        "type": "visit.decided",
        "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {
            "visit": str(visit.id),
            "reference": decided.reference,
            "service": visit.flow.name,
            "flow_version": visit.flow.version,
            "ticket": visit.begun.ticket if visit.begun else None,
            "decision": decided.id,
            "corrects": decided.corrects,
            "outcome": decided.outcome,
            "reason": decided.reason,
            "missing": list(decided.missing),
            "officer": decided.officer,
            "answers": dict(visit.answers),
            "pictures": {
                picture.taken.id: picture.taken.digest
                for pictures in visit.pictures.values()
                for picture in pictures
            },
        },
    }
    return OutboxMessage(id=f"msg_{visit.id}_{decided.id}", body=_encoder.encode(body))
