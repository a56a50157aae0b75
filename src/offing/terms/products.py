"""Short names of products in both languages: every chapter, and the products of the examples.

The names are ours, for reading; the legal text is that of the Harmonized System.
"""

from functools import cache

from offing.terms.messages import language
from offing.terms.shipped import shipped_rows


@cache
def names_of_products() -> dict[str, tuple[str, str]]:
    """Every code that has a name of its own → the name in English and in Chinese."""
    rows = shipped_rows("offing.terms", "data/products.csv")
    return {row["code"]: (row["name_en"], row["name_zh"]) for row in rows}


def product_name(code: str) -> str:
    """The name of a code, or of the nearest code above it, in the language of the context.

    >>> product_name("852842"), product_name("99")
    ('Televisions and monitors', '')
    """
    for digits in range(len(code), 1, -1):
        names = names_of_products().get(code[:digits])
        if names:
            return names[1] if language() == "zh" else names[0]
    return ""


def product_label(code: str) -> str:
    """The code with its name: ``8528 Televisions and monitors``.

    >>> product_label("8528")
    '8528 Televisions and monitors'
    """
    return f"{code} {product_name(code)}".rstrip()
