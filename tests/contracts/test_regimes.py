"""Every regime file: its cases hold, no two rules on one day, no gap, labels and sources there."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from offing.landed.explain import Worked, solve_regime_cases
from offing.rules.regime_file import REGIMES, read_regime, rulebook_of, shipped
from offing.rules.rulebook import Charge, Regime
from offing.terms.countries import all_countries
from offing.terms.errors import RuleError
from offing.terms.messages import has_message

BOOK = shipped()
FILES = sorted(REGIMES.glob("???.toml"))
CASES = solve_regime_cases(BOOK, BOOK.regimes.values())
YEARS_AHEAD = date(2027, 9, 1)
"""Rules are kept at least to here."""


def test_there_are_twelve_importers_or_more() -> None:
    assert len(BOOK.regimes) >= 12
    assert len(BOOK.regimes["EUR"].destinations) == 27


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_reads_alone_and_is_named_after_its_importer(path: Path) -> None:
    regime, _ = read_regime(path)
    assert path.stem.upper() == regime.importer
    rulebook_of([path])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.where.file}: {case.name}")
def test_worked_cases_hold_to_the_cent(case: Worked) -> None:
    assert case.got == case.expected, case.source


@pytest.mark.parametrize("regime", BOOK.regimes.values(), ids=lambda regime: regime.importer)
def test_every_regime_is_documented_and_has_cases(regime: Regime) -> None:
    assert regime.cases
    assert set(regime.destinations) <= set(all_countries())
    for charge in regime.charges:
        assert has_message(f"landed.line_{charge.name}"), charge.name
        assert charge.source
        assert charge.legal
        assert charge.when.since, "a charge begins on a day"


def _rates(charge: Charge, regime: Regime) -> list[str]:
    assert charge.rate is not None
    return [
        charge.rate.format(destination=place.lower(), origin=origin.lower())
        for place in regime.destinations
        for origin in charge.origins or ("CHN",)
    ]


@pytest.mark.parametrize("regime", BOOK.regimes.values(), ids=lambda regime: regime.importer)
def test_rates_have_no_gap_from_their_first_day(regime: Regime) -> None:
    """A charge may begin before its first known rate (refused then), but a rate does not pause."""
    for charge in regime.charges:
        if charge.rate is None:
            continue
        for id_ in _rates(charge, regime):
            entries = sorted(BOOK.series(id_), key=lambda rate: rate.when.since or date.min)
            assert entries, id_
            for one, next_ in pairwise(entries):
                assert one.when.until == next_.when.since, id_
            end = entries[-1].when.until
            assert end is None or end >= min(charge.when.until or date.max, YEARS_AHEAD), id_


def test_a_lapsed_rate_never_lives_on() -> None:
    last = BOOK.series("usa.122")[0].when.until
    assert last == date(2026, 7, 24)
    assert BOOK.rate("usa.122", last - timedelta(days=1)).share == Decimal("0.10")
    with pytest.raises(RuleError, match=r"\[2026-02-24, 2026-07-24\)"):
        BOOK.rate("usa.122", last)


@pytest.mark.parametrize(
    ("id_", "day", "share"),
    [
        # the days on which a layer changed, read in the sources that the file names
        ("usa.301.list3", "2018-09-24", "0.10"),
        ("usa.301.list3", "2019-05-09", "0.10"),
        ("usa.301.list3", "2019-05-10", "0.25"),
        ("usa.301.list4a", "2020-02-13", "0.15"),
        ("usa.301.list4a", "2020-02-14", "0.075"),
        ("usa.ieepa.fentanyl.china", "2025-03-04", "0.20"),
        ("usa.ieepa.fentanyl.china", "2025-11-10", "0.10"),
        ("usa.301.forced-labour.chn", "2026-07-24", "0.125"),
        ("usa.301.forced-labour.bgd", "2026-07-24", "0.10"),
        ("usa.301.forced-labour.jpn", "2026-07-24", "0.125"),
        ("eur.vat.est", "2025-06-30", "0.22"),
        ("eur.vat.est", "2025-07-01", "0.24"),
        ("eur.vat.rou", "2025-08-01", "0.21"),
        ("eur.vat.fin", "2024-09-01", "0.255"),
        ("eur.vat.svk", "2025-01-01", "0.23"),
    ],
)
def test_dated_rates(id_: str, day: str, share: str) -> None:
    assert BOOK.rate(id_, date.fromisoformat(day)).share == Decimal(share)
