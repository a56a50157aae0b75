"""A batch gives what single quotes give; the worked cases of regimes hold."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl

from offing.landed.batch import quotes
from offing.landed.explain import solve_regime_cases
from offing.landed.quote import quote
from offing.landed.shipment import Shipment
from offing.policy.overlay import today
from offing.rules.regime_file import shipped
from offing.rules.tariff import Lines
from offing.terms.errors import OffingError
from offing.terms.money import Money
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder
from tariff_house import tariff_house

BOOK = shipped()
HOUSE = tariff_house()
ONE = Shipment(
    product="852872", destination="DEU", on=date(2026, 11, 2), quantity=Decimal(100),
    currency="EUR", cost=Money(Decimal(80), "EUR"), freight=Money(Decimal(1500), "EUR"),
    insurance_rate=Decimal("0.003"),
)  # fmt: skip


def test_a_batch_is_the_single_quotes_in_their_order() -> None:
    requests = [
        replace(ONE, quantity=Decimal(n), destination=to, currency=currency, national_code=code)
        for n in (1, 50, 700)
        for to, currency, code in (
            ("DEU", "EUR", None),
            ("GBR", "GBP", None),
            ("USA", "CNY", "85287264"),
            ("USA", "CNY", "85287272"),
        )
    ]
    assert list(quotes(requests, BOOK, HOUSE)) == [quote(r, BOOK, HOUSE) for r in requests]


def test_a_tariff_read_whole_has_the_lines_of_each_code() -> None:
    """The starter world's: dated lists, ten digits under eight, partners."""
    world = Warehouse(starter_folder(), is_starter=True)
    table = world.table("duty_lines")
    for importer in ("USA", "EUR"):
        mine = table.filter(pl.col("importer") == importer)
        codes = sorted({code[:length] for code in mine["code"][::37] for length in (4, 6, 8, 10)})
        whole, single = Lines(world, importer, whole=True), Lines(world, importer)
        for code in [*codes[::9], "8528726440", "9999"]:
            for origin, on in (("CHN", date(2026, 5, 4)), ("VNM", date(2025, 6, 1))):
                found = [sorted(map(str, lines.of(code, origin, on))) for lines in (whole, single)]
                assert found[0] == found[1], code
    assert Lines(world, "USA").of("8528726440", "CHN", date(2026, 5, 4))


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


def test_a_bad_line_does_not_stop_the_others() -> None:
    requests = [
        replace(ONE, quantity=Decimal(0)),
        ONE,
        replace(ONE, destination="USA"),
        replace(ONE, destination="USA", quantity=Decimal(5)),
        replace(ONE, quantity=Decimal(7)),
    ]
    found = list(quotes(requests, BOOK, HOUSE))
    keys = [item.key if isinstance(item, OffingError) else "" for item in found]
    assert keys == ["landed.no_quantity", "", "landed.several_lines", "landed.several_lines", ""]
