"""A region beside its country: what is compared, whole years, shares, unit values."""

from datetime import date

import polars as pl
import pytest

from offing.ladders.standing import ExportDecomposition, region_shares, standing

Line = tuple[str, str, str, str, float, float]
FLOWS = {
    "year": pl.Int16, "product": pl.String, "importer": pl.String, "exporter": pl.String,
    "value_usd": pl.Float64, "kg": pl.Float64, "items": pl.Float64,
}  # fmt: skip


def lines(*rows: Line) -> pl.DataFrame:
    """Lines of (day, product, market, unit, quantity, usd)."""
    columns = ("on", "product", "market", "unit", "quantity", "usd")
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(pl.col("on").str.to_date(), pl.col("quantity", "usd").cast(float))


def months(first: str, count: int) -> list[str]:
    year, month = int(first[:4]), int(first[5:])
    each = [divmod(year * 12 + month - 1 + n, 12) for n in range(count)]
    ends = [date(y + (m + 1) // 12, (m + 1) % 12 + 1, 1).toordinal() - 1 for y, m in each]
    return [str(date.fromordinal(day)) for day in ends]


def of_months(first: str, count: int, usd: float = 100) -> ExportDecomposition:
    return standing(
        lines(*((day, "85287200", "DEU", "item", 1, usd) for day in months(first, count))), digits=4
    )


@pytest.mark.parametrize(
    ("first", "count", "year", "span", "full", "now"),
    [
        ("2023-01", 24, 2024, (1, 12), (2023, 2024), 1200),
        ("2023-01", 22, 2024, (1, 10), (2023,), 1000),
        ("2023-03", 20, 2024, (3, 10), (), 800),
        ("2024-01", 12, 2024, None, (2024,), 1200),
        ("2024-02", 11, 2024, None, (), 1100),
        ("2022-05", 32, 2024, (1, 12), (2023, 2024), 1200),
    ],
)
def test_what_is_compared_and_what_is_whole(
    first: str, count: int, year: int, span: tuple[int, int] | None, full: tuple[int, ...], now: int
) -> None:
    made = of_months(first, count)
    assert (made.year, made.months, made.full) == (year, span, full)
    assert made.total("now") == now
    assert made.total("before") == (now if span else 0)


@pytest.mark.parametrize(
    ("ends", "full"),
    [
        ((3, 6, 9, 12), (2024,)), ((12,), ()), (tuple(range(4, 13)), ()),
    ],
)  # fmt: skip
def test_a_year_with_holes_is_none(ends: tuple[int, ...], full: tuple[int, ...]) -> None:
    days = ["2023-12-31", *(months(f"2024-{month:02d}", 1)[0] for month in ends)]
    rows: list[Line] = [(day, "8528", "DEU", "item", 1, 100) for day in days]
    assert standing(lines(*rows), digits=4).full == full
    covers = date(2023, 1, 1), date(2024, 12, 31)
    of_years = standing(lines(*rows), digits=4, covers=covers)
    assert of_years.full == ((2023, 2024) if ends == (12,) else (2023, *full))


def test_codes_are_told_at_so_many_digits_and_units_are_not_mixed() -> None:
    rows: list[Line] = [
        ("2023-06-30", "85287200", "DEU", "item", 10, 1000),
        ("2024-06-30", "85287200", "DEU", "item", 20, 2400),
        ("2024-06-30", "85285900", "DEU", "kg", 5, 70),
        ("2024-06-30", "85076000", "USA", "kg", 5, 30),
    ]
    made = standing(lines(*rows), digits=4)
    assert made.cells.select("product", "market", "unit", "now").rows() == [
        ("8507", "USA", "kg", 30), ("8528", "DEU", "item", 2400), ("8528", "DEU", "kg", 70),
    ]  # fmt: skip
    assert made.by("product").select("product", "now", "begun").rows() == [
        ("8528", 2470, 70),
        ("8507", 30, 30),
    ]
    assert made.concentration == pytest.approx((2470 / 2500) ** 2 + (30 / 2500) ** 2)
    fine = standing(lines(*rows), digits=6)
    assert set(fine.cells["product"]) == {"852872", "852859", "850760"}


def beside(rows: pl.DataFrame, *flows: tuple[int, str, str, str, float, float | None, float | None],
           year: int = 2024) -> list[dict[str, object]]:  # fmt: skip
    table = pl.DataFrame(flows, schema=FLOWS, orient="row")

    def flows_of(code: str) -> pl.DataFrame | None:
        some = table.filter(pl.col("product") == code)
        return None if some.is_empty() else some

    return region_shares(rows, year, flows_of, "CHN").rows(named=True)


def test_shares_and_unit_values_beside_the_country() -> None:
    own = lines(
        ("2024-01-31", "8528", "DEU", "item", 10, 3000),
        ("2024-02-29", "8528", "DEU", "item", 10, 3000),
        ("2024-02-29", "8528", "DEU", "kg", 10, 50),
        ("2024-02-29", "8528", "JPN", "item", 1, 10),
        ("2024-02-29", "9999", "DEU", "item", 1, 10),
    ).drop("on")
    rows = beside(
        own,
        (2024, "8528", "DEU", "CHN", 60500.0, None, 100.0),
        (2023, "8528", "DEU", "CHN", 1.0, None, 1.0),
        (2024, "8528", "DEU", "VNM", 7.0, None, 1.0),
        (2024, "8528", "USA", "CHN", 500.0, 3.0, None),
    )
    assert [row["market"] for row in rows] == ["DEU", "USA"]
    german, american = rows
    assert (german["sold"], german["country"]) == (6050, 60500)
    assert german["share"] == pytest.approx(0.1)
    assert german["price_beside"] == pytest.approx(300 / 605)
    assert (american["sold"], american["share"], american["price_beside"]) == (0, 0, None)


def test_a_market_with_more_back_than_sold_is_no_share_of_a_market() -> None:
    made = standing(
        lines(
            ("2024-06-30", "8528", "DEU", "item", 10, 1000),
            ("2024-06-30", "8528", "USA", "item", -1, -100),
        ),
        digits=4,
    )
    assert made.concentration == 1.0


def test_a_unit_that_the_country_is_not_told_in_has_no_unit_value_beside() -> None:
    own = lines(("2024-01-31", "8528", "DEU", "pair", 10, 3000)).drop("on")
    (row,) = beside(own, (2024, "8528", "DEU", "CHN", 6000.0, 5.0, 100.0))
    assert (row["share"], row["price_beside"]) == (0.5, None)
    assert beside(own, (2024, "8528", "DEU", "VNM", 6000.0, 5.0, 100.0)) == []
    assert beside(own, (2024, "8528", "DEU", "CHN", 6000.0, 5.0, 100.0), year=2023) == []


def test_a_value_without_a_quantity_counts_and_splits_nothing() -> None:
    """By hand: 800 → 1,620. France has no quantity in 2024, Italy never; Germany's price rose by
    a half; Poland's row without one is less than a hundredth of its value."""
    rows: list[Line] = [
        ("2023-06-30", "8528", "DEU", "item", 10, 100),
        ("2024-06-30", "8528", "DEU", "item", 10, 150),
        ("2023-06-30", "8528", "FRA", "kg", 30, 300),
        ("2024-06-30", "8528", "FRA", "item", 0, 400),
        ("2023-06-30", "8528", "ITA", "item", 0, 200),
        ("2024-06-30", "8528", "ITA", "item", 0, 550),
        ("2023-06-30", "8528", "POL", "item", 10, 100),
        ("2024-06-30", "8528", "POL", "item", 20, 397),
        ("2024-06-30", "8528", "POL", "item", 0, 3),
        ("2023-06-30", "8528", "ESP", "item", 10, 100),
        ("2024-06-30", "8528", "ESP", "item", 5, 60),
        ("2024-06-30", "8528", "ESP", "item", 0, 60),
    ]
    made = standing(lines(*rows), digits=4)
    assert (made.total("before"), made.total("now")) == (800, 1620)
    parts = {row["market"]: row for row in made.cells.iter_rows(named=True)}
    assert (parts["DEU"]["price"], parts["DEU"]["quantity"]) == pytest.approx((50, 0))
    assert [parts[m]["unmeasured"] for m in ("FRA", "ITA", "POL", "ESP")] == [100, 350, 0, 20]
    assert parts["FRA"]["unit"] == "kg"
    assert parts["POL"]["price"] + parts["POL"]["quantity"] == pytest.approx(300)
    assert made.total("begun") == made.total("ended") == 0
