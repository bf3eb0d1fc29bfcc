-- How much of each product each store sold on each day, per unit and currency.
WITH by_product AS (
    SELECT
        store_id,
        business_date,
        sku,
        unit,
        currency,
        max(name) AS name,
        max(category) AS category,
        count(*) AS lines,
        CAST(sum(quantity_thousandths) AS BIGINT) AS quantity_thousandths,
        CAST(sum(list_minor) AS BIGINT) AS list_minor,
        CAST(sum(discount_minor) AS BIGINT) AS discount_minor,
        CAST(sum(tax_minor) AS BIGINT) AS tax_minor,
        CAST(sum(total_minor) AS BIGINT) AS total_minor
    FROM sale_lines
    GROUP BY store_id, business_date, sku, unit, currency
)

SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date.
    sku, -- The product's stock-keeping unit.
    unit, -- What the quantity counts.
    currency, -- The ISO 4217 currency of every amount in the row.
    name, -- The product's name; the alphabetically last one where it changed that day.
    category, -- The product's category; the alphabetically last one where it changed that day.
    lines, -- How many lines of receipts.
    quantity_thousandths, -- How much was sold, in thousandths of the unit.
    list_minor, -- Price times quantity before any discount, in minor units.
    discount_minor, -- What was taken off the list prices, in minor units.
    tax_minor, -- All taxes in the total, in minor units.
    total_minor, -- What the lines came to with every tax, in minor units.
    CAST(quantity_thousandths * 0.001 AS DECIMAL(18, 3)) AS quantity, -- How much was sold, in whole units.
    major(list_minor, currency) AS list, -- Price times quantity before any discount, in major units.
    major(discount_minor, currency) AS discount, -- What was taken off the list prices, in major units.
    major(tax_minor, currency) AS tax, -- All taxes in the total, in major units.
    major(total_minor, currency) AS total -- What the lines came to with every tax, in major units.
FROM by_product
