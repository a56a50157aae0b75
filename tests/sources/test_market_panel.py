"""Market panels that a firm pays for: read, refused, loaded (``offing load market-panel``)."""

from pathlib import Path

import pytest

from cautions import keyed
from offing.ladders.build import PANEL
from offing.sources.market_panel import read_panel
from offing.study.inputs import read_inputs
from offing.study.markets import imports_of, panel_notes, price_at, standings_of
from offing.warehouse import Warehouse, load

HEAD = "国家,商品编码,期间,尺寸,价格段下限,价格段上限,销量,零售额,币种,品牌\n"
LINES = """德国,852872,2023 Q4,55 inch,500,700,1000,600000,EUR,Alpha
德国,852872,2024 Q4,55 inch,500,700,1200,720000,EUR,Alpha
德国,852872,2024 Q4,65 inch,700,1200,900,810000,EUR,Alpha
德国,852872,2024 Q4,65 inch,700,1200,700,735000,EUR,Beta
德国,852872,2024 Q4,75 inch,1200,2500,300,480000,EUR,Beta
德国,852872,2024 Q4,43 inch,200,500,1500,450000,EUR,Gamma
"""
SETS = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker"


def panel(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "panel.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_panel_is_read_with_its_bands_and_brands(tmp_path: Path) -> None:
    read = read_panel(panel(tmp_path, HEAD + LINES))
    assert not read.quarantined
    first = read.rows[0]
    assert (first["market"], first["product"], first["year"], first["period"]) == (
        "DEU",
        "852872",
        2023,
        "2023 Q4",
    )
    assert (first["low"], first["high"], first["units"], first["value"]) == (
        500,
        700,
        1000,
        600_000,
    )
    assert (first["currency"], first["level"], first["brand"]) == ("EUR", "retail", "Alpha")
    assert read.rows[4]["segment"] == "75 inch"
    unnamed = read_panel(panel(tmp_path, HEAD + LINES.replace("75 inch", "")))
    assert unnamed.rows[4]["segment"] is None


def test_a_study_stands_on_the_panel_and_says_the_gap_to_customs(tmp_path: Path) -> None:
    house = tmp_path / "house"
    load("market-panel", [panel(tmp_path, HEAD + LINES)], house)
    text = (SETS / "study.toml").read_text("utf-8")
    text = text.replace('consider = "all"', 'consider = ["DEU", "FRA"]')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "ledger.csv").write_bytes((SETS / "ledger.csv").read_bytes())
    world = read_inputs(tmp_path, Warehouse(house))
    imports = imports_of(world, world.study.model[0])
    standings = standings_of(world, imports)
    germany, france = (standings[market] for market in ("DEU", "FRA"))
    assert germany.ladder is not None
    assert france.ladder is not None
    assert (germany.ladder.dataset, germany.ladder.basis) == (PANEL, "retail")
    assert france.ladder.dataset != PANEL
    shelf = price_at(germany.cost, "retail", 0.0)
    assert germany.cost.quote is not None
    # Without a margin the shelf price is what is landed with value-added tax.
    assert shelf == pytest.approx(float(germany.cost.quote.landed / germany.cost.quote.quantity))
    half = price_at(germany.cost, "retail", 0.5)
    assert half == pytest.approx(2 * shelf)  # type: ignore[operator]
    assert germany.place is not None
    assert germany.place.price == pytest.approx(shelf)
    ((key, said),) = keyed(panel_notes(imports, standings))
    assert (key, said["market"]) == ("study.note_panel", "DEU")
    assert said["gap"].endswith("%")
