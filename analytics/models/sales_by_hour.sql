-- What each store sold in each hour of its own clock, per currency.
WITH by_quarter AS (
    -- Every time zone is off UTC by whole quarters of an hour: few rows are left to convert.
    SELECT
        store_id,
        business_date,
        time_bucket(INTERVAL 15 MINUTES, sold_at) AS quarter,
        currency,
        count(*) AS sales,
        sum(line_count) AS lines,
        sum(tax_minor) AS tax_minor,
        sum(total_minor) AS total_minor
    FROM sales
    GROUP BY ALL
),

on_the_stores_clock AS (
    SELECT
        by_quarter.*,
        hour(by_quarter.quarter AT TIME ZONE coalesce(stores.timezone, 'UTC')) AS hour
    FROM by_quarter
    LEFT JOIN stores USING (store_id)
),

by_hour AS (
    SELECT
        store_id,
        business_date,
        hour,
        currency,
        CAST(sum(sales) AS BIGINT) AS sales,
        CAST(sum(lines) AS BIGINT) AS lines,
        CAST(sum(tax_minor) AS BIGINT) AS tax_minor,
        CAST(sum(total_minor) AS BIGINT) AS total_minor
    FROM on_the_stores_clock
    GROUP BY ALL
)

SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date.
    hour, -- The hour on the store's clock, 0 to 23; the hour repeated in autumn is counted once.
    currency, -- The ISO 4217 currency of every amount in the row.
    sales, -- How many sales.
    lines, -- How many lines these sales have.
    tax_minor, -- All taxes in the total, in minor units.
    total_minor, -- What customers owed after tax and rounding, in minor units.
    major(tax_minor, currency) AS tax, -- All taxes in the total, in major units.
    major(total_minor, currency) AS total -- What customers owed after tax and rounding, in major units.
FROM by_hour
