"""What was sold: sales with lines, taxes, tenders, stock movements and balanced postings."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(
        "DROP TABLE exports, postings, stock_movements, tenders, line_taxes, sale_lines, sales,"
        " accounts"
    )
