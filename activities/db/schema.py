"""The tables and their columns; what each column means is told where it is made, in migrations.

A test holds these against a migrated database, column by column.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = sa.MetaData()


def _table(name: str, /, **columns: sa.types.TypeEngine[Any] | type) -> sa.Table:
    return sa.Table(name, metadata, *(sa.Column(own, kind) for own, kind in columns.items()))


_Text, _Long, _Int, _Id, _Day = sa.Text, sa.BigInteger, sa.Integer, sa.Uuid, sa.Date
_Moment = sa.DateTime(timezone=True)
_Texts = ARRAY(sa.Text)

stores = _table(
    "stores",
    id=_Text,
    name=_Text,
    currency=_Text,
    timezone=_Text,
    cash_step_minor=_Long,
    tax_rounding=_Text,
    in_store_rules=_Texts,
    receipt_header=_Texts,
    receipt_footer=_Texts,
    catalogue_version=_Long,
    catalogue_loaded_on=_Day,
)
tills = _table(
    "tills",
    store_id=_Text,
    id=_Text,
    series=_Text,
    public_key=_Text,
    standing=_Text,
    standing_why=_Text,
    lease_until=_Moment,
    enrolled_at=_Moment,
)
people = _table(
    "people",
    store_id=_Text,
    id=_Text,
    name=_Text,
    role=_Text,
    pin_hash=_Text,
    badge_mark=_Text,
    active=sa.Boolean,
)
person_roles = _table(
    "person_roles",
    store_id=_Text,
    id=_Long,
    person_id=_Text,
    role=_Text,
    active=sa.Boolean,
    since=_Moment,
)
users = _table(
    "users",
    id=_Text,
    name=_Text,
    role=_Text,
    store_id=_Text,
    person_id=_Text,
    password_hash=_Text,
    issuer_subject=_Text,
    active=sa.Boolean,
    failures=_Int,
    locked_until=_Moment,
    created_at=_Moment,
)
web_sessions = _table(
    "web_sessions",
    token_hash=_Text,
    user_id=_Text,
    form_key=_Text,
    begun_at=_Moment,
    used_at=_Moment,
    expires_at=_Moment,
)
authorization_codes = _table(
    "authorization_codes",
    code_hash=_Text,
    user_id=_Text,
    client_id=_Text,
    redirect_uri=_Text,
    challenge=_Text,
    family=_Id,
    expires_at=_Moment,
    used_at=_Moment,
)
refresh_tokens = _table(
    "refresh_tokens",
    token_hash=_Text,
    family=_Id,
    user_id=_Text,
    client_id=_Text,
    made_at=_Moment,
    expires_at=_Moment,
    used_at=_Moment,
    revoked_at=_Moment,
)
spent_tokens = _table("spent_tokens", jti=_Text, expires_at=_Moment)
enrolment_codes = _table(
    "enrolment_codes",
    store_id=_Text,
    till_id=_Text,
    id=_Text,
    secret_hash=_Text,
    made_by=_Text,
    made_at=_Moment,
    expires_at=_Moment,
    wrong_tries=_Int,
    used_at=_Moment,
    used_key=_Text,
)
exception_tasks = _table(
    "exception_tasks",
    store_id=_Text,
    id=_Id,
    kind=_Text,
    subject=_Text,
    till_id=_Text,
    why=_Text,
    owner_role=_Text,
    amount_minor=_Long,
    currency=_Text,
    opened_at=_Moment,
    resolved_at=_Moment,
    resolved_by=_Text,
    resolution=_Text,
)
audit_entries = _table(
    "audit_entries",
    store_id=_Text,
    sequence=_Long,
    at=_Moment,
    actor=_Text,
    actor_role=_Text,
    action=_Text,
    subject=_Text,
    before=_Text,
    after=_Text,
    address=_Text,
    previous=_Text,
    hash=_Text,
    signature=_Text,
)
tax_rates = _table(
    "tax_rates",
    store_id=_Text,
    code=_Text,
    name=_Text,
    rate_ppm=_Long,
    included=sa.Boolean,
    exempt_reason=_Text,
)
products = _table(
    "products",
    sku=_Text,
    name=_Text,
    tax_codes=_Texts,
    unit=_Text,
    category=_Text,
    blocked=sa.Boolean,
    attributes=JSONB(),
)
product_barcodes = _table("product_barcodes", gtin=_Text, sku=_Text, position=_Int)
prices = _table(
    "prices", store_id=_Text, sku=_Text, valid_from=_Day, price_micros=_Long, currency=_Text
)
till_heads = _table(
    "till_heads",
    store_id=_Text,
    till_id=_Text,
    epoch=_Long,
    sequence=_Long,
    hash=_Text,
    posted_sequence=_Long,
    last_seen=_Moment,
)
journal_entries = _table(
    "journal_entries",
    store_id=_Text,
    till_id=_Text,
    epoch=_Long,
    sequence=_Long,
    kind=_Text,
    at=_Moment,
    previous=_Text,
    hash=_Text,
    signature=_Text,
    body=_Text,
    sale_id=_Id,
    content_hash=_Text,
    received_at=_Moment,
)
quarantined_entries = _table(
    "quarantined_entries",
    store_id=_Text,
    id=_Long,
    source=_Text,
    till_id=_Text,
    epoch=_Long,
    sequence=_Long,
    sale_id=_Id,
    sent_hash=_Text,
    reason=_Text,
    why=_Text,
    entry=_Text,
    received_at=_Moment,
)
accounts = _table("accounts", code=_Text, name=_Text)
sales = _table(
    "sales",
    store_id=_Text,
    id=_Id,
    till_id=_Text,
    cashier_id=_Text,
    receipt_number=_Text,
    business_date=_Day,
    sold_at=_Moment,
    currency=_Text,
    discount_minor=_Long,
    tax_minor=_Long,
    rounding_minor=_Long,
    total_minor=_Long,
    tendered_minor=_Long,
    change_minor=_Long,
    line_count=_Int,
    catalog_version=_Long,
    reference=_Text,
    content_hash=_Text,
    document=_Text,
    posted_at=_Moment,
)
sale_lines = _table(
    "sale_lines",
    store_id=_Text,
    sale_id=_Id,
    id=_Id,
    position=_Int,
    sku=_Text,
    name=_Text,
    category=_Text,
    gtin=_Text,
    quantity_thousandths=_Long,
    unit=_Text,
    unit_price_micros=_Long,
    price_source=_Text,
    currency=_Text,
    list_minor=_Long,
    discount_minor=_Long,
    discount_reason=_Text,
    tax_minor=_Long,
    total_minor=_Long,
    batch=_Text,
    serial=_Text,
)
line_taxes = _table(
    "line_taxes",
    store_id=_Text,
    sale_id=_Id,
    line_id=_Id,
    position=_Int,
    code=_Text,
    rate_ppm=_Long,
    currency=_Text,
    base_minor=_Long,
    tax_minor=_Long,
)
tenders = _table(
    "tenders",
    store_id=_Text,
    sale_id=_Id,
    id=_Id,
    kind=_Text,
    currency=_Text,
    given_minor=_Long,
    kept_minor=_Long,
)
stock_movements = _table(
    "stock_movements",
    store_id=_Text,
    source_line_id=_Id,
    kind=_Text,
    sku=_Text,
    quantity_thousandths=_Long,
    unit=_Text,
    business_date=_Day,
)
postings = _table(
    "postings",
    store_id=_Text,
    source_id=_Id,
    position=_Int,
    account=_Text,
    detail=_Text,
    currency=_Text,
    amount_minor=_Long,
    business_date=_Day,
)
exports = _table(
    "exports",
    store_id=_Text,
    business_date=_Day,
    sales=_Long,
    total_minor=_Long,
    exported_at=_Moment,
)
