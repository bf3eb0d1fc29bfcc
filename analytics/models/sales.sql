-- One row per sale.
SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date when the sale was made.
    sale_id, -- The sale's identity for ever (UUID).
    till_id, -- The till that sold.
    cashier_id, -- The person logged in at the till.
    receipt_number, -- The number on the receipt, gapless per till.
    sold_at, -- The moment of the sale (UTC).
    currency, -- The ISO 4217 currency of every amount in the row.
    line_count, -- How many lines the receipt has.
    reference, -- A number the shop gave the sale itself; empty where there is none.
    discount_minor, -- What was taken off the list prices, in minor units.
    tax_minor, -- All taxes in the total, in minor units.
    rounding_minor, -- What cash rounding added to the lines (or took off), in minor units.
    total_minor, -- What the customer owed after tax and rounding, in minor units.
    change_minor, -- What the customer got back, in minor units.
    major(discount_minor, currency) AS discount, -- What was taken off the list prices, in major units.
    major(tax_minor, currency) AS tax, -- All taxes in the total, in major units.
    major(rounding_minor, currency) AS rounding, -- What cash rounding added to the lines (or took off), in major units.
    major(total_minor, currency) AS total, -- What the customer owed after tax and rounding, in major units.
    major(change_minor, currency) AS change -- What the customer got back, in major units.
FROM files.sales
