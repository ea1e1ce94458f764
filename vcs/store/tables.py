"""The tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware times, kept in UTC. SQLite knows no zones; a naive time is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Root of the tables."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 (SQLAlchemy's own way)


class BranchRow(Table):
    __tablename__ = "branch"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class DeskRow(Table):
    __tablename__ = "desk"
    __table_args__ = (
        UniqueConstraint("branch_id", "number"),
        CheckConstraint("number >= 1"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))


class BoothRow(Table):
    __tablename__ = "booth"
    __table_args__ = (
        UniqueConstraint("desk_id", "slot"),
        CheckConstraint("slot BETWEEN 1 AND 6"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id"))
    slot: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(8), default="id")
    in_service: Mapped[bool] = mapped_column(default=True)
    device_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_changed_at: Mapped[datetime | None]


class BoothPlaceRow(Table):
    """Where a booth is now: one row for each booth, and never two booths in one place. `booth`
    says where it belongs."""

    __tablename__ = "booth_place"
    __table_args__ = (
        UniqueConstraint("desk_id", "slot"),
        CheckConstraint("slot BETWEEN 1 AND 6"),
    )

    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id"), primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id"))
    slot: Mapped[int]


class BoothBranchRow(Table):
    """The branch that a booth belongs to, whichever desk it is placed at."""

    __tablename__ = "booth_branch"

    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id"), primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))


class DeskBranchRow(Table):
    """A branch that a desk serves beside its own."""

    __tablename__ = "desk_branch"

    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id"), primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)


class PairingCodeRow(Table):
    __tablename__ = "pairing_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OfficerRow(Table):
    __tablename__ = "officer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    role: Mapped[str] = mapped_column(String(16), default="officer")
    language: Mapped[str] = mapped_column(String(8), default="id")
    disabled: Mapped[bool] = mapped_column(default=False)


class SessionRow(Table):
    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used: Mapped[datetime]


class TalkIntervalRow(Table):
    __tablename__ = "talk_interval"
    __table_args__ = (
        Index("ix_talk_interval_open", "server_id", "ended_at"),
        Index("ix_talk_interval_officer", "officer_id", "started_at"),
        Index("ix_talk_interval_booth", "booth_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    server_id: Mapped[str] = mapped_column(String(8))
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id"))
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    occupant: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(8))


class HeartbeatRow(Table):
    __tablename__ = "heartbeat"

    server_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    at: Mapped[datetime]
