"""``offing equilibrium``: tables as people write them, and those that cannot be used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import offing
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from two_countries import TRADE

Shock = Callable[[str], Path]


def test_the_row_of_fewer_pairs_wins_and_home_is_left_alone(trade: Path) -> None:
    rows: dict[str, Any] = {"exporter": ["*", "CHN"], "importer": ["*", "USA"], "cost": [1.5, 1.0]}
    turned = pl.DataFrame({name: cells[::-1] for name, cells in rows.items()})
    answer = offing.equilibrium(trade, pl.DataFrame(rows))
    assert offing.equilibrium(trade, turned).trade.equals(answer.trade)
    after = answer.trade.with_columns(
        share=pl.col("after") / pl.col("after").sum().over("importer")
    )
    share = {(e, i): s for e, i, s in after.select("exporter", "importer", "share").iter_rows()}
    assert share["USA", "CHN"] < 0.2
    assert np.isclose(float(answer.trade["after"].sum()), 200)


def test_headings_in_chinese_are_ours(shock_file: Shock, trade: Path, tmp_path: Path) -> None:
    plain = offing.equilibrium(trade, shock_file("exporter,importer,tariff\nCHN,USA,0.25\n"))
    trade.write_text(
        TRADE.replace("exporter,importer,trade", "出口国,进口国,贸易额"), encoding="utf-8"
    )
    answer = offing.equilibrium(trade, shock_file("出口国,进口国,税率\n中国,美国,25%\n"))
    assert answer.rows.equals(plain.rows)
    twice = shock_file("出口国,进口国,税率,关税\n中国,美国,25%,25%\n")
    with pytest.raises(InputError, match="tariff"):
        offing.equilibrium(trade, twice)


def test_gdp_is_read_once_and_says_what_it_replaces(
    shock_file: Shock, trade: Path, tmp_path: Path
) -> None:
    shock = shock_file("exporter,importer,tariff\nCHN,USA,0.1\n")
    gdp = pl.DataFrame({"country": ["中国", "美国", "DEU"], "gdp": [100.0, 110.0, 5.0]})
    answer = offing.equilibrium(trade, shock, gdp=gdp)
    assert Caution("equilibrium.domestic_replaced", {"count": 2}) in answer.cautions
    with pytest.raises(InputError, match="twice"):
        offing.equilibrium(trade, shock, gdp=pl.concat([gdp, gdp.head(1)]))
    below = TRADE.replace("CHN,CHN,80", "CHN,CHN,-0.5")
    trade.write_text(below, encoding="utf-8")
    with pytest.raises(InputError, match=r"is -0\.5"):
        offing.equilibrium(trade, shock, gdp=gdp)


def test_materials_are_told_from_none(shock_file: Shock, trade: Path, tmp_path: Path) -> None:
    """With materials every dollar of value added crosses the border more than once."""
    shock = shock_file("exporter,importer,tariff\n*,*,0.25\n")
    ask: dict[str, Any] = {"model": "many-sectors", "theta": 4.0}
    plain = offing.equilibrium(trade, shock, **ask)
    deep = offing.equilibrium(trade, shock, value_added=0.5, **ask)
    assert (deep.rows["welfare"] < plain.rows["welfare"]).all()
    assert plain.residual < 1e-9
