"""``offing ladder`` in a terminal: both languages, data for programs, careless input."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ladder_flows import drawn
from offing.cli.app import run
from offing.ladders.ladder import PricePlace, Tier
from offing.report.views.ladder import tier_words
from offing.warehouse.catalog import Catalog, Load, StoredPart, write_catalog


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with made-up televisions in four markets."""
    place = tmp_path_factory.mktemp("warehouse")
    parts = []
    for (year,), rows in drawn(8).group_by("year", maintain_order=True):
        file = f"flows/made/000001-{year}.parquet"
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(place / file)
        parts.append(StoredPart("flows", "made", int(str(year)), file, rows.height, 1))
    at = datetime(2025, 1, 1, tzinfo=UTC)
    load = Load(1, "comtrade", "made", at, (), 0, 0, {}, None, None, ())
    write_catalog(place, Catalog((load,), tuple(parts), 2))
    return place


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ({"low": 0.0, "medium": 0.03, "high": 0.97}, ("high", "0.97", "")),
        ({"low": 0.5, "medium": 0.3, "high": 0.2}, ("low", "0.50", "; medium 0.30; high 0.20")),
        ({"low": 0.02, "medium": 0.9, "high": 0.08}, ("medium", "0.90", "; high 0.08")),
    ],
)
def test_likeliest_tier_comes_first(tiers: dict[Tier, float], words: tuple[str, str, str]) -> None:
    said = tier_words(PricePlace(1.0, 0.5, 0.4, 0.6, tiers, 5, ()))
    assert (said["tier"], said["share"], said["others"]) == words


def test_json_is_the_ladder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["ladder", "852872", "FRA", "--price", "300", "--year", "2022", "--bands", "200，400"]
    assert run([*line, "--warehouse", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ladder"]["year"], found["ladder"]["dataset"]) == (2022, "made")
    assert [tier["name"] for tier in found["ladder"]["tiers"]] == ["low", "medium", "high"]
    assert [band["low"] for band in found["ladder"]["bands"]] == [None, 200.0, 400.0]
    assert 0 <= found["place"]["low"] <= found["place"]["percentile"] <= 1
