"""Find a product's duty in an importer's tariff, as loaded into the warehouse.

A code is looked for at the importer's own length. Where the code given is shorter and the lines
below it have different duties, nothing is picked: the lines are shown, and the user names one.
"""

from dataclasses import dataclass, replace
from datetime import date

from offing.costing.duty import Duty
from offing.costing.duty_text import parse_duty
from offing.costing.landed import Tariff
from offing.costing.shape import RuleUse
from offing.terms.errors import InputError, MissingDataError, RuleError
from offing.terms.interval import Interval, overlaps
from offing.warehouse import Warehouse

SHOWN = 8
"""Lines that an error shows."""


@dataclass(frozen=True)
class Line:
    """A line of a tariff that holds on the day.

    ``text`` is its duty as written, ``None`` for a line of a product list.
    """

    importer: str
    code: str
    regime: str
    text: str | None
    description: str | None
    when: Interval
    source: str

    def duty(self) -> Duty:
        """The parsed duty.

        Raises:
            MissingDataError: ``costing.line_without_duty`` where the tariff gives none.
            InputError: its text is not understood.
        """
        if self.text is None:
            raise MissingDataError("costing.line_without_duty", code=self.code, regime=self.regime)
        return parse_duty(self.text)

    def tariff(self) -> Tariff:
        """Duty and trace. A line whose source gives no first day is only illustrative."""
        duty = self.duty()
        use = RuleUse(
            f"{self.importer.lower()}.{self.regime}.{self.code}",
            str(duty),
            self.when.since,
            self.when.until,
            self.source,
            "illustrative" if self.when.since is None else "checked",
        )
        return Tariff(duty, use)


def national(code: str) -> str:
    """A tariff code as digits: ``8528.72.64`` → ``85287264``.

    Raises:
        InputError: ``costing.bad_code`` where it is not 4 to 10 digits.

    >>> national("8528.72.64")
    '85287264'
    """
    digits = code.strip().replace(".", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 10):
        raise InputError("costing.bad_code", code=code)
    return digits


def lines_for(warehouse: Warehouse, importer: str, code: str, origin: str, on: date) -> list[Line]:
    """Every line above and below a code, of all regimes, that holds for the origin on the day."""
    if not warehouse.has("duty_lines"):
        return []
    rows = warehouse.duck.execute(
        "SELECT code, regime, expression, description, since, until, source FROM "
        f"{warehouse.source_sql('duty_lines')} WHERE importer = ? "
        "AND (starts_with(code, ?) OR starts_with(?, code)) "
        "AND (partner IS NULL OR partner = ?) "
        "AND (since IS NULL OR since <= ?) AND (until IS NULL OR until > ?) "
        "ORDER BY regime, code, since",
        [importer, code, code, origin, on, on],
    ).fetchall()
    return [
        Line(importer, code_, regime, text, description, Interval(since, until), source)
        for code_, regime, text, description, since, until, source in rows
    ]


def loaded_lists(warehouse: Warehouse, importer: str) -> frozenset[str]:
    """The regimes that the warehouse has for an importer."""
    if not warehouse.has("duty_lines"):
        return frozenset()
    rows = warehouse.duck.execute(
        f"SELECT DISTINCT regime FROM {warehouse.source_sql('duty_lines')} WHERE importer = ?",
        [importer],
    ).fetchall()
    return frozenset(regime for (regime,) in rows)


def nearest_lines(lines: list[Line], code: str, regime: str) -> list[Line]:
    """The lines of a regime that decide a code: the longest one above or at it, else all below.

    Raises:
        RuleError: ``costing.two_lines`` where a code has two lines on the day.
    """
    mine = [line for line in lines if line.regime == regime]
    above = [line for line in mine if code.startswith(line.code)]
    longest = max((len(line.code) for line in above), default=0)
    found = [line for line in above if len(line.code) == longest] if above else mine
    for one, other in overlaps(found):
        if one.code == other.code and one.text != other.text:
            raise RuleError("costing.two_lines", code=one.code, regime=regime)
    return found


def _shown(lines: list[Line]) -> str:
    rows = [
        f"{line.code}: {line.text}" + (f" ({line.description[:60]})" if line.description else "")
        for line in lines[:SHOWN]
    ]
    more = [f"… (+{len(lines) - SHOWN})"] if len(lines) > SHOWN else []
    return "; ".join(rows + more)


def the_line(lines: list[Line], code: str, regime: str) -> Line:
    """The line that decides a code; one for all where their duties are the same.

    Raises:
        MissingDataError: ``costing.no_line`` where there is none.
        InputError: ``costing.several_lines`` where they differ: the lines are shown.
    """
    found = nearest_lines(lines, code, regime)
    if not found:
        raise MissingDataError("costing.no_line", code=code, regime=regime)
    if len({str(line.duty()) for line in found if line.text}) > 1:
        raise InputError(
            "costing.several_lines",
            code=code,
            count=len(found),
            lines=_shown(found),
            example=found[0].code,
        )
    return found[0] if len(found) == 1 else replace(found[0], code=code)


def lists_of(lines: list[Line], code: str, names: frozenset[str]) -> frozenset[str]:
    """The product lists (of those named) that a code is on.

    Raises:
        InputError: ``costing.partly_on_list`` where only part of the lines below the code are.
    """
    tariff = {line.code for line in nearest_lines(lines, code, "mfn")}
    on: set[str] = set()
    for name in sorted(names):
        listed = {line.code for line in lines if line.regime == name}
        if not listed:
            continue
        if any(code.startswith(item) for item in listed):
            on.add(name)
            continue
        outside = {c for c in tariff if not any(c.startswith(item) for item in listed)}
        if outside or not tariff:
            raise InputError(
                "costing.partly_on_list",
                code=code,
                list=name,
                inside=min(listed),
                outside=min(outside, default="—"),
            )
        on.add(name)
    return frozenset(on)
