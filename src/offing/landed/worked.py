"""The worked examples that a regime file brings along, computed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from offing.landed.charges import Context, assessment
from offing.rules.duty_text import duty_of_user
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Regime, RegimeCase, Rulebook
from offing.rules.tariff import Tariff, listed_lines, lists_of, the_line, written_lines
from offing.terms.errors import OffingError, Where

YOURS = RuleUse("user", "", None, None, "", "user")


@dataclass(frozen=True)
class Worked:
    """A worked example and what the rules give.

    ``got`` has the same figures by the rules, or the reason where they cannot be reckoned.
    """

    name: str
    where: Where
    expected: Mapping[str, object]
    got: Mapping[str, object] | str
    source: str

    @property
    def ok(self) -> bool:
        """Whether it holds to the last digit."""
        return self.got == self.expected


def solve_regime_cases(book: Rulebook, regimes: Iterable[Regime]) -> tuple[Worked, ...]:
    """The cases of some regimes under a rulebook."""
    return tuple(
        Worked(case.name, regime.where, dict(case.expected), _got(book, case), case.source)
        for regime in regimes
        for case in regime.cases
    )


def _got(book: Rulebook, case: RegimeCase) -> Mapping[str, Decimal] | str:
    duties = {"mfn": case.duty or "0", "ipi": "0"}
    try:
        tariffs = {name: Tariff(duty_of_user(text), YOURS) for name, text in duties.items()}
        lists = frozenset(case.lists)
        if case.code is not None:
            regime = book.regime(case.destination)
            own = written_lines(regime, case.code, case.origin, case.on)
            named = {line.regime for line in own if case.duty is None or line.regime != "mfn"}
            tariffs |= {name: the_line(own, case.code, name).tariff() for name in named}
            listed = listed_lines(regime, case.code, case.on)
            lists |= lists_of(listed, case.code, frozenset(line.regime for line in listed))
        context = Context(case.destination, case.on, case.origin, case.mode, tariffs, lists)
        bill = assessment(book, context).of(case.inputs, case.quantities)
        return {name: bill.paid if name == "paid" else bill.amount(name) for name in case.expected}
    except OffingError as error:
        return str(error)
