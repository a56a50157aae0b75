"""Tariffs: published lines, the steps of RCEP against its schedule, careless files."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offing.sources import tariff_rcep, tariff_uk_eu, tariff_us
from offing.sources.about import Source
from offing.sources.staging import Staging
from shared_data import shared


def read(source: Source, paths: list[Path], folder: Path) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    source.read(paths, staging)
    return pl.concat([pl.read_parquet(part.file) for part in staging.parts]), staging


def put(folder: Path, text: str, name: str = "data.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def line(rows: pl.DataFrame, importer: str, code: str, regime: str = "mfn") -> dict[str, object]:
    found = rows.filter(
        pl.col("importer") == importer, pl.col("code") == code, pl.col("regime") == regime
    )
    return found.row(0, named=True)


@pytest.mark.shared_data
def test_uk_and_eu_texts_are_kept(tmp_path: Path) -> None:
    source = shared("uk_eu_tariff_2021", "ukgt_cet.csv")
    rows, staging = read(tariff_uk_eu, [source], tmp_path)
    assert not staging.reasons
    assert rows.height == 2 * 11_830
    # Television sets: 14 % in Commission Implementing Regulation (EU) 2019/1776 and in the UKGT.
    assert line(rows, "EUR", "85287240")["expression"] == "14.0%"
    assert line(rows, "GBR", "85287240")["since"] == date(2021, 1, 1)
    assert line(rows, "EUR", "85287240")["since"] is None
    raw = pl.read_csv(source, infer_schema=False)
    for importer, column in (("EUR", "cet_duty_rate"), ("GBR", "ukgt_duty_rate")):
        mine = rows.filter(pl.col("importer") == importer).select("code", "expression")
        both = raw.join(mine, left_on="commodity", right_on="code")
        kept = both[column].str.strip_chars() == both["expression"]
        assert both.height == raw.height
        assert kept.all()


@pytest.mark.shared_data
def test_us_rates_and_lists(tmp_path: Path) -> None:
    paths = [
        shared("us_tariffs", name) for name in ("us_mfn_hts8.csv", "section301_lists_yale.csv")
    ]
    rows, staging = read(tariff_us, paths, tmp_path)
    assert not staging.reasons
    assert line(rows, "USA", "85287264")["expression"] == "3.9%"  # HTSUS 8528.72.64
    lists = rows.filter(pl.col("regime").str.starts_with("us301"))
    assert lists["expression"].null_count() == lists.height
    assert set(lists["partner"]) == {"CHN"}
    # 9903.88.04 covers eleven lines of list 3 in part; they are in list 3 here.
    assert lists.filter(pl.col("regime") == "us301_3").height == 6190
    assert {"us301_1", "us301_2", "us301_3", "us301_4a", "us301_4b"} <= set(lists["regime"])


@pytest.mark.shared_data
def test_lists_of_the_other_duties_by_their_file_names(tmp_path: Path) -> None:
    folder = shared("us_tariffs", "trade_war_lists", "metals-annex-IA.csv").parent
    rows, staging = read(tariff_us, [folder], tmp_path)
    # 73181900 stands twice in the list of steel
    assert staging.reasons == {"reference.twice": 1}
    assert staging.notes[0].key == "reference.passed_over"
    assert rows["expression"].null_count() == rows["partner"].null_count() == rows.height
    counts = dict(rows.group_by("regime").len().sort("regime").iter_rows())
    # The rows of the files; three of them for exemptions under the emergency act.
    assert counts == {
        "us122_aircraft": 546,
        "us122_exempt": 1098,
        "us122_in_part": 11,
        "us232_aluminium_content": 123,
        "us232_auto_parts": 145,
        "us232_copper": 80,
        "us232_ia": 279,
        "us232_ib": 388,
        "us232_ii": 165,
        "us232_iii": 47,
        "us232_steel_derivative": 110,
        "usbrazil301_exempt": 864,
        "usbrazil301_exempt_by_use": 546 + 11 + 705,
        "usbrazil_exempt": 129,
        "usieepa_exempt": 720 + 1087 + 109,
    }
    # Laptops, smartphones and computers by the memorandum of 2025-04-11: 84713001 is a whole line.
    laptops = line(rows, "USA", "84713001", "usieepa_exempt")
    assert (laptops["since"], laptops["until"]) == (date(2025, 4, 5), date(2026, 2, 24))
    assert line(rows, "USA", "7206", "us232_ia")["since"] == date(2026, 4, 6)
    assert line(rows, "USA", "8503009520", "us232_ib")["code"] == "8503009520"


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "importer", "regime"),
    [("australia.csv", "AUS", "rcep"), ("china_for_asean.csv", "CHN", "rcep_asean")],
)
def test_every_year_of_a_schedule_has_its_rate(
    tmp_path: Path, file: str, importer: str, regime: str
) -> None:
    source = shared("rcep_schedules", file)
    rows, staging = read(tariff_rcep, [source], tmp_path)
    assert not staging.reasons
    assert set(rows["importer"]) == {importer}
    assert set(rows["regime"]) == {regime}
    raw = pl.read_csv(source, infer_schema=False).filter(pl.col("Year 1").is_not_null())
    raw = raw.with_columns(pl.col("HS Code").str.replace_all(".", "", literal=True).alias("code"))
    years = [name for name in raw.columns if name.startswith("Year")]
    for number, name in enumerate(years, start=1):
        on = date(2021 + number, 7, 1)
        holds = rows.filter(
            pl.col("since") <= on, pl.col("until").is_null() | (pl.col("until") > on)
        )
        both = raw.join(holds, on="code").select(
            published=pl.col(name).str.strip_chars(), ours="expression"
        )
        assert both.height == holds.height == raw.height
        fractions = both.with_columns(
            pl.col("published").cast(pl.Float64, strict=False).alias("fraction"),
            (pl.col("ours").str.strip_suffix("%").cast(pl.Float64, strict=False) / 100).alias(
                "mine"
            ),
        )
        numbers = fractions.filter(pl.col("fraction").is_not_null())
        # The workbook holds binary fractions such as 0.07200000000000001.
        assert ((numbers["fraction"] - numbers["mine"]).abs() < 1e-9).all()
        texts = fractions.filter(pl.col("fraction").is_null())
        assert (texts["published"] == texts["ours"]).all()
    last = rows.filter(pl.col("until").is_null())
    assert last["code"].n_unique() == last.height == raw.height


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(["0", "0.1", "10%", "Free", "U", "", "5", "-1", "ŋ"]),
        min_size=3,
        max_size=3,
    )
)
def test_any_rates_give_gapless_steps_or_a_reason(tmp_path: Path, rates: list[str]) -> None:
    path = put(
        tmp_path,
        "HS Code,Product Description,Year 1,Year 2,Year 3\n0101.21.00,x,0,0,0\n0101.29.00,x,"
        + ",".join(rates)
        + "\n",
        "australia.csv",
    )
    rows, staging = read(tariff_rcep, [path], tmp_path)
    mine = rows.filter(pl.col("code") == "01012900").sort("since")
    if mine.is_empty():
        assert sum(staging.reasons.values()) == (0 if not any(rates) else 1)
        return
    assert mine["since"][0] == date(2022, 1, 1)
    assert mine["until"].to_list() == [*mine["since"].to_list()[1:], None]
