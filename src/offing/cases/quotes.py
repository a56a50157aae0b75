"""The exchange rates of a case, in home money for one of foreign money however they are quoted."""

from dataclasses import dataclass
from decimal import Decimal

from offing.cases.given import ONE, ZERO, Given, GivenWords
from offing.cases.levels import FAR
from offing.terms.errors import InputError

OTHER_SIDE = {"bid": "ask", "ask": "bid"}

ONE_PAIR = ("spot", "forward", "strike", "put_strike", "call_strike", "spot_at_maturity", "near",
            "far", "forward_start", "forward_end", "bid", "ask", "ndf", "fixing")  # fmt: skip
"""Rates that are of one pair of currencies where they stand in one table."""


@dataclass(frozen=True)
class QuotedRates(GivenWords):
    """The words that are exchange rates."""

    def _parse_quote(
        self, word: str, ours: frozenset[str], per: str, side: str = "", currency: str = ""
    ) -> tuple[Decimal, bool]:
        """A rate as it is quoted, and whether that is the other way round."""
        item = self.needed(word, side, currency)
        rate = item.inputs.read(item.name) / item.named.scale
        if rate <= 0:
            raise InputError("settle.not_positive", name=word, value=rate)
        above, below = item.named.quoted or ("home", per)
        if (above in ours) == (below in ours) and (above == per) == (below == per):
            raise self.bad(item.name, item.value)
        if currency and item.named.quoted and not {currency, "fc"} & {above, below}:
            raise self.bad(item.name, item.value)
        return rate, not (above in ours or below == per)

    def pair_of(self, word: str, form: str = "") -> tuple[str, str]:
        """The money that a quote is in and the one that it prices: home for foreign, if unsaid."""
        item = self.given(word, form)
        return (item.named.quoted if item else None) or ("home", "fc")

    def is_indirect(self, pair: tuple[str, str]) -> bool:
        """Whether a quote is of foreign money for one of home money."""
        return pair[0] not in self.home and pair[1] != "fc"

    def is_quoted_so(self, asked: tuple[str, str]) -> bool:
        """Whether a rate of the sum is quoted as an answer asks for it: home money for foreign."""
        above, below = self.pair_of("spot") if "spot" in self.vocabulary.words else ("home", "fc")
        if not self.home & {above, below}:  # of two foreign moneys the spot says it
            return asked == (above, below)
        return asked[0] in self.home or asked[1] == "fc"

    def side_as_quoted(self, word: str, side: str, per: str = "fc", of: str = "") -> str:
        """The side of a quote that a side of foreign money is: quoted inversely, the other one."""
        item = self.given(word, side)
        if not side or item is None or not item.named.forms & {"bid", "ask"}:
            return side
        above, below = item.named.quoted or ("home", per)
        ours = frozenset({of}) if of else self.home
        return side if above in ours or below == per else OTHER_SIDE[side]

    def quote(
        self, word: str, *, of: str = "", per: str = "fc", side: str = "", plus: Decimal = ZERO
    ) -> Decimal:
        """A rate in home money (or ``of``) for one of foreign money (``per``), however quoted.

        Args:
            word: of the vocabulary.
            of: another money than home money.
            per: what it is for one of.
            side: ``bid`` or ``ask``.
            plus: forward points, on the rate as it is quoted.

        Raises:
            InputError: ``settle.not_positive``; ``check.bad_input`` for a rate between two
                currencies neither of which is home money; and as :meth:`number`.
        """
        ours = frozenset({of}) if of else self.home
        rate, inverse = self._parse_quote(word, ours, per, self.side_as_quoted(word, side, per, of))
        if not -rate / 2 < plus < 4 * rate:
            raise InputError("check.bad_points", where=self.where, case=self.case, points=plus)
        level = ONE / (rate + plus) if inverse else rate + plus
        self._refuse_far(self.needed(word, side), level)
        return level

    def _refuse_far(self, item: Given, level: Decimal) -> None:
        """Refuse two rates of one pair of which one must be quoted the other way round."""
        if item.named.word.name not in ONE_PAIR:
            return
        place = f"{id(item.inputs.values)}"
        first, other = self.levels.setdefault(place, (item.name, level))
        apart = max(level / other, other / level)
        if apart >= FAR:
            names = {"first": first, "second": item.name, "factor": round(apart)}
            raise InputError("check.quotes_apart", where=self.where, case=self.case, **names)
