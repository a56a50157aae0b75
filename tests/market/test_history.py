"""Past flows as the rankings see them, on a table small enough to count."""

import numpy as np
import polars as pl
import pytest

from offing.market import history as module
from offing.market.history import History
from offing.terms.errors import MissingDataError

NAMES = ["year", "product", "importer", "exporter", "value_usd"]
ROWS = [
    (2020, "8501", "CCC", "AAA", 10.0),
    (2020, "8501", "CCC", "AAA", 5.0),  # the same key: added up
    (2020, "8502", "DDD", "BBB", 7.0),
    (2021, "8501", "CCC", "AAA", 20.0),
    (2021, "8501", "CCC", "BBB", 30.0),
    (2021, "8501", "DDD", "BBB", 40.0),
    (2021, "8502", "AAA", "BBB", 1.0),
    (2022, "8501", "DDD", "AAA", 50.0),
]


def table(*more: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame([*ROWS, *more], schema=NAMES, orient="row")


def made(*more: tuple[object, ...]) -> History:
    return History.of(table(*more))


def pair(history: History, year: int, exporter: str, importer: str) -> tuple[float, float]:
    found, at = history.pairs(year), history.index
    place = at[exporter], at[importer]
    return found.value[place], found.goods[place]


def test_what_is_no_flow_is_left_out() -> None:
    bad = [(2023, "8509", "EEE", "AAA", value) for value in (0.0, -1.0, None, float("nan"), np.inf)]
    history = made(*bad, (2023, "8509", "AAA", "AAA", 9.0))
    assert history.years == (2020, 2021, 2022)
    assert "8509" not in history.rows
    assert "EEE" not in history.countries
    for nothing in (table().clear(), pl.DataFrame(bad, schema=NAMES, orient="row")):
        with pytest.raises(MissingDataError):
            History.of(nothing)


def test_nothing_later_than_a_year_is_seen() -> None:
    history = made()
    past = history.until(2021)
    assert past.years == (2020, 2021)
    assert past.rows == {"8501": 5, "8502": 2}
    assert past.flows.collect()["year"].max() == 2021
    assert history.until(2022) is history
    with pytest.raises(MissingDataError, match="2020, 2021"):
        history.until(2019)


def test_the_products_that_are_asked_for() -> None:
    history = made()
    history.pairs(2021)
    one = history.only(["8502"])
    assert one.rows == {"8502": 2}
    assert pair(one, 2021, "BBB", "AAA") == (1, 1)
    assert pair(one, 2021, "BBB", "CCC") == (0, 0)
    assert one.countries == history.countries


def test_tiers_are_apart_until_they_are_added_up() -> None:
    split = table().with_columns(tier=pl.Series(["low", "high"] * 4))
    history = History.of(split)
    assert history.has_tiers
    cubes = {(c.product, c.tier): c for c in history.cubes(2020, [])}
    assert set(cubes) == {("8501", "low"), ("8501", "high"), ("8502", "low")}
    assert cubes["8501", "low"].base.tolist() == [[10]]
    whole = history.whole()
    assert not whole.has_tiers
    assert whole.rows == {"8501": 5, "8502": 2}
    assert [c.base.tolist() for c in whole.cubes(2020, [])] == [[[15]], [[7]]]
    assert pair(whole, 2020, "AAA", "CCC") == (15, 1)


def test_cubes_have_the_countries_of_their_base_year() -> None:
    history = made()
    first, second = history.cubes(2021, [2020, 2022, 1999])
    assert (first.product, first.tier, first.base_year) == ("8501", "all", 2021)
    assert [history.countries[n] for n in first.exporters] == ["AAA", "BBB"]
    assert [history.countries[n] for n in first.importers] == ["CCC", "DDD"]
    assert first.base.tolist() == [[20, 0], [30, 40]]
    assert {y: v.tolist() for y, v in first.values.items()} == {
        2020: [[15, 0], [0, 0]], 2021: [[20, 0], [30, 40]], 2022: [[0, 50], [0, 0]]
    }  # fmt: skip
    assert second.product == "8502"
    # what others sold in other years is not in it
    assert second.values[2020].tolist() == [[0]]
    assert list(history.cubes(2019, [2020])) == []
    assert [cube.product for cube in history.cubes(2022, [2020])] == ["8501"]
    assert [cube.product for cube in history.cubes(2021, [], ["8502", "9999"])] == ["8502"]


def test_products_come_in_groups_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    history = made((2020, "8503", "CCC", "AAA", 1.0), (2020, "8504", "CCC", "AAA", 1.0))
    assert list(history.chunks()) == [["8501", "8502", "8503", "8504"]]
    assert list(history.chunks([])) == []
    for most, groups in (
        (8, [["8501", "8502"], ["8503", "8504"]]),
        (7, [["8501"], ["8502", "8503", "8504"]]),
        (3, [["8501"], ["8502", "8503"], ["8504"]]),
        (1, [["8501"], ["8502"], ["8503"], ["8504"]]),
    ):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", most)
        assert list(history.chunks()) == groups
        cubes = [(c.product, c.base.tolist()) for c in history.cubes(2020, [2021])]
        assert cubes == [("8501", [[15]]), ("8502", [[7]]), ("8503", [[1]]), ("8504", [[1]])]
    assert list(history.chunks(["8504", "8502"])) == [["8502"], ["8504"]]


def test_distances_of_the_countries_that_are_in_it() -> None:
    km = pl.DataFrame(
        [("AAA", "CCC", 900.0, True, False), ("CCC", "AAA", 901.0, False, True),
         ("AAA", "ZZZ", 1.0, True, True)],
        schema=["origin", "destination", "km", "contiguous", "common_language"], orient="row",
    )  # fmt: skip
    near = History.of(table(), distances=km).nearness
    assert near is not None
    assert (near.km[0, 2], near.km[2, 0]) == (900, 901)
    assert (near.contiguous[0, 2], near.common_language[0, 2]) == (1, 0)
    assert np.isnan(near.km).sum() == 14
    assert made().nearness is None
    assert History.of(table(), distances=km.clear()).nearness is None


def test_a_digest_is_of_everything_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made().digest
    assert one == made().digest
    assert one is not None
    assert (
        len({one, made((2022, "8501", "DDD", "BBB", 1.0)).digest, made().until(2021).digest}) == 3
    )
    monkeypatch.setattr(module, "ROWS_DIGESTED", 8)
    assert made().digest == one
    monkeypatch.setattr(module, "ROWS_DIGESTED", 7)
    assert made().digest is None


def test_pairs_of_a_year_add_products_up() -> None:
    history = made()
    assert pair(history, 2020, "AAA", "CCC") == (15, 2)
    assert pair(history, 2021, "BBB", "CCC") == (30, 1)
    assert pair(history, 2021, "AAA", "DDD") == (0, 0)
    found = history.pairs(2021)
    assert found.exports.tolist() == [20, 71, 0, 0]
    assert found.imports.tolist() == [1, 0, 50, 40]
    assert found.present.tolist() == [True, False, True, True]
    assert history.pairs(2021) is found


def test_who_reported_is_known() -> None:
    """Of a pair that nobody reported nothing is known; else what is not there is zero."""
    seen = pl.Series("observed", ["both"] * 3 + ["importer", "exporter", "source", "both", "both"])
    history = History.of(table().with_columns(seen))
    told = history.known(2021)
    # CCC reported its imports of AAA; BBB its sales to CCC, and to AAA, which reported too; of
    # DDD's the publisher's estimate counts as DDD's
    reported = {"importer": {"CCC", "DDD", "AAA"}, "exporter": {"BBB"}}
    for i, exporter in enumerate(history.countries):
        for j, importer in enumerate(history.countries):
            known = exporter in reported["exporter"] or importer in reported["importer"]
            assert told[i, j] == known, (exporter, importer)
    assert history.known(2021) is told


def test_without_reporters_an_importer_with_any_flow_reported() -> None:
    history = made()
    assert history.known(2021).tolist() == [[True, False, True, True]] * 4
    assert history.known(2022).tolist() == [[False, False, False, True]] * 4
