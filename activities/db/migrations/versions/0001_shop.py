"""Stores, tills, people, tax rates, products, barcodes and prices."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE prices, product_barcodes, products, tax_rates, people, tills, stores")
