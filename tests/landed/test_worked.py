"""The worked cases that regimes bring along hold; a wrong one is told, and one that cannot be."""

from dataclasses import replace
from decimal import Decimal

from offing.landed.explain import solve_regime_cases
from offing.policy.overlay import today


def test_every_worked_case_of_a_regime_holds_and_a_wrong_one_does_not() -> None:
    book = today().rulebook
    solved = solve_regime_cases(book, book.regimes.values())
    assert len(solved) >= 40
    assert [one.name for one in solved if not one.ok] == []
    assert any(case.code and case.duty is None for r in book.regimes.values() for case in r.cases)
    regime = next(regime for regime in book.regimes.values() if regime.cases)
    case = regime.cases[0]
    name, amount = next(iter(case.expected.items()))
    wrong = replace(case, expected={name: amount + Decimal("0.01")})
    lost = replace(case, destination="XXX")
    one, other = solve_regime_cases(book, [replace(regime, cases=(wrong, lost))])
    assert (one.ok, one.got) == (False, {name: amount})
    assert not other.ok
    assert isinstance(other.got, str)
