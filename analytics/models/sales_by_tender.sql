-- What each store took by each means of payment on each day, per currency.
WITH by_tender AS (
    SELECT
        store_id,
        business_date,
        kind,
        currency,
        count(*) AS tenders,
        CAST(sum(given_minor) AS BIGINT) AS given_minor,
        CAST(sum(kept_minor) AS BIGINT) AS kept_minor
    FROM tenders
    GROUP BY ALL
)

SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date.
    kind, -- How customers paid.
    currency, -- The ISO 4217 currency of every amount in the row.
    tenders, -- How many payments.
    given_minor, -- What customers handed over, in minor units.
    kept_minor, -- What the shop kept after giving change, in minor units.
    major(given_minor, currency) AS given, -- What customers handed over, in major units.
    major(kept_minor, currency) AS kept -- What the shop kept after giving change, in major units.
FROM by_tender
