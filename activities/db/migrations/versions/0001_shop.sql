-- Stores, tills, people, tax rates, products, barcodes and prices.

CREATE TABLE stores (
    id text CONSTRAINT stores_pkey PRIMARY KEY,
    name text NOT NULL,
    currency text NOT NULL CONSTRAINT store_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
    timezone text NOT NULL,
    cash_step_minor bigint NOT NULL CONSTRAINT cash_step_is_positive CHECK (cash_step_minor > 0),
    tax_rounding text NOT NULL,
    in_store_rules text[] NOT NULL,
    receipt_header text[] NOT NULL,
    receipt_footer text[] NOT NULL,
    catalogue_version bigint NOT NULL DEFAULT 0,
    catalogue_loaded_on date NOT NULL DEFAULT '2000-01-01'
);
COMMENT ON TABLE stores IS 'A shop: its money, its tax habits, and what stands on its receipts.';
COMMENT ON COLUMN stores.id IS 'Short name that every record of the store carries.';
COMMENT ON COLUMN stores.name IS 'What customers call it.';
COMMENT ON COLUMN stores.currency IS 'ISO 4217 code of all its prices and sales.';
COMMENT ON COLUMN stores.timezone IS 'IANA name; decides on which business date a sale falls.';
COMMENT ON COLUMN stores.cash_step_minor IS 'Smallest coin in minor units; cash totals are rounded to it.';
COMMENT ON COLUMN stores.tax_rounding IS 'Where tax is rounded: on each line, or once on the receipt.';
COMMENT ON COLUMN stores.in_store_rules IS 'Patterns of the shop''s own barcodes with a price or weight inside.';
COMMENT ON COLUMN stores.receipt_header IS 'Lines at the top of its receipts.';
COMMENT ON COLUMN stores.receipt_footer IS 'Lines at the bottom of its receipts.';
COMMENT ON COLUMN stores.catalogue_version IS 'Grows whenever anything a till needs to know has changed.';
COMMENT ON COLUMN stores.catalogue_loaded_on IS 'Local date of the last change; later prices count on top.';

CREATE TABLE tills (
    store_id text NOT NULL CONSTRAINT till_belongs_to_a_store REFERENCES stores,
    id text NOT NULL CONSTRAINT till_id_is_taken_once UNIQUE,
    series text NOT NULL,
    public_key text NOT NULL DEFAULT ''
        CONSTRAINT till_key_is_ed25519_in_hex CHECK (public_key ~ '^([0-9a-f]{64})?$'),
    CONSTRAINT tills_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT receipt_series_is_taken_once UNIQUE (store_id, series)
);
COMMENT ON TABLE tills IS 'A place where sales are made and written into a signed journal.';
COMMENT ON COLUMN tills.store_id IS 'The store it stands in.';
COMMENT ON COLUMN tills.id IS 'Short name, unique over all stores.';
COMMENT ON COLUMN tills.series IS 'What its receipt numbers start with.';
COMMENT ON COLUMN tills.public_key IS 'Ed25519 public key in hex; empty until the till has enrolled.';

CREATE TABLE people (
    store_id text NOT NULL CONSTRAINT person_works_in_a_store REFERENCES stores,
    id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    pin_hash text NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (store_id, id)
);
COMMENT ON TABLE people IS 'Who may log in at the tills of a store.';
COMMENT ON COLUMN people.store_id IS 'The store.';
COMMENT ON COLUMN people.id IS 'Number or short name typed at log-in.';
COMMENT ON COLUMN people.name IS 'What stands on the screen and the receipt.';
COMMENT ON COLUMN people.role IS 'What the person may do, such as cashier or manager.';
COMMENT ON COLUMN people.pin_hash IS 'The PIN as argon2id text; the PIN itself is nowhere.';

CREATE TABLE tax_rates (
    store_id text NOT NULL CONSTRAINT tax_is_due_in_a_store REFERENCES stores,
    code text NOT NULL,
    name text NOT NULL,
    rate_ppm bigint NOT NULL CONSTRAINT tax_rate_is_not_negative CHECK (rate_ppm >= 0),
    included boolean NOT NULL,
    exempt_reason text NOT NULL,
    CONSTRAINT tax_rates_pkey PRIMARY KEY (store_id, code)
);
COMMENT ON TABLE tax_rates IS 'What a tax code of a product means in one store.';
COMMENT ON COLUMN tax_rates.store_id IS 'The store.';
COMMENT ON COLUMN tax_rates.code IS 'The code that products name.';
COMMENT ON COLUMN tax_rates.name IS 'What stands on the receipt.';
COMMENT ON COLUMN tax_rates.rate_ppm IS 'Rate in parts per million: 190000 is 19 %.';
COMMENT ON COLUMN tax_rates.included IS 'True when shelf prices contain it, false when it comes on top.';
COMMENT ON COLUMN tax_rates.exempt_reason IS 'Why nothing is due, empty when something is.';

CREATE TABLE products (
    sku text CONSTRAINT products_pkey PRIMARY KEY,
    name text NOT NULL,
    tax_codes text[] NOT NULL,
    unit text NOT NULL,
    category text NOT NULL,
    blocked boolean NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX products_by_category ON products (category, sku);
COMMENT ON TABLE products IS 'What is sold, whatever it costs in which store.';
COMMENT ON COLUMN products.sku IS 'Stock-keeping unit: the product''s own name in all books.';
COMMENT ON COLUMN products.name IS 'What stands on screen and receipt.';
COMMENT ON COLUMN products.tax_codes IS 'The taxes due on it, by code; rates are the store''s.';
COMMENT ON COLUMN products.unit IS 'What is counted: piece or kg.';
COMMENT ON COLUMN products.category IS 'Group for buttons and reports.';
COMMENT ON COLUMN products.blocked IS 'True while it must not be sold.';
COMMENT ON COLUMN products.attributes IS 'Whatever else is known: brand, origin and the like.';

CREATE TABLE product_barcodes (
    gtin text NOT NULL CONSTRAINT barcode_is_taken_once UNIQUE
        CONSTRAINT barcode_has_14_digits CHECK (gtin ~ '^[0-9]{14}$'),
    sku text NOT NULL CONSTRAINT barcode_belongs_to_a_product REFERENCES products,
    position int NOT NULL,
    CONSTRAINT product_barcodes_pkey PRIMARY KEY (sku, gtin)
);
COMMENT ON TABLE product_barcodes IS 'The codes printed on products.';
COMMENT ON COLUMN product_barcodes.gtin IS 'The code, filled with zeros to 14 digits.';
COMMENT ON COLUMN product_barcodes.sku IS 'The product that carries it.';
COMMENT ON COLUMN product_barcodes.position IS 'Order among the product''s codes; 0 is printed on receipts.';

CREATE TABLE prices (
    store_id text NOT NULL CONSTRAINT price_is_asked_in_a_store REFERENCES stores,
    sku text NOT NULL CONSTRAINT price_is_of_a_product REFERENCES products,
    valid_from date NOT NULL,
    price_micros bigint NOT NULL CONSTRAINT price_is_not_negative CHECK (price_micros >= 0),
    currency text NOT NULL,
    CONSTRAINT prices_pkey PRIMARY KEY (store_id, sku, valid_from)
);
CREATE INDEX prices_by_day ON prices (store_id, valid_from);
COMMENT ON TABLE prices IS 'What a product costs in a store from a day on; the latest day reached wins.';
COMMENT ON COLUMN prices.store_id IS 'The store.';
COMMENT ON COLUMN prices.sku IS 'The product.';
COMMENT ON COLUMN prices.valid_from IS 'First business date of the price.';
COMMENT ON COLUMN prices.price_micros IS 'Price per piece or kg in millionths of the major unit.';
COMMENT ON COLUMN prices.currency IS 'The store''s currency.';
