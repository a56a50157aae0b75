"""BACI: what is read, and what is put aside with which words."""

import gzip
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from offing.sources import baci
from offing.sources.baci import FlowYears, packed_key
from offing.sources.staging import Staging
from offing.sources.trade_checks import place_of, places
from offing.terms.errors import InputError
from offing.warehouse.loading import load
from shared_data import shared

HEAD = "t,i,j,k,v,q\n"
GOOD = "2020,156,276,852872,1000.5,12.25\n2020,156,842,010121,3,           NA\n"

ANY_YEAR = "BACI_HS17.csv"


def write(folder: Path, text: str, name: str = "BACI_HS17_Y2020_V202301.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path: Path, *paths: Path, edition: str | None = None) -> tuple[pl.DataFrame, Staging]:
    folder = tmp_path / "staging"
    folder.mkdir(parents=True)
    staging = Staging(folder)
    baci.read(list(paths), staging, edition=edition)
    files = sorted(staging.parts, key=lambda part: part.year or 0)
    parts = [pl.read_parquet(part.file) for part in files]
    return pl.concat(parts) if parts else pl.DataFrame(), staging


def test_units_order_and_missing_quantity(tmp_path: Path) -> None:
    rows, staging = read(tmp_path, write(tmp_path, HEAD + GOOD))
    assert rows.select("year", "product", "importer", "exporter", "value_usd", "kg").rows() == [
        (2020, "010121", "USA", "CHN", 3000.0, None),
        (2020, "852872", "DEU", "CHN", 1_000_500.0, 12_250.0),
    ]
    assert rows["observed"].to_list() == ["source", "source"]
    assert rows["cif_usd"].null_count() == rows["items"].null_count() == 2
    assert staging.edition == "2017"
    assert staging.inputs[0].rows == 2


BAD = {
    "x,156,276,852872,1,1": "sources.bad_year",
    "2020,975,276,852872,1,1": "sources.group_of_countries",
    "2020,156,-5,852872,1,1": "sources.unknown_country",
    "1999,58,276,852872,1,1": "sources.dissolved_country",
    "2020,276,276,852872,1,1": "sources.own_trade",
    "2020,156,276,10121,1,1": "sources.lost_zero",
    "2020,156,276,12,1,1": "sources.bad_product",
    "2020,156,276,852872,1e306,1": "sources.bad_value",
    "2020,156,276,852872,1,-1": "sources.bad_quantity",
    "2020,156,276,852872,1,-inf": "sources.bad_quantity",
    "2020,156,276,852872": "sources.wrong_width",
    "t,i,j,k,v,q": "sources.heading_again",
}


@pytest.mark.parametrize(("line", "reason"), BAD.items())
def test_a_bad_row_is_put_aside_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    rows, staging = read(tmp_path, write(tmp_path, HEAD + GOOD + line + "\n", ANY_YEAR))
    assert rows.height == 2
    assert staging.quarantine().select("row", "reason", "text").rows() == [(4, reason, line)]


def test_data_without_a_weight_are_said_to_have_none(tmp_path: Path) -> None:
    for quantity, said in (
        ("NA", ["sources.no_weights"]),
        ("0", ["sources.no_weights"]),
        ("9", []),
    ):
        text = f"{HEAD}2020,156,276,852872,1,NA\n2020,156,842,852872,1,{quantity}\n"
        _, staging = read(tmp_path / quantity, write(tmp_path / quantity, text))
        assert [note.key for note in staging.notes] == said


REPORT = "Year,Reporter,Partner,Flow,HS code,Value,Net weight (kg),Classification"
BRAZIL = "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;QT_ESTAT;KG_LIQUIDO;VL_FOB"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("baci", HEAD + GOOD + '2020,156,276,852872,"1,413.592",1\n'),
        ("baci", (HEAD + "2020,156,276,852872,0~198,1\n").replace(",", "\t").replace("~", ",")),
        ("comtrade", f'{REPORT}\n2019,Germany,China,imports,8528,"5,000",95,HS2017\n'),
        ("comexstat", f"{BRAZIL}\n2024;01;85287200;11;160;SP;01;0817600;1;12,5;999\n"),
    ],
)  # fmt: skip
def test_a_figure_with_a_comma_stops_the_file(tmp_path: Path, kind: str, text: str) -> None:
    name = "EXP_2024.csv" if kind == "comexstat" else ANY_YEAR
    with pytest.raises(InputError) as refused:
        load(kind, [write(tmp_path, text, name)], tmp_path / "warehouse")
    assert refused.value.key == "sources.figure_with_comma"


def test_points_of_thousands_beside_decimal_commas_stop_the_file(tmp_path: Path) -> None:
    text = "t;i;j;k;v;q\n2021;156;276;852872;1.234,5;0,25\n2021;156;251;852872;1.234;.\n"
    with pytest.raises(InputError) as refused:
        read(tmp_path / "both", write(tmp_path, text, ANY_YEAR))
    assert (refused.value.key, refused.value.values["point"]) == ("sources.two_marks", "1.234")
    rows, _ = read(tmp_path, write(tmp_path, text.replace("1.234", "1234"), ANY_YEAR))
    assert sorted(rows["value_usd"]) == [1_234_000, 1_234_500]


def test_codes_of_a_data_frame_with_a_gap_are_read(tmp_path: Path) -> None:
    """852872.0 is a code, and 10121.0 has lost its zero."""
    frame = pl.DataFrame({"t": [2023.0] * 3, "i": [156.0, 156.0, None], "j": [276.0] * 3})
    frame = frame.with_columns(k=pl.Series([852872.0, 10121.0, 852872.0]), v=pl.lit(1.5))
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_csv(tmp_path / "a.csv")
    for name in ("a.parquet", "a.csv"):
        rows, staging = read(tmp_path / name[2:], tmp_path / name)
        assert rows["value_usd"].to_list() == [1500]
        assert staging.reasons == {"sources.lost_zero": 1, "sources.unknown_country": 1}


def test_dissolved_countries_until_their_end(tmp_path: Path) -> None:
    text = HEAD + "2010,530,276,852872,1,1\n2005,891,276,852872,1,1\n2006,891,276,852872,1,1\n"
    rows, staging = read(tmp_path, write(tmp_path, text, ANY_YEAR))
    assert rows.select("year", "exporter").sort("year").rows() == [
        (2005, "SCG"),
        (2006, "SCG"),
        (2010, "ANT"),
    ]
    assert not staging.reasons


def test_the_publishers_zip(tmp_path: Path) -> None:
    """Country and product files are used: a code outside the edition's list is quarantined."""
    path = tmp_path / "BACI_HS17_V202301.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("BACI_HS17_Y2020_V202301.csv", HEAD + GOOD + "2020,156,276,999999,1,1\n")
        made.writestr("country_codes_V202301.csv", "country_code,country_iso3\n156,CHN\n")
        made.writestr("product_codes_HS17_V202301.csv", "code,description\n852872,a\n010121,b\n")
    rows, staging = read(tmp_path, path)
    assert rows.height == 2
    assert staging.reasons == {"sources.not_in_edition": 1}
    assert [(item.name, item.rows) for item in staging.inputs] == [(path.name, 3)]


def test_every_form_of_a_file_reads_alike(tmp_path: Path) -> None:
    plain, _ = read(tmp_path / "a", write(tmp_path, HEAD + GOOD))
    packed = tmp_path / "BACI_HS17_Y2020.csv.gz"
    packed.write_bytes(gzip.compress((HEAD + GOOD).encode()))
    table = tmp_path / "BACI_HS17.parquet"
    pl.DataFrame(
        {
            "t": [2020, 2020], "i": [156, 156], "j": [276, 842], "k": ["852872", "010121"],
            "v": [1000.5, 3.0], "q": [12.25, None],
        }
    ).write_parquet(table)  # fmt: skip
    quoted = write(tmp_path, HEAD + GOOD.replace("852872", '"852872"'), "HS17_quoted.csv")
    crlf = write(tmp_path, (HEAD + GOOD).replace("\n", "\r\n").replace(",", ";"), "HS17_semi.csv")
    for number, path in enumerate((packed, table, quoted, crlf)):
        rows, staging = read(tmp_path / f"f{number}", path)
        assert_frame_equal(rows, plain)
        assert staging.edition == "2017"


def test_mixed_editions_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "in", HEAD + GOOD)
    write(tmp_path / "in", HEAD + GOOD, "BACI_HS12_Y2021_V202301.csv")
    with pytest.raises(InputError) as error:
        read(tmp_path, tmp_path / "in")
    assert error.value.key == "sources.mixed_editions"
    with pytest.raises(InputError) as error:
        read(tmp_path / "b", write(tmp_path, HEAD + GOOD), edition="HS22")
    assert error.value.key == "sources.mixed_editions"


@pytest.mark.parametrize(("year", "edition"), [(2020, "2017"), (2021, "1992")])
def test_two_exporters_of_real_data(tmp_path: Path, year: int, edition: str) -> None:
    """Sums of the file itself, by another way; the edition as its README has it."""
    raw = pl.read_parquet(shared("baci_zaf_afg_hs6", "baci.parquet")).filter(t=year)
    raw.write_parquet(tmp_path / "baci.parquet")
    rows, staging = read(tmp_path, tmp_path / "baci.parquet")
    assert not staging.reasons
    assert rows.height == raw.height
    assert rows["value_usd"].sum() == pytest.approx(raw["v"].sum() * 1000)
    assert rows["kg"].sum() == pytest.approx(raw["q"].sum() * 1000)
    assert rows["kg"].null_count() == raw["q"].null_count()
    assert set(rows["exporter"]) == {"ZAF", "AFG"}
    assert staging.edition == edition
    assert [note.key for note in staging.notes] == ["sources.edition_told"]
    with pytest.raises(InputError) as error:
        read(tmp_path / "wrong", tmp_path / "baci.parquet", edition="HS07")
    assert error.value.key == "sources.edition_does_not_fit"
    assert error.value.values["like"] == edition


def test_two_editions_under_one_name_are_refused(tmp_path: Path) -> None:
    """One file, two years, two editions, and nothing that says so but the codes."""
    with pytest.raises(InputError) as error:
        read(tmp_path, shared("baci_zaf_afg_hs6"))
    assert error.value.key == "sources.years_differ"
    assert error.value.values["like"] == "2020: HS 2017; 2021: HS 1992"


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
