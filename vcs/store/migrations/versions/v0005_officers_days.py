"""How each desk stands, officers' breaks, and what one officer did in a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make two tables, and the indices that a day is added up with."""
    op.create_table(
        "desk_day",
        sa.Column(
            "desk_id", sa.Integer, sa.ForeignKey("desk.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("officer_id", sa.Integer, sa.ForeignKey("officer.id")),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "officer_break",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desk.id"), nullable=False),
        sa.Column("officer_id", sa.Integer, sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    lasts = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_officer_break_open",
        "officer_break",
        ["desk_id"],
        unique=True,
        sqlite_where=lasts,
        postgresql_where=lasts,
    )
    op.create_index("ix_officer_break_officer", "officer_break", ["officer_id", "began_at"])
    op.create_index("ix_talk_interval_officer", "talk_interval", ["officer_id", "started_at"])
    op.create_index("ix_talk_interval_booth", "talk_interval", ["booth_id", "started_at"])
    his = sa.text("officer_id IS NOT NULL")
    op.create_index(
        "ix_visit_change_officer",
        "visit_change",
        ["officer_id", "at"],
        sqlite_where=his,
        postgresql_where=his,
    )
