"""Any bytes give rows or an error that helps, never another exception."""

import gzip
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offing.sources import baci, comtrade
from offing.sources.about import Source
from offing.sources.staging import Staging
from offing.terms.errors import OffingError

HEADS: dict[Any, bytes] = {
    baci: b"t,i,j,k,v,q\n",
    comtrade: b"year,reporter_iso,partner_iso,flow,cmd,value_usd,netwgt_kg,qty,qty_unit\n",
}
GOOD: dict[Any, bytes] = {
    baci: b"2020,156,276,852872,1000.5,12.25\n",
    comtrade: b"2020,DEU,CHN,M,852872,1000,95,10,u\n",
}
PARSERS = pytest.mark.parametrize("source", list(HEADS), ids=lambda s: s.ABOUT.name)

chars = st.sampled_from(list(" ,;\t\n\r\"'-+.eE0123456789NAinfkgu\u00a0\u56fd\ufeff\x00"))
soup = st.text(chars, max_size=60).map(lambda text: text.encode("utf-8"))
junk = st.one_of(st.binary(max_size=80), soup)


def attempt(source: Source, data: bytes, folder: Path, name: str = "x.csv") -> Staging | None:
    path = folder / name
    path.write_bytes(data)
    place = folder / "staging"
    place.mkdir(exist_ok=True)
    staging = Staging(place)
    try:
        source.read([path], staging)
    except OffingError as error:
        said = str(error)
    else:
        return staging
    assert said
    return None


@PARSERS
@settings(max_examples=60, deadline=None)
@given(data=junk)
@example(data=b"\xff\xfe\n")
@example(data=b"\xef\xbb\xbf")
@example(data=b'"')
def test_bytes(source: Source, data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    attempt(source, data, tmp_path_factory.mktemp("f"))


@PARSERS
@settings(max_examples=60, deadline=None)
@given(lines=st.lists(junk, max_size=5))
def test_bytes_under_a_good_header(
    source: Source, lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The good row stays good, unless the file as a whole cannot be read."""
    data = HEADS[source] + GOOD[source] + b"\n".join(lines)
    staging = attempt(source, data, tmp_path_factory.mktemp("f"))
    if staging is not None:
        assert sum(part.rows for part in staging.parts) >= 1
        assert sum(item.rows for item in staging.inputs) == (
            sum(part.rows for part in staging.parts)
            + sum(staging.reasons.values())
            + sum(staging.skipped.values())
        )


@PARSERS
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["zip", "gzip", "parquet"]))
def test_damaged_containers(
    source: Source, seed: int, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A good file with a few bytes changed, or cut short."""
    table = HEADS[source] + GOOD[source] * 3
    made = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", table)
    elif kind == "gzip":
        made.write(gzip.compress(table))
    else:
        pl.read_csv(table, infer_schema=False).write_parquet(made)
    data = bytearray(made.getvalue())
    draw = random.Random(seed)
    for _ in range(draw.randint(1, 6)):
        data[draw.randrange(4, len(data))] = draw.randrange(256)
    if draw.random() < 0.3:
        del data[draw.randrange(4, len(data)) :]
    attempt(source, bytes(data), tmp_path_factory.mktemp("f"), "x.bin")
