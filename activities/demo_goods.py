"""What the demo shop sells, as groups of goods in several sizes or kinds; prices are in euros."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Goods of one category; each name comes in each variant at its price times the factor."""

    category: str
    tax_codes: tuple[str, ...]
    names: dict[str, int]
    variants: dict[str, int]


FOOD = ("reduced",)
OTHER = ("standard", "province")

GROUPS = (
    Group(
        "Dairy",
        FOOD,
        {
            "Whole milk yoghurt": 119,
            "Quark": 159,
            "Crème fraîche": 129,
            "Greek yoghurt": 179,
            "Kefir": 139,
            "Skyr": 189,
            "Buttermilk": 99,
            "Butter": 249,
        },
        {"250 g": 60, "500 g": 100, "1 kg": 180, "organic 500 g": 140},
    ),
    Group(
        "Bakery",
        FOOD,
        {
            "Rye bread": 289,
            "Brötchen": 39,
            "Croissant": 149,
            "Pão de queijo": 119,
            "Cinnamon bun": 229,
            "Simit": 129,
            "Baguette": 179,
        },
        {"": 100, "wholegrain": 115, "bag of 4": 370},
    ),
    Group(
        "Pantry",
        FOOD,
        {
            "Spaghetti": 129,
            "Basmati rice": 249,
            "Red lentils": 199,
            "Müsli": 349,
            "Olive oil": 899,
            "Tomato passata": 149,
            "Jalapeños": 229,
            "Honey": 549,
            "Wheat flour": 89,
            "Sea salt": 79,
        },
        {"small": 65, "": 100, "family pack": 175, "organic": 135},
    ),
    Group(
        "Sweets",
        FOOD,
        {
            "Dark chocolate": 199,
            "Marzipan": 249,
            "Gummy bears": 129,
            "Halva": 329,
            "Nougat": 279,
            "Liquorice": 169,
            "Shortbread": 259,
        },
        {"100 g": 100, "200 g": 185, "gift box": 320, "sugar-free": 125},
    ),
    Group(
        "Tea and coffee",
        FOOD,
        {
            "Green tea 緑茶": 499,
            "Black tea Чай": 399,
            "Rooibos": 349,
            "Espresso beans": 799,
            "Filter coffee": 649,
            "Cocoa": 379,
        },
        {"sample": 25, "250 g": 100, "500 g": 190, "fair trade 250 g": 125},
    ),
    Group(
        "Drinks",
        OTHER,
        {
            "Sparkling water": 79,
            "Orange juice": 219,
            "Apple spritzer": 129,
            "Cola": 149,
            "Ginger beer": 189,
            "Kölsch": 119,
            "Cider": 249,
        },
        {"0.33 l": 60, "0.5 l": 75, "1 l": 100, "crate of 6": 540},
    ),
    Group(
        "Household",
        OTHER,
        {
            "Dish soap": 189,
            "Laundry powder": 599,
            "Sponges": 149,
            "Bin bags": 249,
            "Candles": 399,
            "Batteries AA": 549,
            "Paper towels": 299,
        },
        {"": 100, "twin pack": 185, "refill": 80, "XL": 230},
    ),
    Group(
        "Care",
        OTHER,
        {
            "Toothpaste": 199,
            "Shampoo": 329,
            "Hand soap": 149,
            "Sun cream": 899,
            "Shower gel": 219,
            "Face cream": 749,
        },
        {"travel size": 45, "": 100, "sensitive": 115, "family size": 170},
    ),
    Group(
        "Frozen",
        FOOD,
        {
            "Peas": 189,
            "Berries": 349,
            "Pizza": 329,
            "Fish fingers": 379,
            "Pelmeni": 459,
            "Ice cream": 399,
            "Spinach": 169,
        },
        {"small": 60, "": 100, "family pack": 180, "organic": 140},
    ),
    Group(
        "Pets",
        OTHER,
        {"Cat food": 99, "Dog food": 149, "Bird seed": 249, "Litter": 499, "Treats": 199},
        {"": 100, "pack of 4": 370, "premium": 160},
    ),
    Group(
        "Stationery",
        OTHER,
        {"Notebook": 349, "Ballpoint pen": 129, "Envelopes": 299, "Glue stick": 159},
        {"blue": 100, "red": 100, "set of 3": 270},
    ),
)

WEIGHED = {
    "Apples Boskoop": 299,
    "Bananas": 189,
    "Carrots": 149,
    "Potatoes": 129,
    "Grapes": 449,
    "Gruyère": 2490,
    "Manchego": 2290,
    "Olives Kalamáta": 1690,
    "Smoked salmon": 3990,
    "Walnuts": 1890,
}
"""Sold by the kilogram, weighed at the counter or at the till; prices per kilogram."""

PACKED = {
    "Cheese platter": 990,
    "Salad bar": 650,
    "Antipasti": 890,
    "Sushi box 寿司": 1290,
    "Sandwich": 490,
    "Smørrebrød": 590,
    "Roast chicken": 850,
    "Bouquet": 1500,
}
"""Packed in the store: each label carries its own price; the price here is the usual one."""
