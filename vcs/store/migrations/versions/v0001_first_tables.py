"""Branches, desks, booths, pairing codes, officers, sessions, talk intervals, heartbeats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "branch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
    )
    op.create_table(
        "desk",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("branch_id", sa.Integer, sa.ForeignKey("branch.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.UniqueConstraint("branch_id", "number"),
        sa.CheckConstraint("number >= 1"),
    )
    op.create_table(
        "booth",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desk.id"), nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("in_service", sa.Boolean, nullable=False),
        sa.Column("device_token_hash", sa.String(64), unique=True),
        sa.Column("token_changed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("desk_id", "slot"),
        sa.CheckConstraint("slot BETWEEN 1 AND 6"),
    )
    op.create_table(
        "pairing_code",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("booth_id", sa.Integer, sa.ForeignKey("booth.id"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "officer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("branch_id", sa.Integer, sa.ForeignKey("branch.id"), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("officer_id", sa.Integer, sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_session_officer_id", "session", ["officer_id"])
    op.create_table(
        "talk_interval",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("server_id", sa.String(8), nullable=False),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desk.id"), nullable=False),
        sa.Column("booth_id", sa.Integer, sa.ForeignKey("booth.id"), nullable=False),
        sa.Column("officer_id", sa.Integer, sa.ForeignKey("officer.id")),
        sa.Column("occupant", sa.BigInteger),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.String(8)),
    )
    op.create_index("ix_talk_interval_open", "talk_interval", ["server_id", "ended_at"])
    op.create_table(
        "heartbeat",
        sa.Column("server_id", sa.String(8), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
