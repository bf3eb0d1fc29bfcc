"""What the ledger refuses by itself: changes, late additions, sales that do not add up."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

TRIGGERS = {
    "sale_adds_up": "sales",
    "postings_are_balanced": "postings",
    "line_comes_with_its_sale": "sale_lines",
    "tender_comes_with_its_sale": "tenders",
    "tax_comes_with_its_sale": "line_taxes",
    "sales_is_append_only": "sales",
    "sale_lines_is_append_only": "sale_lines",
    "line_taxes_is_append_only": "line_taxes",
    "tenders_is_append_only": "tenders",
    "stock_movements_is_append_only": "stock_movements",
    "postings_is_append_only": "postings",
}


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for trigger, table in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute(
        "DROP FUNCTION refuse_sale_that_does_not_add_up, refuse_unbalanced_postings,"
        " refuse_late_addition"
    )
