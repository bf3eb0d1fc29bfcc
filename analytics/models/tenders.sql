-- One row per means of payment of a sale.
SELECT
    store_id, -- The store that sold.
    business_date, -- The store's own date when the sale was made.
    sale_id, -- The sale that was paid.
    tender_id, -- The tender's identity for ever (UUID).
    kind, -- How the customer paid.
    currency, -- The ISO 4217 currency of every amount in the row.
    given_minor, -- What the customer handed over, in minor units.
    kept_minor, -- What the shop kept after giving change, in minor units.
    major(given_minor, currency) AS given, -- What the customer handed over, in major units.
    major(kept_minor, currency) AS kept -- What the shop kept after giving change, in major units.
FROM files.tenders
