"""CEPII's distances: the real file against a plain reading of it, old codes, careless files."""

from pathlib import Path

import polars as pl
import pytest

from offing.sources import distances
from offing.sources.staging import Staging
from shared_data import shared


def read(path: Path, folder: Path) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    distances.read([path], staging)
    return pl.read_parquet(staging.parts[0].file), staging


@pytest.mark.shared_data
def test_weighted_distance_first_then_plain(tmp_path: Path) -> None:
    source = shared("gravity_cepii", "dist_cepii.parquet")
    rows, staging = read(source, tmp_path)
    raw = pl.read_parquet(source)
    assert rows.height == raw.height == 224 * 224
    assert not staging.reasons

    def of(origin: str, destination: str) -> float:
        pair = rows.filter(pl.col("origin") == origin, pl.col("destination") == destination)
        return float(pair["km"].item())

    def raw_of(column: str, origin: str, destination: str) -> float:
        pair = raw.filter(pl.col("iso_o") == origin, pl.col("iso_d") == destination)
        return float(pair[column].item())

    assert of("CHN", "USA") == raw_of("distw", "CHN", "USA")
    assert of("ABW", "MAC") == raw_of("dist", "ABW", "MAC")  # distw is "." there
    assert of("ROU", "COD") == raw_of("distw", "ROM", "ZAR")  # codes that ISO has changed
    assert of("CHN", "TLS") == raw_of("distw", "CHN", "TMP")
    (note,) = staging.notes
    assert note.values == {"count": raw.filter(pl.col("distw") == ".").height, "all": rows.height}
    germany = rows.filter(pl.col("origin") == "DEU", pl.col("contiguous"))["destination"].to_list()
    assert sorted(germany) == ["AUT", "BEL", "CHE", "CZE", "DNK", "FRA", "LUX", "NLD", "POL"]
