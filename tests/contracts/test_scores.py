"""What every way of ranking must do, whichever file it is in."""

import re

import numpy as np
import polars as pl
import pytest

from lookahead import looks_ahead
from market_world import distances, flows
from offing import markets
from offing.forecast.backtest.measures import QUANTILES
from offing.forecast.scores import COLUMNS, method, names, rankings, sees_later
from offing.market.history import History
from offing.terms.errors import InputError
from offing.terms.messages import has_message, say

HISTORY = History.of(flows(), distances=distances())
BARE = History.of(flows())
YEAR = HISTORY.years[-3]


@pytest.mark.parametrize("name", names())
class TestEveryScore:
    def test_one_row_for_each_candidate_in_order(self, name: str) -> None:
        made = method(name).score(HISTORY, YEAR, 2)
        assert tuple(made.columns[: len(COLUMNS)]) == COLUMNS
        keys = made.select(COLUMNS[:4])
        candidates = [
            (cube.product, cube.tier, int(cube.exporters[i]), int(cube.importers[j]))
            for cube in HISTORY.until(YEAR).cubes(YEAR, [])
            for i, j in zip(*np.nonzero(cube.candidates), strict=True)
        ]
        assert keys.rows() == candidates

    def test_finite(self, name: str) -> None:
        """Everywhere; intervals and quantiles where the flow exists."""
        made = method(name).score(HISTORY, YEAR, 2)
        further = [column for column in made.columns if column not in COLUMNS]
        sure = [column for column in further if column in ("low80", "high80", *QUANTILES)]
        values = made.select("score", *(column for column in further if column not in sure))
        assert np.isfinite(values.to_numpy()).all()
        cubes = HISTORY.until(YEAR).cubes(YEAR, [])
        base = np.concatenate([cube.base[cube.candidates] for cube in cubes])
        assert (base > 0).any()
        assert np.isfinite(made.filter(base > 0).select(sure).to_numpy()).all()

    def test_deterministic(self, name: str) -> None:
        one, other = (method(name).score(HISTORY, YEAR, 2) for _ in range(2))
        assert one.equals(other)

    def test_row_order_does_not_matter(self, name: str) -> None:
        shuffled = History.of(flows().sample(fraction=1.0, shuffle=True, seed=5),
                              distances=distances())  # fmt: skip
        one = method(name).score(HISTORY, YEAR, 2)["score"].to_numpy()
        other = method(name).score(shuffled, YEAR, 2)["score"].to_numpy()
        np.testing.assert_allclose(one, other, rtol=1e-6)

    def test_looks_at_nothing_later(self, name: str) -> None:
        assert looks_ahead(method(name), HISTORY, YEAR, 2) == sees_later(name)

    def test_works_without_distances(self, name: str) -> None:
        assert np.isfinite(method(name).score(BARE, YEAR, 1)["score"].to_numpy()).all()

    def test_has_a_name_in_both_languages(self, name: str) -> None:
        assert has_message(f"market.rival_{name}")
        assert sees_later(name) or name == "outlook" or has_message(f"market.short_{name}")

    def test_one_exporter_one_importer(self, name: str) -> None:
        lonely = flows().filter(pl.col("product") != "8510")
        pair = pl.DataFrame(
            {
                "year": [2015, 2016, 2017, 2018, 2019, 2020],
                "product": ["8510"] * 6,
                "importer": ["AAA"] * 6,
                "exporter": ["AAB"] * 6,
                "value_usd": [1.0, 1e15, 3.0, 2e15, 5.0, 5.0],
            },
            schema_overrides={"year": pl.Int64},
        )
        made = method(name).score(History.of(pl.concat([lonely, pair])), YEAR, 1)
        assert made.filter(pl.col("product") == "8510").height == 1
        assert np.isfinite(made["score"].to_numpy()).all()


def test_the_help_names_what_a_list_may_go_by() -> None:
    """No more and no less than a wrong name is answered with; what sees the outcome is none."""
    told = say("market.help_by").removeprefix("way of ranking: ").replace(" or ", ", ")
    assert set(told.split(", ")) == set(rankings())
    assert not any(map(sees_later, rankings()))
    for name in ("foo", *(set(names()) - set(rankings()))):
        with pytest.raises(InputError) as refused:
            markets("8528", "CHN", by=name)
        offered = str(refused.value).split("Expected:")[-1]
        assert not {"oracle", "random", "whole_mean"} & set(re.findall(r"\w+", offered)) - {name}
