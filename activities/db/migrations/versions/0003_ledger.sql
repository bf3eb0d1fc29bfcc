-- What was sold: sales with their lines, taxes and tenders, stock movements and balanced postings.

CREATE TABLE accounts (
    code text CONSTRAINT accounts_pkey PRIMARY KEY,
    name text NOT NULL
);
COMMENT ON TABLE accounts IS 'The chart of accounts of the general ledger.';
COMMENT ON COLUMN accounts.code IS 'Short name that postings use.';
COMMENT ON COLUMN accounts.name IS 'What an accountant calls it.';
INSERT INTO accounts VALUES
    ('cash', 'Cash in drawers'),
    ('sales', 'Revenue without tax'),
    ('tax', 'Tax owed, by tax code'),
    ('rounding', 'Differences from rounding cash to coins');

CREATE TABLE sales (
    store_id text NOT NULL,
    id uuid NOT NULL CONSTRAINT sale_is_recorded_once UNIQUE,
    till_id text NOT NULL,
    cashier_id text NOT NULL,
    receipt_number text NOT NULL,
    business_date date NOT NULL,
    sold_at timestamptz NOT NULL,
    currency text NOT NULL CONSTRAINT sale_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
    discount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tendered_minor bigint NOT NULL,
    change_minor bigint NOT NULL CONSTRAINT change_is_not_negative CHECK (change_minor >= 0),
    line_count int NOT NULL CONSTRAINT sale_has_lines CHECK (line_count > 0),
    catalog_version bigint NOT NULL,
    reference text NOT NULL,
    content_hash text NOT NULL,
    document text,
    posted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sales_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT receipt_number_is_taken_once UNIQUE (store_id, receipt_number),
    CONSTRAINT sale_is_made_at_a_till FOREIGN KEY (store_id, till_id) REFERENCES tills,
    CONSTRAINT tenders_less_change_are_the_total
        CHECK (tendered_minor - change_minor = total_minor)
);
CREATE INDEX sales_by_day ON sales (store_id, business_date, till_id) INCLUDE (total_minor, currency);
CREATE INDEX sales_by_receipt_number ON sales (receipt_number);
COMMENT ON TABLE sales IS 'One row per finished sale; never changed.';
COMMENT ON COLUMN sales.store_id IS 'The store.';
COMMENT ON COLUMN sales.id IS 'UUIDv7 made by the till; the same sale sent again is recognised by it.';
COMMENT ON COLUMN sales.till_id IS 'The till.';
COMMENT ON COLUMN sales.cashier_id IS 'Who was logged in.';
COMMENT ON COLUMN sales.receipt_number IS 'What stands on the receipt; unique in the store.';
COMMENT ON COLUMN sales.business_date IS 'Local date of the store when it was sold.';
COMMENT ON COLUMN sales.sold_at IS 'When it was paid, by the till''s clock.';
COMMENT ON COLUMN sales.currency IS 'ISO 4217 code of all its amounts.';
COMMENT ON COLUMN sales.discount_minor IS 'Taken off list prices, in minor units.';
COMMENT ON COLUMN sales.tax_minor IS 'All taxes in it, included ones and those on top.';
COMMENT ON COLUMN sales.rounding_minor IS 'What rounding to coins added or took.';
COMMENT ON COLUMN sales.total_minor IS 'What the customer paid in the end.';
COMMENT ON COLUMN sales.tendered_minor IS 'What the customer handed over.';
COMMENT ON COLUMN sales.change_minor IS 'What the customer got back.';
COMMENT ON COLUMN sales.line_count IS 'How many lines it has.';
COMMENT ON COLUMN sales.catalog_version IS 'The catalogue it was priced with.';
COMMENT ON COLUMN sales.reference IS 'What another system calls it, empty when none does.';
COMMENT ON COLUMN sales.content_hash IS 'SHA-256 of its canonical JSON: tells a repeat from a contradiction.';
COMMENT ON COLUMN sales.document IS 'Its canonical JSON when it came by the API; else the journal has it.';
COMMENT ON COLUMN sales.posted_at IS 'When the office recorded it.';

CREATE TABLE sale_lines (
    store_id text NOT NULL,
    sale_id uuid NOT NULL,
    id uuid NOT NULL,
    position int NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    gtin text NOT NULL,
    quantity_thousandths bigint NOT NULL
        CONSTRAINT line_quantity_is_not_zero CHECK (quantity_thousandths <> 0),
    unit text NOT NULL,
    unit_price_micros bigint NOT NULL,
    price_source text NOT NULL,
    currency text NOT NULL,
    list_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    discount_reason text NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    batch text NOT NULL,
    serial text NOT NULL,
    CONSTRAINT sale_lines_pkey PRIMARY KEY (store_id, sale_id, id)
);
COMMENT ON TABLE sale_lines IS 'One row per product line of a sale; never changed.';
COMMENT ON COLUMN sale_lines.store_id IS 'The store.';
COMMENT ON COLUMN sale_lines.sale_id IS 'The sale.';
COMMENT ON COLUMN sale_lines.id IS 'UUIDv7 made by the till.';
COMMENT ON COLUMN sale_lines.position IS 'Place on the receipt, from 1.';
COMMENT ON COLUMN sale_lines.sku IS 'The product as it was named then.';
COMMENT ON COLUMN sale_lines.name IS 'Its name on the receipt.';
COMMENT ON COLUMN sale_lines.category IS 'Its category then.';
COMMENT ON COLUMN sale_lines.gtin IS 'Its barcode in 14 digits, empty when it has none.';
COMMENT ON COLUMN sale_lines.quantity_thousandths IS 'Thousandths of a piece or kilogram.';
COMMENT ON COLUMN sale_lines.unit IS 'piece or kg.';
COMMENT ON COLUMN sale_lines.unit_price_micros IS 'Price per piece or kg in millionths of the major unit.';
COMMENT ON COLUMN sale_lines.price_source IS 'Where the price came from: catalog, embedded or override.';
COMMENT ON COLUMN sale_lines.currency IS 'ISO 4217 code of its amounts.';
COMMENT ON COLUMN sale_lines.list_minor IS 'Quantity times price, rounded once.';
COMMENT ON COLUMN sale_lines.discount_minor IS 'Taken off.';
COMMENT ON COLUMN sale_lines.discount_reason IS 'Why, in the till''s words.';
COMMENT ON COLUMN sale_lines.tax_minor IS 'All taxes of the line.';
COMMENT ON COLUMN sale_lines.total_minor IS 'What the line costs the customer.';
COMMENT ON COLUMN sale_lines.batch IS 'Lot number read from the code, if any.';
COMMENT ON COLUMN sale_lines.serial IS 'Serial number read from the code, if any.';

CREATE TABLE line_taxes (
    store_id text NOT NULL,
    sale_id uuid NOT NULL,
    line_id uuid NOT NULL,
    position int NOT NULL,
    code text NOT NULL,
    rate_ppm bigint NOT NULL,
    currency text NOT NULL,
    base_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    CONSTRAINT line_taxes_pkey PRIMARY KEY (store_id, sale_id, line_id, position)
);
COMMENT ON TABLE line_taxes IS 'One row per tax of a line; never changed.';
COMMENT ON COLUMN line_taxes.store_id IS 'The store.';
COMMENT ON COLUMN line_taxes.sale_id IS 'The sale.';
COMMENT ON COLUMN line_taxes.line_id IS 'The line.';
COMMENT ON COLUMN line_taxes.position IS 'Order among the line''s taxes, from 1.';
COMMENT ON COLUMN line_taxes.code IS 'The tax by its code.';
COMMENT ON COLUMN line_taxes.rate_ppm IS 'Its rate then, in parts per million.';
COMMENT ON COLUMN line_taxes.currency IS 'ISO 4217 code of its amounts.';
COMMENT ON COLUMN line_taxes.base_minor IS 'The amount without any tax.';
COMMENT ON COLUMN line_taxes.tax_minor IS 'The tax.';

CREATE TABLE tenders (
    store_id text NOT NULL,
    sale_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    currency text NOT NULL,
    given_minor bigint NOT NULL CONSTRAINT tender_is_above_zero CHECK (given_minor > 0),
    kept_minor bigint NOT NULL
        CONSTRAINT kept_is_part_of_given CHECK (kept_minor BETWEEN 0 AND given_minor),
    CONSTRAINT tenders_pkey PRIMARY KEY (store_id, sale_id, id)
);
COMMENT ON TABLE tenders IS 'One row per means of payment of a sale; never changed.';
COMMENT ON COLUMN tenders.store_id IS 'The store.';
COMMENT ON COLUMN tenders.sale_id IS 'The sale.';
COMMENT ON COLUMN tenders.id IS 'UUIDv7 made by the till.';
COMMENT ON COLUMN tenders.kind IS 'How it was paid, such as cash.';
COMMENT ON COLUMN tenders.currency IS 'ISO 4217 code of its amounts.';
COMMENT ON COLUMN tenders.given_minor IS 'What was handed over.';
COMMENT ON COLUMN tenders.kept_minor IS 'What was kept after change.';

CREATE TABLE stock_movements (
    store_id text NOT NULL,
    source_line_id uuid NOT NULL,
    kind text NOT NULL,
    sku text NOT NULL,
    quantity_thousandths bigint NOT NULL
        CONSTRAINT movement_is_not_zero CHECK (quantity_thousandths <> 0),
    unit text NOT NULL,
    business_date date NOT NULL,
    CONSTRAINT stock_moves_once_per_line_and_kind PRIMARY KEY (store_id, source_line_id, kind)
);
CREATE INDEX stock_movements_by_product ON stock_movements (store_id, sku)
    INCLUDE (quantity_thousandths);
COMMENT ON TABLE stock_movements IS 'Everything that moved stock; stock on hand is their sum; never changed.';
COMMENT ON COLUMN stock_movements.store_id IS 'The store.';
COMMENT ON COLUMN stock_movements.source_line_id IS 'The line of a document that moved it.';
COMMENT ON COLUMN stock_movements.kind IS 'Why it moved, such as sale.';
COMMENT ON COLUMN stock_movements.sku IS 'The product.';
COMMENT ON COLUMN stock_movements.quantity_thousandths IS 'Thousandths that came; below zero what went.';
COMMENT ON COLUMN stock_movements.unit IS 'piece or kg.';
COMMENT ON COLUMN stock_movements.business_date IS 'The day it counts for.';

CREATE TABLE postings (
    store_id text NOT NULL,
    source_id uuid NOT NULL,
    position int NOT NULL,
    account text NOT NULL CONSTRAINT posting_is_to_an_account REFERENCES accounts,
    detail text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT posting_is_not_zero CHECK (amount_minor <> 0),
    business_date date NOT NULL,
    CONSTRAINT postings_pkey PRIMARY KEY (store_id, source_id, position)
);
CREATE INDEX postings_by_account ON postings (store_id, account, business_date)
    INCLUDE (amount_minor);
COMMENT ON TABLE postings IS 'The general ledger: per document debits equal credits; never changed.';
COMMENT ON COLUMN postings.store_id IS 'The store.';
COMMENT ON COLUMN postings.source_id IS 'The document that was posted, such as a sale.';
COMMENT ON COLUMN postings.position IS 'Order among the document''s postings, from 1.';
COMMENT ON COLUMN postings.account IS 'The account.';
COMMENT ON COLUMN postings.detail IS 'What the account is divided by, such as the tax code.';
COMMENT ON COLUMN postings.currency IS 'ISO 4217 code of the amount.';
COMMENT ON COLUMN postings.amount_minor IS 'Above zero a debit, below zero a credit.';
COMMENT ON COLUMN postings.business_date IS 'The day it counts for.';

CREATE TABLE exports (
    store_id text NOT NULL,
    business_date date NOT NULL,
    sales bigint NOT NULL,
    total_minor bigint NOT NULL,
    exported_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT exports_pkey PRIMARY KEY (store_id, business_date),
    CONSTRAINT export_is_of_a_store FOREIGN KEY (store_id) REFERENCES stores
);
COMMENT ON TABLE exports IS 'Which days the analysts have, and what was in them when they were written.';
COMMENT ON COLUMN exports.store_id IS 'The store.';
COMMENT ON COLUMN exports.business_date IS 'The day.';
COMMENT ON COLUMN exports.sales IS 'How many sales the files hold.';
COMMENT ON COLUMN exports.total_minor IS 'What those sales came to.';
COMMENT ON COLUMN exports.exported_at IS 'When the files were written.';
