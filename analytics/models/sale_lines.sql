-- One row per line of a sale; list price less discount plus tax on top is the total.
SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date when the sale was made.
    sale_id, -- The sale the line belongs to.
    line_id, -- The line's identity for ever (UUID).
    position, -- The line's place on the receipt.
    till_id, -- The till that sold.
    sold_at, -- The moment of the sale (UTC).
    sku, -- The product's stock-keeping unit.
    name, -- The product's name as printed on the receipt.
    category, -- The product's category at the time; empty where there is none.
    unit, -- What the quantity counts.
    price_source, -- Where the price came from.
    currency, -- The ISO 4217 currency of every amount in the row.
    quantity_thousandths, -- How much was sold, in thousandths of the unit.
    unit_price_micros, -- The price of one unit, in millionths of the major unit.
    list_minor, -- Price times quantity before any discount, in minor units.
    discount_minor, -- What was taken off the list price, in minor units.
    tax_minor, -- All taxes in the line's total, in minor units.
    total_minor, -- What the line came to with every tax, in minor units.
    CAST(quantity_thousandths * 0.001 AS DECIMAL(18, 3)) AS quantity, -- How much was sold, in whole units.
    CAST(unit_price_micros * 0.000001 AS DECIMAL(18, 6)) AS unit_price, -- The price of one unit, in major units.
    major(list_minor, currency) AS list, -- Price times quantity before any discount, in major units.
    major(discount_minor, currency) AS discount, -- What was taken off the list price, in major units.
    major(tax_minor, currency) AS tax, -- All taxes in the line's total, in major units.
    major(total_minor, currency) AS total -- What the line came to with every tax, in major units.
FROM files.sale_lines
