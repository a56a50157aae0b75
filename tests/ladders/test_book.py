"""The firm's own ladder: closed forms, like with like, currencies, and the command."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offing
from offing.ladders.build import noise
from offing.ladders.ladder import rising
from offing.ladders.own_sales import (
    _growth,
    _not_among,
    band_rows,
    concentration,
    own_sales,
    rated_sales,
    sales_in_usd,
    sales_with_rate,
)
from offing.sources.ecb import packaged_rates
from offing.terms.errors import InputError, MissingDataError
from offing.terms.tables import FxRates, Sales

BANDS = [500, 5000]


def sales(
    *lines: tuple[str, float, float] | tuple[str, float, float, dict[str, object]],
) -> pl.DataFrame:
    """Lines of (day, quantity, amount[, other columns])."""
    rows = []
    for number, (day, quantity, amount, *more) in enumerate(lines, start=1):
        other: dict[str, object] = more[0] if more else {}
        rows.append(
            {
                "on": date.fromisoformat(day), "invoice": None, "buyer": None, "market": "DEU",
                "product": "852872", "model": None, "brand": None,
                "quantity": Decimal(str(quantity)), "unit": "item", "amount": Decimal(str(amount)),
                "currency": "USD", "incoterm": None, "row": number + 1,
            }
            | other
        )  # fmt: skip
    return pl.DataFrame(rows, schema=Sales.create_empty().schema)


def fx(**per_eur: float) -> pl.DataFrame:
    """The same rates on every weekday from 2022 to 2024."""
    days = [date(2022, 1, 3) + timedelta(days=n) for n in range(1090)]
    return pl.DataFrame(
        [
            (day, code, Decimal(str(rate)))
            for day in days
            if day.weekday() < 5
            for code, rate in per_eur.items()
        ],
        schema=FxRates.create_empty().schema,
        orient="row",
    )


NO_FX = FxRates.create_empty()


def test_growth_by_band_is_its_closed_form() -> None:
    made = own_sales(
        sales(
            ("2023-02-01", 10, 6000), ("2023-03-01", 100, 20000), ("2024-02-01", 15, 9540),
            ("2024-03-01", 120, 21600), ("2023-01-05", 1, 499), ("2024-12-28", 1, 499),
        ),
        NO_FX,
        BANDS,
    )  # fmt: skip
    low, middle, high = made.bands
    assert middle.last.growth == pytest.approx(0.59, abs=1e-12)
    assert middle.last.units_growth == pytest.approx(0.5, abs=1e-12)
    assert middle.last.price_growth == pytest.approx(1.59 / 1.5 - 1, abs=1e-12)
    assert low.last.growth == pytest.approx(22099 / 20499 - 1, abs=1e-12)
    assert high.last.growth is None
    assert sum(band.last.share for band in made.bands) == pytest.approx(1)
    assert made.total.last.value_usd == 31639
    assert made.above[0].last.growth == middle.last.growth


@pytest.mark.parametrize(
    ("quantity", "amount", "band"), [(3, 1500, 1), (3, 1499.97, 0), (7, 35000, 2), (7, 34999.93, 1)]
)
def test_a_price_on_the_boundary_is_at_or_above_it(
    quantity: float, amount: float, band: int
) -> None:
    made = own_sales(sales(("2024-01-02", quantity, amount)), NO_FX, BANDS)
    assert [part.last.units > 0 for part in made.bands].index(True) == band


def test_years_in_part_are_compared_over_the_same_months() -> None:
    made = own_sales(
        sales(
            ("2022-07-04", 1, 100), ("2022-12-04", 1, 100), ("2023-03-04", 1, 999),
            ("2023-08-04", 1, 150), ("2024-03-04", 1, 1998), ("2024-09-28", 1, 450),
            ("2023-11-04", 1, 5000),
        ),
        NO_FX,
        [10_000],
    )  # fmt: skip
    assert made.compared == {2023: (7, 12), 2024: (1, 9)}
    assert [row.growth for row in made.total.rows] == [
        None,
        pytest.approx(5150 / 200 - 1),
        pytest.approx(2448 / 1149 - 1),
    ]
    assert made.total.last.value_usd == 2448


@pytest.mark.parametrize(
    ("last", "months"),
    [("2024-09-28", (1, 9)), ("2024-09-20", (1, 9)), ("2024-09-12", (1, 8)), ("2024-01-05", None)],
)
def test_a_month_that_is_not_over_is_left_out(last: str, months: tuple[int, int] | None) -> None:
    made = own_sales(sales(("2023-01-04", 1, 1), ("2023-12-28", 1, 1), (last, 1, 1)), NO_FX, BANDS)
    assert made.compared.get(2024) == months


def test_currencies_at_the_rate_of_the_day_or_the_last_before() -> None:
    rates = fx(USD=1.25, CNY=8.0)
    made = own_sales(
        sales(
            ("2024-01-06", 1, 100, {"currency": "EUR"}),  # a Saturday
            ("2024-01-08", 1, 800, {"currency": "CNY"}),
            ("2024-01-08", 1, 7, {"currency": "USD"}),
        ),
        rates,
        BANDS,
    )
    assert {part.name: part.last.value_usd for part in made.by["currency"]} == {
        "EUR": 125,
        "CNY": 125,
        "USD": 7,
    }


@pytest.mark.parametrize(
    ("currency", "day"), [("VND", "2024-01-08"), ("RUB", "2022-03-09"), ("EUR", "1998-12-31")]
)
def test_no_rate_is_ever_guessed(currency: str, day: str) -> None:
    history = packaged_rates()
    with pytest.raises(MissingDataError) as found:
        own_sales(sales((day, 1, 100, {"currency": currency})), history, BANDS)
    assert found.value.key == "book.no_rate"
    assert f'rate="{currency}=' in str(found.value)
    assert found.value.where is not None
    assert found.value.where.row == 2


def test_units_are_never_mixed() -> None:
    made = own_sales(
        sales(("2024-01-08", 10, 6000), ("2024-01-08", 900, 900, {"unit": "kg"})), NO_FX, BANDS
    )
    assert made.unit == "item"
    assert made.other_units == {"kg": (1, 900.0)}
    assert made.total.last.value_usd == 6000


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(date(2022, 1, 1), date(2024, 12, 31)),
            st.integers(1, 500),
            st.integers(1, 10**6),
        ),
        min_size=1,
        max_size=20,
    ),
    st.randoms(use_true_random=False),
)
def test_bands_and_splits_add_up_whatever_the_order(
    lines: list[tuple[date, int, int]], dice: object
) -> None:
    rows = [(day.isoformat(), float(units), float(value)) for day, units, value in lines]
    made = own_sales(sales(*rows), NO_FX, BANDS)
    for place, row in enumerate(made.total.rows):
        for parts in (made.bands, *made.by.values()):
            assert sum(part.rows[place].value_usd for part in parts) == pytest.approx(row.value_usd)
            assert sum(part.rows[place].units for part in parts) == pytest.approx(row.units)
    dice.shuffle(rows)  # type: ignore[attr-defined]
    again = own_sales(sales(*rows), NO_FX, BANDS)
    for one, other in zip(made.bands, again.bands, strict=True):
        assert [r.value_usd for r in one.rows] == pytest.approx([r.value_usd for r in other.rows])


# --------------------------------------------------------------------------------- the command


def test_a_month_without_this_product_is_no_month_that_the_ledger_lacks() -> None:
    """USD 12,000 in 2023, USD 24,000 in 2024: twice as much, though it begins and ends within."""
    lines = sales(
        ("2023-02-05", 10, 6000),
        ("2023-12-20", 10, 6000),
        ("2024-02-05", 10, 6000),
        ("2024-11-01", 30, 18000),
    )
    whole = own_sales(lines, NO_FX, BANDS, covers=(date(2023, 1, 1), date(2024, 12, 31)))
    assert whole.compared[2024] == (1, 12)
    ((_, _, _, _), (year, bands, usd, units)) = band_rows(whole)
    assert (year, usd, units) == (2024, 24000.0, 40.0)
    assert [band.growth for band in bands if band.value_usd] == [1.0]
    # By its own days alone December would be left out of both years.
    assert own_sales(lines, NO_FX, BANDS).compared[2024][1] < 12


class TestBandsOfOwnPrices:
    """A firm that sells all of its goods under USD 500 gets bands that tell them apart."""

    CHEAP = tuple(
        (f"{year}-0{month}-05", 100, amount)
        for year in (2023, 2024)
        for month, amount in ((2, 1500), (3, 1800), (6, 2400))
    )

    def written(self, tmp_path: Path, rows: str) -> str:
        file = tmp_path / "sales.csv"
        file.write_text(f"Date,Market,HS,Quantity,Amount USD\n{rows}", encoding="utf-8")
        return str(file)

    def garments(self, tmp_path: Path, more: str = "") -> str:
        lines = [f"{day},DEU,620342,{units},{usd}\n" for day, units, usd in self.CHEAP]
        return self.written(tmp_path, "".join(lines) + more)

    def test_thirds_of_the_value_by_price(self, tmp_path: Path) -> None:
        # By price 15, 18 and 24: the shares are 1500, 1800 and 2400 of 5700; thirds at 18 and 24.
        answer = offing.book(self.garments(tmp_path))
        assert answer.chosen == (18.0, 24.0)
        assert [band.low for band in answer.book.bands] == [None, 18.0, 24.0]
        assert [band.last.value_usd for band in answer.book.bands] == [1500, 1800, 2400]

    def test_a_sale_beyond_the_usual_boundary_keeps_the_usual_bands(self, tmp_path: Path) -> None:
        # 11,400 below 500 and 700 above: 94.2 %.
        answer = offing.book(self.garments(tmp_path, "2024-04-01,DEU,620342,1,700\n"))
        assert answer.chosen == ()
        assert [band.low for band in answer.book.bands] == [None, 500.0, 5000.0]

    def test_prices_that_only_waver_are_no_bands(self, tmp_path: Path) -> None:
        near = "".join(f"2024-0{n}-05,DEU,620342,100,{1800 + 10 * n}\n" for n in range(1, 7))
        assert offing.book(self.written(tmp_path, near)).chosen == ()


def test_bands_rise_from_above_nought() -> None:
    assert rising((0.25, Decimal("0.5"), 7), "book.bad_bands") == (0.25, 0.5, 7.0)
    for wrong in ((0, 5), (5, 5), (5, 4), (float("inf"),), (float("nan"),)):
        with pytest.raises(InputError):
            rising(wrong, "book.bad_bands")


def test_a_sale_after_the_newest_rates_takes_those_for_so_many_days() -> None:
    """At 1.1 dollars and 8 yuan for a euro 80 yuan are 11 dollars, up to 62 days and no further."""
    rates = fx(USD=1.1, CNY=8.0)
    last = rates["on"].max()
    assert isinstance(last, date)
    days = [(last + timedelta(days=after)).isoformat() for after in (30, 62, 63)]
    in_yuan: dict[str, object] = {"currency": "CNY"}
    yuan = sales(*((day, 1, 80, in_yuan) for day in days))
    assert rated_sales(yuan, rates, {})["usd"].to_list() == [pytest.approx(11)] * 2 + [None]
    assert sales_with_rate(yuan, rates, {}).columns == yuan.columns
    with pytest.raises(MissingDataError, match=days[2]):
        sales_in_usd(yuan, rates, {})


def test_noise_is_told_from_five_pairs_of_years_by_hand() -> None:
    """Changes of 0, .1, … .4: less their median they are .1 in the middle."""
    changes = [0.0, 0.1, 0.2, 0.3, 0.4]
    rows = [(market, year, "8528", f"C{number}", float(np.exp(up * (year - 2022) + number)))
            for market, most in (("USA", 5), ("DEU", 4)) for number, up in enumerate(changes[:most])
            for year in (2022, 2023)]  # fmt: skip
    columns = ["importer", "year", "product", "exporter", "unit_value"]
    table = pl.DataFrame(rows, columns, orient="row")
    assert noise(table) == {"USA": pytest.approx(1.4826 * 0.1 / 2**0.5)}


def test_sales_of_cents_have_a_price_and_a_share() -> None:
    """Half a dollar of half an item: a dollar, and all of the year."""
    made = own_sales(sales(("2023-05-02", 0.5, 0.5)), NO_FX, [0.5, 2.0])
    assert [band.last.share for band in made.bands] == [0.0, 1.0, 0.0]
    assert (made.total.last.price_usd, made.total.last.share) == (1.0, 1.0)


def test_credit_notes_lower_the_band_of_their_price() -> None:
    made = own_sales(sales(("2024-01-02", 10, 6000), ("2024-02-02", -2, -1200)), NO_FX, BANDS)
    assert (made.bands[1].last.value_usd, made.bands[1].last.units) == (4800, 8)
    made = own_sales(sales(("2024-01-02", 10, 6000), ("2024-02-02", 0, -300)), NO_FX, BANDS)
    assert made.unplaced_usd == -300
    assert made.total.last.value_usd == 5700
    assert made.bands[1].last.value_usd == 6000


def test_rows_that_stand_for_months_have_none_in_part() -> None:
    days = [f"{year}-{month}" for year in (2023, 2024) for month in ("01-31", "02-28", "03-31")]
    days[4] = "2024-02-29"
    made = own_sales(sales(*((day, 1, 100 + n) for n, day in enumerate(days))), NO_FX, [10_000])
    assert made.compared == {2024: (1, 3)}
    assert made.total.last.growth == pytest.approx(312 / 303 - 1)
    days[0] = "2023-01-30"  # one line of a day: then January is there in part
    made = own_sales(sales(*((day, 1, 100) for day in days)), NO_FX, [10_000])
    assert made.compared == {2024: (2, 3)}


def test_a_given_rate_is_used_and_named() -> None:
    made = own_sales(
        sales(("2024-01-08", 1, 2_500_000, {"currency": "VND"})),
        NO_FX,
        BANDS,
        rates={"VND": Decimal(25_000)},
    )
    assert made.total.last.value_usd == pytest.approx(100)
    assert made.rates_given == {"VND": Decimal(25_000)}


def test_concentration_and_order() -> None:
    made = own_sales(
        sales(
            ("2024-01-08", 1, 100, {"buyer": "B"}),
            ("2024-01-08", 1, 300, {"buyer": "A"}),
            ("2024-01-08", 1, 0.0, {"buyer": None}),
        ),
        NO_FX,
        BANDS,
    )
    assert [part.name for part in made.by["buyer"]] == ["A", "B", None]
    assert made.concentration["buyer"] == pytest.approx(0.75**2 + 0.25**2)


def test_what_a_study_takes() -> None:
    made = own_sales(sales(("2023-01-08", 1, 600), ("2024-12-28", 2, 1800)), NO_FX, BANDS)
    assert [(year, value, units) for year, _, value, units in band_rows(made)] == [
        (2023, 600, 1),
        (2024, 1800, 2),
    ]
    _, bands, _, _ = band_rows(made)[-1]
    assert [(band.low, band.high, band.value_usd, band.growth) for band in bands] == [
        (None, 500, 0, None),
        (500, 5000, 1800, 2.0),
        (5000, None, 0, None),
    ]


@pytest.mark.parametrize(
    ("prices", "cut", "found"),
    [
        ([10.0, 20.0, 30.0], 20.0, 20.0),  # no price wavers: the cut is the price
        ([10.0, 27.99, 28.0], 27.99, (10 * 27.99) ** 0.5),  # two that are one: below both
        ([10.0, 27.99, 28.0], 28.0, (10 * 27.99) ** 0.5),
        ([27.99, 28.0, 40.0], 28.0, 28.0),  # nothing is below them
        ([24.0, 27.99, 28.0], 28.0, 28.0),  # the next below is too near
        ([22.392, 27.99, 28.0], 28.0, (22.392 * 27.99) ** 0.5),  # 1.25 times less is apart
        ([10.0, 27.6, 27.8, 28.0, 28.2], 28.0, (10 * 27.6) ** 0.5),  # a chain, each near the next
        ([10.0, 20.0, 20.3], 20.0, 20.0),  # the next is further than a hundredth
    ],
)  # fmt: skip
def test_a_cut_stands_below_prices_that_are_one(
    prices: list[float], cut: float, found: float
) -> None:
    assert _not_among(prices, cut) == pytest.approx(found, rel=1e-12)


def test_growth_and_concentration_of_what_is_nothing() -> None:
    assert [_growth(*pair) for pair in ((3.0, 2.0), (0.0, 2.0), (0.75, 0.5))] == [0.5, -1.0, 0.5]
    assert [_growth(*pair) for pair in ((3.0, 0.0), (3.0, -1.0), (-0.5, 2.0))] == [None] * 3

    assert concentration([3.0, 1.0]) == pytest.approx(0.625)
    assert concentration([3.0, 1.0, -4.0]) == pytest.approx(0.625), "what came back is none"
    assert concentration([0.3, 0.1]) == pytest.approx(0.625)
    assert concentration([]) == concentration([0.0, -1.0]) == 0.0
