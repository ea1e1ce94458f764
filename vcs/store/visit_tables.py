"""The tables of visits: tickets, the log of changes, and what is looked up beside it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vcs.store.tables import Table

# Prefixes are found by comparing bytes; a language's own order would put names elsewhere.
SEARCH_KEY: Final = String(200).with_variant(String(200, collation="C"), "postgresql")


class TicketRow(Table):
    """One place in a branch's queue of one day."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("branch_id", "day", "number"),
        Index("ix_ticket_code", "branch_id", "code", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date]
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    flow: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(String(200))
    priority: Mapped[bool]
    priority_kind: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    issued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    called_booth_id: Mapped[int | None] = mapped_column(ForeignKey("booth.id"))
    taken_at: Mapped[datetime | None]


class VisitRow(Table):
    """What a visit has come to, as its changes say (`projection`), and how many rows its log and
    its audit have: `changes`, `audited`, and `headed` of them known to an audit head."""

    __tablename__ = "visit"
    __table_args__ = (
        # One visit at a booth at a time, for the database too.
        Index(
            "ix_visit_at_booth",
            "booth_id",
            unique=True,
            sqlite_where=text("phase <> 'ended'"),
            postgresql_where=text("phase <> 'ended'"),
        ),
        Index(
            "ix_visit_unheaded",
            "id",
            sqlite_where=text("audited > headed"),
            postgresql_where=text("audited > headed"),
        ),
        Index("ix_visit_branch_begun", "branch_id", "begun_at", "id"),
        Index("ix_visit_begun", "begun_at", "id"),
        Index("ix_visit_booth_begun", "booth_id", "begun_at", "id"),
        Index("ix_visit_branch_visitor", "branch_id", "visitor_key", "begun_at", "id"),
        Index("ix_visit_visitor", "visitor_key", "begun_at", "id"),
        Index("ix_visit_reference", "reference"),
        Index("ix_visit_ticket", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id"))
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id"))
    occupant: Mapped[int] = mapped_column(BigInteger)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    flow: Mapped[str] = mapped_column(String(64))
    flow_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    phase: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(String(16))
    reference: Mapped[str | None] = mapped_column(String(100))
    visitor: Mapped[str | None] = mapped_column(String(200))
    visitor_key: Mapped[str | None] = mapped_column(SEARCH_KEY)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    changes: Mapped[int]
    audited: Mapped[int]
    headed: Mapped[int]


class VisitChangeRow(Table):
    """The truth of a visit. `body` can be taken away with the person's values."""

    __tablename__ = "visit_change"
    __table_args__ = (
        Index(
            "ix_visit_change_officer",
            "officer_id",
            "at",
            sqlite_where=text("officer_id IS NOT NULL"),
            postgresql_where=text("officer_id IS NOT NULL"),
        ),
    )

    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("visit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(8))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class DraftRow(Table):
    """What the visitor has typed and not submitted."""

    __tablename__ = "draft"

    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("visit.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class CaptureRow(Table):
    """A picture of the evidence, by its id. A signature has no size in pixels."""

    __tablename__ = "capture"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("visit.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    octets: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    derived_from: Mapped[str | None] = mapped_column(String(64))


class DecisionRow(Table):
    """A decision by the id that the console gave it, so that asking twice decides once."""

    __tablename__ = "decision"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("visit.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    corrects: Mapped[str | None] = mapped_column(String(64))


class OutboxRow(Table):
    """What the core system must be told, until it has been."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_due",
            "next_at",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("visit.id"), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
