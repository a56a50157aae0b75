"""Short names of products in both languages: every chapter, and the products of the examples.

The names are ours, for reading; the legal text is that of the Harmonized System.
"""

import csv
from functools import cache
from importlib import resources

from offing.terms.messages import language


@cache
def names_of_products() -> dict[str, tuple[str, str]]:
    """Every code that has a name of its own → the name in English and in Chinese."""
    file = resources.files("offing.terms").joinpath("data/products.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["code"]: (row["name_en"], row["name_zh"]) for row in rows}


def product_name(code: str) -> str:
    """The name of a code, or of the nearest code above it, in the language of the context.

    >>> product_name("852842"), product_name("99")
    ('Televisions and monitors', '')
    """
    for digits in range(len(code), 1, -1):
        found = names_of_products().get(code[:digits])
        if found:
            return found[1] if language() == "zh" else found[0]
    return ""


def product_label(code: str) -> str:
    """The code with its name: ``8528 Televisions and monitors``.

    >>> product_label("8528")
    '8528 Televisions and monitors'
    """
    return f"{code} {product_name(code)}".rstrip()
