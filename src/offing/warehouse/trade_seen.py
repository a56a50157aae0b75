"""How much trade each data set has, for the choice of one."""

from dataclasses import dataclass

from offing.terms.caution import Caution, Value

YEARS_SEEN = 5
"""Data sets are compared by the trade they have in the newest years, so many of them."""


@dataclass(frozen=True)
class TradeSeen:
    """How much trade in a product each loaded data set has.

    Attributes:
        product: HS code, or empty for all products.
        since: the first of the years compared.
        last: the last of them: the newest that any set has.
        usd: data set → USD in these years. A set whose years are all earlier has 0.0, a set
            without the product is not in it. Newest load first.
    """

    product: str
    since: int
    last: int
    usd: dict[str, float]

    @property
    def most(self) -> str | None:
        """The set with the most trade; of equals the newest. ``None`` where none has any."""
        return max(self.usd, key=lambda name: self.usd[name], default=None)

    def caution(self, chosen: str) -> Caution | None:
        """What to say of the choice, as a message key and its values, where there were several."""
        others = [name for name in self.usd if name != chosen]
        if not others or chosen not in self.usd:
            return None
        key = "warehouse.several_sets" if self.product else "warehouse.several_sets_all"
        values: dict[str, Value] = {
            "dataset": chosen,
            "sets": tuple(others),
            "product": self.product,
            "years": f"{self.since}–{self.last}",
            "billions": f"{self.usd[chosen] / 1e9:,.1f}",
        }
        return Caution(key, values)
