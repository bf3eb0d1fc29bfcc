-- One row per store that has sold something.
SELECT
    store_id, -- The store.
    name, -- What the store is called.
    currency, -- The ISO 4217 currency the store prices in.
    timezone -- The IANA time zone whose clock hangs in the store.
FROM files.stores
