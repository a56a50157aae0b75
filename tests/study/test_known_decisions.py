"""Known decisions of earlier years, replayed: by hand, and as the record has them."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tools.known_decisions import COUNTRIES, DECISIONS, Asked, apparel, record, replayed

from shared_data import ROOT, shared

RECORD = ROOT / "docs" / "record" / "known-decisions.json"


def written(folder: Path, growth: dict[str, float], base: int = 2012) -> Path:
    """Monthly imports from 2008 on, by origin growing by a rate a year after the base year."""
    rows = [
        (country, 1, "made up", "SME", year, month, 1, round(1e8 * rate ** max(year - base, 0)), 1)
        for country, rate in growth.items()
        for year in range(2008, base + 3)
        for month in range(1, 13)
    ]
    names = ["Country", "Category", "Description", "Units", "Year", "Month", "Quantity", "Value"]
    (folder / "us_apparel_otexa").mkdir()
    table = pl.DataFrame(rows, schema=[*names, "M2"], orient="row")
    table.write_csv(folder / "us_apparel_otexa" / "otexa_total_apparel.csv")
    return folder


def test_windows_end_with_the_last_month_that_is_known(tmp_path: Path) -> None:
    """A window that ends in October 2013 has two months of 2012 and ten of 2013."""
    folder = written(tmp_path, {"China": 1.1, "Vietnam": 1.0})
    windows = apparel(folder, 10).filter(pl.col("exporter") == "CHN")
    by_year = dict(windows.select("year", "value_usd").iter_rows())
    assert sorted(by_year) == list(range(2009, 2015))
    assert by_year[2013] == pytest.approx(2e8 + 10 * 1.1e8)


def test_what_came_by_hand(tmp_path: Path) -> None:
    """China falls by a tenth a year and Vietnam rises by one: over windows to October.

    China: (2 + 10 × 0.9) / 12 + (2 × 0.9 + 10 × 0.81) / 12 of the base year, Vietnam alike.
    """
    growth = {**dict.fromkeys(COUNTRIES, 1.0), "China": 0.9, "Vietnam": 1.1}
    folder = written(tmp_path, growth)
    asked = Asked("by-hand", date(2012, 12, 31), 2, "apparel", towards=("VNM", "BGD"))
    vietnam, bangladesh = replayed(asked, folder)
    still = (2 + 10 * 0.9 + 2 * 0.9 + 10 * 0.81) / 12
    rose = (2 + 10 * 1.1 + 2 * 1.1 + 10 * 1.21) / 12
    assert vietnam.came == pytest.approx(1 - still / rose, abs=1e-3)
    assert bangladesh.came == pytest.approx(1 - still / 2, abs=1e-3)
    # Nothing had moved until the day: who moves wins in half of the scenarios, and it is not told.
    assert vietnam.chance == pytest.approx(0.5, abs=0.05)
    assert not vietnam.told


def test_a_dated_duty_tells(tmp_path: Path) -> None:
    """The duty of September 2019 turns even chances into a call; the law of 2018 has none."""
    folder = written(tmp_path, dict.fromkeys(COUNTRIES, 1.0), 2019)
    plain = Asked("plain", date(2019, 9, 30), 2, "apparel", towards=("VNM",))
    law = Asked("law", date(2019, 9, 30), 2, "apparel", "usa.301.list4a", ("VNM",))
    (without,), (with_it,) = replayed(plain, folder), replayed(law, folder)
    assert not without.told
    assert with_it.told


@pytest.mark.slow
def test_the_record_is_what_a_run_says() -> None:
    folder = shared("us_apparel_otexa").parent
    shared("comtrade_ev_chain")
    again, kept = record(folder), json.loads(RECORD.read_text(encoding="utf-8"))
    assert set(kept["decisions"]) == {asked.key for asked in DECISIONS}
    for key, one in kept["decisions"].items():
        run = again["decisions"][key]["ways"]  # type: ignore[index]
        assert list(run) == list(one["ways"])
        for place, way in one["ways"].items():
            assert run[place]["told"] == way["told"]
            # A better outlook moves chances a little; where it moves a call, run `make known`.
            assert run[place]["chance"] == pytest.approx(way["chance"], abs=0.1)
            assert run[place]["came"] == pytest.approx(way["came"], abs=1e-3)
