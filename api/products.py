"""The catalogue of a store at its prices of today."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from activities.db import queries
from activities.db.queries import ProductPage, ProductsAsked
from api.bounds import LONGEST_NAME, IdInPath, IdInQuery
from api.callers import Caller, may
from api.deps import OpenOffice
from api.problems import RESPONSES
from domain.catalog import Product
from domain.roles import Action

MOST_AT_ONCE = 500

router = APIRouter(prefix="/products", tags=["products"], responses=RESPONSES)

Reader = Annotated[Caller, may(Action.READ_PRODUCTS)]
StoreId = Annotated[
    IdInQuery,
    Query(description="The store whose prices are asked."),
]


Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class ProductQuery(BaseModel):
    """Filters of the product list; an empty one asks nothing."""

    model_config = ConfigDict(extra="forbid")

    store_id: str = Field(
        min_length=1, max_length=LONGEST_NAME, description="The store whose prices are asked."
    )
    category: Name = ""
    sku: Name = ""
    text: str = Field(default="", max_length=LONGEST_NAME, description="Words of the name.")
    barcode: str = Field(
        default="", max_length=LONGEST_NAME, description="A code as it was scanned."
    )
    after: str = Field(
        default="", max_length=LONGEST_NAME, description="The `after` of the page before."
    )
    limit: int = Field(default=50, ge=1, le=MOST_AT_ONCE)


@router.get("", summary="Find products")
def products(
    asked: Annotated[ProductQuery, Query()], office: OpenOffice, caller: Reader
) -> ProductPage:
    """Products in the order of their SKU; `after` of the answer asks for the next page."""
    caller.insist_on_store(asked.store_id)
    with office.database.begin() as connection:
        return queries.products(connection, ProductsAsked(**asked.model_dump()))


@router.get("/{sku}", summary="Read a product")
def product(sku: IdInPath, store_id: StoreId, office: OpenOffice, caller: Reader) -> Product:
    """One product at its price of today."""
    caller.insist_on_store(store_id)
    with office.database.begin() as connection:
        return queries.product(connection, store_id, sku)
