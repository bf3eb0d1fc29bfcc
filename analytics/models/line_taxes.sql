-- One row per tax of a line.
SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date when the sale was made.
    sale_id, -- The sale the line belongs to.
    line_id, -- The line that was taxed.
    tax_code, -- The tax.
    currency, -- The ISO 4217 currency of every amount in the row.
    rate_ppm, -- The rate in millionths, so 200000 is 20 %.
    base_minor, -- The amount without any tax, in minor units.
    tax_minor, -- The tax on it, in minor units.
    CAST(rate_ppm * 0.0001 AS DECIMAL(9, 4)) AS rate_percent, -- The rate in per cent.
    major(base_minor, currency) AS base, -- The amount without any tax, in major units.
    major(tax_minor, currency) AS tax -- The tax on it, in major units.
FROM files.line_taxes
