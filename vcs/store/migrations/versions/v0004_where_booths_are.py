"""Where each booth is now, beside where it belongs: a visit is handed over with its booth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Every booth is at home."""
    op.create_table(
        "booth_place",
        sa.Column(
            "booth_id",
            sa.Integer,
            sa.ForeignKey("booth.id"),
            primary_key=True,
        ),
        sa.Column("desk_id", sa.Integer, sa.ForeignKey("desk.id"), nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.UniqueConstraint("desk_id", "slot"),
        sa.CheckConstraint("slot BETWEEN 1 AND 6"),
    )
    op.execute(
        "INSERT INTO booth_place (booth_id, desk_id, slot) SELECT id, desk_id, slot FROM booth"
    )
