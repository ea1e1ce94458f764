"""The tables of officers' days: how each desk stands, and breaks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from vcs.store.tables import Table


class DeskDayRow(Table):
    """A desk that somebody began to close, or closed; one without a row is open."""

    __tablename__ = "desk_day"

    desk_id: Mapped[int] = mapped_column(
        ForeignKey("desk.id"), primary_key=True, autoincrement=False
    )
    status: Mapped[str] = mapped_column(String(8))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime]


class OfficerBreakRow(Table):
    """`back_at`: what the officer said; none: until he is back."""

    __tablename__ = "officer_break"
    __table_args__ = (
        # One break at a desk at a time, for the database too.
        Index(
            "ix_officer_break_open",
            "desk_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_officer_break_officer", "officer_id", "began_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desk.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    began_at: Mapped[datetime]
    back_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
