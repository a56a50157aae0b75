"""Rates that a firm gives itself, beside those that are known for its goods on the day.

The firm's rate always counts. Where the official library or a rule that was read in its source has
another one, or where the rate is nought, it is said: a rate that has lapsed is the dearest slip.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from offing.refunds.rules import DatedRate
from offing.rules.rule_use import READ
from offing.terms.caution import Caution, Reference, Value
from offing.terms.errors import OffingError, Where
from offing.terms.firm_records import MonthLine

Known = Callable[[str, str, date, Decimal | None], DatedRate]


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


class GivenRates:
    """The firm's own rates that differ from the known ones, by goods and rate, each said once."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._looked: dict[tuple[str, str, date, Decimal], DatedRate | None] = {}
        self._differ: dict[tuple[str, Decimal, DatedRate], list[Where]] = {}
        self._nought: list[Where] = []

    def look(self, line: MonthLine, levy: Decimal, refund: Decimal) -> None:
        """Compare the rates of a row that gives its own."""
        self.look_at_nought(line, levy, refund)
        group, code, day = line.group, line.code, line.export_date
        if not (group or code) or day is None:
            return
        key = (group, code, day, levy)
        if key not in self._looked:
            self._looked[key] = self._found(group, code, day, levy)
        rate = self._looked[key]
        if rate is not None and (rate.cancelled or rate.refund_rate != refund):
            if rate.cancelled and line.deemed_domestic:
                return
            self._differ.setdefault((group or code, refund, rate), []).append(line.where)

    def look_at_nought(self, line: MonthLine, levy: Decimal, refund: Decimal) -> None:
        """Remember a row that is levied and not refunded, by whatever source."""
        if levy and not refund and not line.deemed_domestic:
            self._nought.append(line.where)

    def _found(self, group: str, code: str, day: date, levy: Decimal) -> DatedRate | None:
        """The known rate; ``None`` where nobody read one: then the firm's is all there is."""
        try:
            rate = self._known(group, code, day, levy)
        except OffingError:
            return None
        return rate if rate.status in READ else None

    def notes(self) -> list[Caution]:
        """What to say, with the first row and the number of rows."""
        notes: list[Caution] = []
        for (goods, own, rate), places in self._differ.items():
            values: dict[str, Value] = {
                "goods": goods,
                "given": _percent(own),
                "known": _percent(rate.refund_rate),
                "row": str(places[0].row or places[0].column or "\N{EM DASH}"),
                "count": len(places),
                "source": Reference(rate.source),
            }
            which = "cancelled" if rate.cancelled else "other"
            notes.append(Caution(f"refund.note_given_{which}", values))
        if self._nought:
            first = self._nought[0]
            row = str(first.row or first.column or "\N{EM DASH}")
            notes.append(Caution("refund.note_nought", {"row": row, "count": len(self._nought)}))
        return notes
