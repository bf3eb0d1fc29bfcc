"""Which role somebody had when."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TRIGGER person_role_is_noted ON people")
    op.execute("DROP FUNCTION note_person_role()")
    op.execute("DROP TABLE person_roles")
