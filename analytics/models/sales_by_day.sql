-- What each store sold on each day, per currency.
WITH by_day AS (
    SELECT
        store_id,
        business_date,
        currency,
        count(*) AS sales,
        CAST(sum(line_count) AS BIGINT) AS lines,
        count(DISTINCT till_id) AS tills,
        CAST(sum(discount_minor) AS BIGINT) AS discount_minor,
        CAST(sum(tax_minor) AS BIGINT) AS tax_minor,
        CAST(sum(rounding_minor) AS BIGINT) AS rounding_minor,
        CAST(sum(total_minor) AS BIGINT) AS total_minor
    FROM sales
    GROUP BY ALL
)

SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date.
    currency, -- The ISO 4217 currency of every amount in the row.
    sales, -- How many sales.
    lines, -- How many lines these sales have.
    tills, -- How many tills sold.
    discount_minor, -- What was taken off the list prices, in minor units.
    tax_minor, -- All taxes in the total, in minor units.
    rounding_minor, -- What cash rounding came to, in minor units.
    total_minor, -- What customers owed after tax and rounding, in minor units.
    major(discount_minor, currency) AS discount, -- What was taken off the list prices, in major units.
    major(tax_minor, currency) AS tax, -- All taxes in the total, in major units.
    major(rounding_minor, currency) AS rounding, -- What cash rounding came to, in major units.
    major(total_minor, currency) AS total -- What customers owed after tax and rounding, in major units.
FROM by_day
