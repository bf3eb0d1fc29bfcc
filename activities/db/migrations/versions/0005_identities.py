"""Who people are: badges at the till, accounts in the office, browsers that are logged in."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE web_sessions, users")
    op.execute("ALTER TABLE people DROP COLUMN badge_mark, DROP COLUMN active")
