"""The World Bank's and the WTO's bulk files: planted rows in the layouts of their publishers."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from offing.api.quote import quote
from offing.sources import tariff_wits, tariff_wto
from offing.sources.about import Source
from offing.sources.staging import Staging
from offing.terms.errors import InputError, MissingDataError
from offing.warehouse.loading import load

MFN = (
    "NomenCode,Reporter_ISO_N,Year,ProductCode,Sum_Of_Rates,Min_Rate,Max_Rate,SimpleAverage,"
    "Nbr_NA_Lines,Nbr_Free_Lines,Nbr_AVE_Lines,Nbr_Dutiable_Lines,TotalNoOfValidLines,"
    "TotalNoOfLines,EstCode\n"
)
PREF = MFN.replace("ProductCode,", "ProductCode,Partner,")
WTO = (
    '"reporter","reporter_code","year","tl","tls","tldesc","hs6","import_duties"\n'
    '"Kenya","404\'","2020","85287200\'","  "," - - Other, colour","852872\'","25"\n'
    '"Kenya","404\'","2020","01012100\'","  "," - - Pure-bred","010121\'","0"\n'
)


def wits(*rows: tuple[str, int, str, float, float, float, int, int], pref: str = "") -> str:
    """Rows: edition, year, code, least, most, mean, lines without a share, lines; of Korea."""
    return (PREF if pref else MFN) + "".join(
        f"{edition},410,{year},{code},{pref and pref + ','}0,{least},{most},{mean},{unread},0,0,"
        f"0,0,{lines},N\n"
        for edition, year, code, least, most, mean, unread, lines in rows
    )


SETS = ("H5", 2019, "852872", 0.0, 20.0, 13.3333, 0, 3)
PHONES = ("H5", 2019, "851713", 16.0, 16.0, 16.0, 0, 1)
MEAT = ("H5", 2019, "020130", 10.0, 10.0, 10.0, 1, 2)


def read(source: Source, text: str, folder: Path) -> tuple[pl.DataFrame, Staging]:
    file = folder / "AVEMFN_H5_410_2019_U2.csv"
    file.write_text(text, encoding="utf-8")
    staging = Staging(folder)
    source.read([file], staging)
    return pl.concat([pl.read_parquet(part.file) for part in staging.parts]), staging


def test_a_mean_keeps_its_year_its_spread_and_its_lines(tmp_path: Path) -> None:
    newer = ("H6", 2022, "852872", 0.0, 18.0, 12.0, 0, 3)
    rows, staging = read(tariff_wits, wits(newer, SETS, PHONES), tmp_path)
    assert not staging.reasons
    sets = rows.filter(pl.col("code") == "852872").sort("since")
    assert sets.select("importer", "regime", "expression", "since", "until").rows() == [
        ("KOR", "mfn_hs6", "13.3333%", date(2019, 1, 1), date(2022, 1, 1)),
        ("KOR", "mfn_hs6", "12%", date(2022, 1, 1), None),
    ]
    assert sets["source"][0] == "@wits|year=2019|hs=2017|lines=3|least=0|most=20|unread=0"


def test_preferences_are_those_of_their_partner(tmp_path: Path) -> None:
    rows, staging = read(tariff_wits, wits(SETS, pref="156") + wits(SETS, pref="908")[len(PREF):],
                         tmp_path)  # fmt: skip
    assert rows.select("regime", "partner").rows() == [("pref_hs6", "CHN")]
    assert staging.reasons == {"reference.unknown_partner": 1}, "a group of countries"


def test_lines_of_the_wto(tmp_path: Path) -> None:
    rows, staging = read(tariff_wto, WTO, tmp_path)
    assert not staging.reasons
    assert rows.sort("code").select("importer", "code", "expression", "description").rows() == [
        ("KEN", "01012100", "0%", "Pure-bred"),
        ("KEN", "85287200", "25%", "Other, colour"),
    ]
    assert rows["source"].unique().to_list() == ["@wto|year=2020"]


def test_a_union_has_a_number_and_a_year_holds_until_the_next(tmp_path: Path) -> None:
    newer = WTO.partition("\n")[2].replace('"2020"', '"2023"').replace('"25"', '"30"')
    union = (WTO + newer).replace("404'", "918'")
    rows, staging = read(tariff_wto, union, tmp_path)
    assert not staging.reasons
    sets = rows.filter(pl.col("code") == "85287200").sort("since")
    assert sets.select("importer", "expression", "since", "until").rows() == [
        ("EUR", "25%", date(2020, 1, 1), date(2023, 1, 1)),
        ("EUR", "30%", date(2023, 1, 1), None),
    ]
    means, _ = read(tariff_wits, wits(SETS).replace(",410,", ",918,"), tmp_path)
    assert means["importer"].to_list() == ["EUR"]
    for year, good in ((1987, 0), (1988, 1), (2100, 1), (2101, 0)):
        text = wits(("H0", year, *SETS[2:]), PHONES)
        assert read(tariff_wits, text, tmp_path)[0].height == 1 + good, year


def korea(folder: Path, *rows: tuple[str, int, str, float, float, float, int, int]) -> Path:
    file = folder / "AVEMFN_H5_410_2019_U2.csv"
    file.write_text(wits(*rows), encoding="utf-8")
    load("tariff-wits", [file], folder / "w")
    return folder / "w"


def quoted(house: Path, product: str) -> tuple[float, list[str]]:
    answer = quote(
        product=product, destination="KOR", on=date(2024, 12, 31), price="100 USD",
        quantity=100, warehouse=house,
    ).quote  # fmt: skip
    duty = next(line for line in answer.lines if line.name == "duty")
    assert duty.base is not None
    return float(duty.amount / duty.base), [warning.key for warning in answer.warnings]


def test_a_quote_by_a_mean_says_that_it_is_one(tmp_path: Path) -> None:
    house = korea(tmp_path, SETS, PHONES, MEAT)
    rate, said = quoted(house, "852872")
    assert rate == pytest.approx(0.133333, abs=1e-5)
    assert "landed.warn_mean" in said
    rate, said = quoted(house, "85287200")
    assert rate == pytest.approx(0.133333, abs=1e-5), "a national code falls back to its six digits"
    assert "landed.warn_mean_one" in quoted(house, "851713")[1]
    assert "landed.warn_mean_in_part" in quoted(house, "020130")[1]
    with pytest.raises(MissingDataError) as caught:
        quoted(house, "870380")
    assert "tariff-wits" in str(caught.value)


def test_a_file_that_was_cut_off_is_refused_whole(tmp_path: Path) -> None:
    file, house = tmp_path / "wits.csv", tmp_path / "house"
    file.write_text(wits(SETS, PHONES)[:-8], encoding="utf-8")
    with pytest.raises(InputError) as error:
        load("tariff-wits", [file], house)
    where = error.value.where
    assert (error.value.key, where and where.row) == ("sources.half_a_row", 3)
    assert not list(house.rglob("*.parquet"))
