"""The tables of a year's exports, by hand."""

import polars as pl
import pytest

from offing.market.indicators.of_year import YearIndicators, near_product, year_indicators


@pytest.fixture
def made() -> YearIndicators:
    rows = [
        ("8501", "AAA", "CCC", 75.0), ("8501", "BBB", "CCC", 15.0), ("8501", "BBB", "DDD", 10.0),
        ("8502", "AAA", "DDD", 20.0), ("8503", "BBB", "CCC", 80.0),
    ]  # fmt: skip
    names = ["product", "exporter", "importer", "value_usd"]
    return year_indicators(
        pl.DataFrame(rows, schema=names, orient="row"), "x", 2020, names=["hhi", "rca"]
    )


def test_concentration_by_hand(made: YearIndicators) -> None:
    """8501 is sold by two as 75 to 25, to two as 90 to 10; AAA sells 75 and 20 to two markets."""
    products = made.products.select("product", "value_usd", "hhi_exporters", "hhi_importers")
    assert products.rows()[0] == ("8501", 100.0, pytest.approx(0.625), pytest.approx(0.82))
    assert products.rows()[1:] == [("8502", 20.0, 1.0, 1.0), ("8503", 80.0, 1.0, 1.0)]
    (country, _) = made.countries.select("country", "value_usd", "hhi", "hhi_markets").rows()
    share = pytest.approx((75 / 95) ** 2 + (20 / 95) ** 2)
    assert country == ("AAA", 95.0, share, share)


def test_advantage_by_hand(made: YearIndicators) -> None:
    """8501 is 75 of AAA's 95, and 100 of the world's 200."""
    rca = {(c, p): v for c, p, v in made.pairs.select("country", "product", "rca").iter_rows()}
    assert rca["AAA", "8501"] == pytest.approx(75 / 95 / (100 / 200))
    assert rca["BBB", "8502"] == 0


def test_products_of_the_same_countries_are_near(made: YearIndicators) -> None:
    """AAA is strong in 8501 and 8502, BBB in 8503 alone."""
    near = near_product(made, "8501").select("product", "proximity").rows()
    assert near == [("8502", 1.0), ("8503", 0.0)]
