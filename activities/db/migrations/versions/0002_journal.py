"""The tills' journals as received, where each of them stands, and what was refused."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE quarantined_entries, journal_entries, till_heads")
    op.execute("DROP FUNCTION refuse_change")
