"""A year that comes in pieces is its rows sorted, the first of each."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.sources.baci import FlowYears, packed_key
from offing.sources.staging import Staging
from offing.sources.trade_checks import place_of, places

FLOW = st.tuples(
    st.sampled_from([2019, 2020]),
    st.sampled_from(["010121", "850760", "852872", "970600"]),
    st.sampled_from(["CHN", "DEU", "USA"]),
    st.sampled_from(["FRA", "JPN"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(FLOW, min_size=1, max_size=60), st.integers(1, 9))
def test_years_of_pieces_are_a_sort(flows: list[tuple[int, str, str, str]], step: int) -> None:
    first: dict[tuple[int, str, str, str], float] = {}
    for number, flow in enumerate(flows):
        first.setdefault(flow, float(number))
    with TemporaryDirectory() as folder:
        staging = Staging(Path(folder))
        years = FlowYears(staging)
        place = {code: place_of(code) for code in places()}
        names = ["year", "product", "importer", "exporter"]
        rows = pl.DataFrame(flows, schema=names, orient="row").with_columns(
            pl.col("importer", "exporter").replace_strict(place, return_dtype=pl.Int64),
            value_usd=pl.int_range(pl.len()).cast(pl.Float64),
            kg=pl.lit(None, pl.Float64),
        )
        keyed = rows.with_columns(packed_key().alias("key"))
        for at in range(0, len(flows), step):
            years.add(keyed[at : at + step])
        years.write()
        assert (
            len(list(Path(folder).iterdir())) == len(staging.parts) == len({y for y, *_ in flows})
        )
        found = pl.concat(
            pl.read_parquet(part.file) for part in sorted(staging.parts, key=lambda p: p.year or 0)
        ).select(*names, "value_usd")
        assert found.rows() == [(*flow, value) for flow, value in sorted(first.items())]
        assert years.twice == len(flows) - len(first)
        assert sum(part.rows for part in staging.parts) == len(first)
