"""How tills stand with the office, and tasks for people."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE exception_tasks, enrolment_codes")
    op.execute(
        "ALTER TABLE tills DROP COLUMN standing, DROP COLUMN standing_why,"
        " DROP COLUMN lease_until, DROP COLUMN enrolled_at"
    )
