-- What each tax came to in each store on each day, per rate and currency.
WITH by_tax AS (
    SELECT
        store_id,
        business_date,
        tax_code,
        rate_ppm,
        currency,
        count(*) AS lines,
        CAST(sum(base_minor) AS BIGINT) AS base_minor,
        CAST(sum(tax_minor) AS BIGINT) AS tax_minor
    FROM line_taxes
    GROUP BY ALL
)

SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date.
    tax_code, -- The tax.
    rate_ppm, -- The rate in millionths, so 200000 is 20 %.
    currency, -- The ISO 4217 currency of every amount in the row.
    lines, -- How many lines bear the tax.
    base_minor, -- The amount without any tax, in minor units.
    tax_minor, -- The tax on it, in minor units.
    CAST(rate_ppm * 0.0001 AS DECIMAL(9, 4)) AS rate_percent, -- The rate in per cent.
    major(base_minor, currency) AS base, -- The amount without any tax, in major units.
    major(tax_minor, currency) AS tax -- The tax on it, in major units.
FROM by_tax
