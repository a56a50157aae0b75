"""Years of several editions of the Harmonized System in one: planted truth, and real trade."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import offing
from offing.api.ladder import ladder
from offing.api.markets import markets
from offing.study.inputs import read_inputs
from offing.terms.errors import InputError
from offing.terms.hs import YEARS, codes_of, links, must_be_in
from offing.terms.tables import Flows
from offing.warehouse.editions import Concordance, warehouse_in_edition
from offing.warehouse.loading import load
from offing.warehouse.store import Warehouse
from offing.warehouse.trade import traded_code, warehouse_of_codes
from plain_study import STUDY
from shared_data import shared

Row = tuple[int, int, str, float, float | str]
"""Exporter, importer, code, thousand USD, tonnes."""

OLD: list[Row] = [
    (156, 276, "851712", 900, 9),  # telephones: smartphones and others since 2022
    (410, 276, "851712", 100, 1),
    (704, 276, "851712", 50, 1),  # of this pair no later year is seen
    (156, 276, "852872", 700, 70),
    (156, 842, "850760", 300, "NA"),
]
NEW: list[Row] = [
    (156, 276, "851713", 600, 6),
    (156, 276, "851714", 200, "NA"),
    (410, 276, "851713", 100, 1),
    (156, 276, "852872", 710, 71),
    (156, 842, "850760", 330, 33),
]


def baci(folder: Path, rows: Iterable[Row], year: int, edition: str, name: str = "") -> None:
    """Load a year of planted trade in BACI's layout."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"BACI_HS{edition[2:]}_Y{year}_V202601.csv"
    lines = (f"{year},{i},{j},{k},{v},{q}" for i, j, k, v, q in rows)
    file.write_text("\n".join(["t,i,j,k,v,q", *lines, ""]), encoding="utf-8")
    load("baci", [file], folder / "w", dataset=name or f"baci-{edition}")


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    baci(tmp_path, OLD, 2021, "2017")
    baci(tmp_path, NEW, 2022, "2022")
    return Warehouse.open(tmp_path / "w")


def trade(house: Warehouse, edition: str, *codes: str) -> dict[tuple[int, str, str, str], float]:
    joined, name, _ = warehouse_in_edition(house, edition, codes)
    rows = joined.table("flows", name)
    return {(y, p, i, e): v for y, p, i, e, v in rows.select(list(rows.columns[:5])).iter_rows()}


def test_what_was_split_is_shared_by_the_pair_s_own_later_trade_else_the_world_s(
    house: Warehouse,
) -> None:
    found = trade(house, "2022", "8517")
    assert found[2021, "851713", "DEU", "CHN"] == pytest.approx(900e3 * 600 / 800)
    assert found[2021, "851714", "DEU", "CHN"] == pytest.approx(900e3 * 200 / 800)
    assert found[2021, "851713", "DEU", "KOR"] == pytest.approx(100e3)
    assert (2021, "851714", "DEU", "KOR") not in found
    assert found[2021, "851713", "DEU", "VNM"] == pytest.approx(50e3 * 700 / 900)
    (caution,) = warehouse_in_edition(house, "2022", ["8517"])[2]
    assert caution.key == "warehouse.in_edition"
    told = {name: caution[name] for name in ("one", "estimated", "grouped")}
    assert told == {"one": "46.2%", "estimated": "53.8%", "grouped": "0.0%"}


def test_what_was_joined_is_added_up_and_an_unknown_weight_stays_unknown(house: Warehouse) -> None:
    joined, name, (caution,) = warehouse_in_edition(house, "2017", ["851712"])
    rows = joined.table("flows", name).filter(pl.col("year") == 2022).sort("value_usd")
    assert rows.select("product", "exporter", "value_usd", "kg").rows() == [
        ("851712", "KOR", 100e3, 1000.0), ("851712", "CHN", 800e3, None),
    ]  # fmt: skip
    assert caution.key == "warehouse.in_edition_exact"


def test_editions_between_are_passed_through(tmp_path: Path) -> None:
    """852812 (colour sets of 1996) became 852871 and 852872 in 2007, and stayed so."""
    baci(tmp_path, [(156, 276, "852812", 100, 1)], 2001, "1996")
    baci(tmp_path, [(156, 276, "852872", 30, 1), (156, 276, "852871", 10, 1)], 2023, "2022")
    found = trade(Warehouse.open(tmp_path / "w"), "2022", "8528")
    assert found[2001, "852872", "DEU", "CHN"] == pytest.approx(75e3)
    assert sum(v for (year, *_), v in found.items() if year == 2001) == pytest.approx(100e3)


def test_without_later_trade_a_split_stays_a_group_in_every_year(tmp_path: Path) -> None:
    baci(tmp_path, OLD, 2021, "2017")
    baci(tmp_path, [(156, 276, "852872", 1, 1)], 2022, "2022")
    house = Warehouse.open(tmp_path / "w")
    joined, name, (told, group) = warehouse_in_edition(house, "2022", ["851714"])
    assert joined.table("flows", name)["product"].unique().to_list() == ["851714"]
    assert (told["grouped"], group["codes"], group["code"]) == (
        "100.0%",
        "851713, 851714",
        "851714",
    )
    baci(tmp_path, [(156, 276, "851713", 5, 1)], 2023, "2022", "later")
    later = trade(Warehouse.open(tmp_path / "w"), "2022", "8517")
    assert {product for _, product, *_ in later} == {"851713"}, "what is seen is shared"


def test_codes_that_took_goods_from_several_are_not_split_by_a_guess() -> None:
    """Of 2012 to 2017: 401162 and 401163 (tyres) were each split over codes with other sources."""
    table = links("2017", "2012")
    many = {code for code, to in table.items() if len(to) > 1}
    concordance = Concordance.of("2012", {"2017": codes_of("2012")})
    for code in many:
        homes = concordance.homes["2017"][code]
        others = [c for c, to in concordance.homes["2017"].items() if set(to) & set(homes)]
        assert len(homes) == 1 or others == [code]


def test_a_year_that_several_sets_have_comes_from_the_nearest_edition(house: Warehouse) -> None:
    baci(house.folder.parent, [(156, 276, "851712", 1, 1)], 2022, "2017", "again")
    house = Warehouse.open(house.folder)
    assert trade(house, "2022", "8517")[2022, "851713", "DEU", "CHN"] == 600e3
    assert trade(house, "2012", "8517")[2022, "851712", "DEU", "CHN"] == 1e3
    with pytest.raises(InputError) as caught:
        warehouse_in_edition(house, "2022", ["8517"], "nothing")
    assert caught.value.key == "warehouse.unknown_dataset"
    assert (
        warehouse_in_edition(house, "2022", ["8517"], "again")[2][0]["sets"]
        == "again (HS 2017) 2022"
    )


@pytest.mark.parametrize(
    ("code", "edition", "key", "listed"),
    [("851712", "2022", "hs.ended", "851713, 851714"), ("850760", "2007", "hs.not_yet", "850780")],
)
def test_a_code_that_is_not_in_the_edition_says_which_are(
    code: str, edition: str, key: str, listed: str, house: Warehouse
) -> None:
    with pytest.raises(InputError) as caught:
        warehouse_in_edition(house, edition, [code])
    assert (caught.value.key, caught.value.values["listed"]) == (key, listed)
    with pytest.raises(InputError) as none:
        must_be_in("777777", edition)
    assert none.value.key == "hs.in_no_edition"


def test_a_ladder_and_a_ranking_run_over_all_years(tmp_path: Path) -> None:
    exporters, importers = (156, 410, 704, 276, 392), (842, 276, 826, 250, 76, 484)
    for year in range(2016, 2024):
        edition = "2012" if year < 2018 else "2017" if year < 2022 else "2022"
        code = "851713" if edition == "2022" else "851712"
        rows: list[Row] = [
            (
                i,
                j,
                code,
                round(100 * (1 + 0.05 * (year - 2016)) * (1 + i % 7) * (1 + j % 5), 3),
                i % 9 + 1,
            )
            for i in exporters
            for j in importers
            if i != j
        ]
        baci(tmp_path, rows, year, edition)
    answer = ladder("8517", "USA", edition="2017", warehouse=tmp_path / "w")
    assert answer.ladder.year == 2023
    assert any(tier.growth for tier in answer.ladder.tiers)
    ranked = markets(
        "851712", "China", edition="2012", as_of=2023, horizon=1, warehouse=tmp_path / "w"
    )
    assert "warehouse.in_edition_exact" in [caution.key for caution in ranked.cautions]
    assert ranked.ranking.segments


def test_a_study_reads_all_years_in_the_edition_that_it_names(house: Warehouse) -> None:
    file = house.folder.parent / "study.toml"
    text = STUDY.replace('code = "8528"', 'code = "851712"')
    file.write_text(text + '\n[markets]\nedition = "HS17"\n', encoding="utf-8")
    world = read_inputs(file, house)
    flows = world.warehouse.flows("851712", dataset=world.study.markets.dataset)
    assert flows["year"].unique().sort().to_list() == [2021, 2022]
    assert [caution.key for caution in world.about_trade] == ["warehouse.in_edition_exact"]


def _money(rows: pl.DataFrame) -> dict[tuple[str, str], float]:
    sums = rows.group_by("importer", "exporter").agg(pl.col("value_usd").sum())
    return {(i, e): v for i, e, v in sums.iter_rows()}


def forth_and_back(rows: pl.DataFrame, one: str, other: str, seen: pl.DataFrame) -> pl.DataFrame:
    there = Concordance.of(other, {one: frozenset(seen["product"])})
    moved = there.converted(rows, one, seen)
    assert _money(moved) == pytest.approx(_money(rows), abs=0.004)
    back = Concordance.of(one, {other: frozenset(rows["product"])})
    return back.converted(moved.select(rows.columns), other, rows)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_year_taken_to_another_edition_and_back_keeps_its_value_to_a_cent(
    data: st.DataObject,
) -> None:
    one, other = data.draw(st.permutations(YEARS))[:2]
    rows, seen = data.draw(trade_in(one, other)), data.draw(trade_in(other, one))
    back = forth_and_back(rows, one, other, seen)
    for pair, usd in _money(rows).items():
        assert _money(back)[pair] == pytest.approx(usd, abs=0.004, rel=1e-13)


def trade_in(edition: str, other: str) -> st.SearchStrategy[pl.DataFrame]:
    """Flows of codes that changed until another edition, and of one that did not."""
    row = st.tuples(
        st.sampled_from(["090121", *sorted(links(edition, other))]),
        st.sampled_from(("DEU", "USA")),
        st.sampled_from(("CHN", "KOR")),
        st.floats(0.01, 1e12),
    )
    return st.lists(row, min_size=1, max_size=30, unique_by=lambda row: row[:3]).map(flows)


def flows(rows: list[tuple[str, str, str, float]]) -> pl.DataFrame:
    columns = ["product", "importer", "exporter", "value_usd"]
    table = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        year=2020, cif_usd=None, kg=None, items=None, observed=pl.lit("source")
    )
    return Flows.cast(table.select(Flows.column_names()))


def test_the_changes_are_the_united_nations_own_but_for_six() -> None:
    table = pl.read_parquet(shared("hs_concordance", "hs_adjacent_editions.parquet"))
    more = set()
    for before, after in pairwise(YEARS):
        pairs = set(
            table.filter((pl.col("edition_after") == int(after)) & pl.col("main"))
            .select("code_before", "code_after")
            .rows()
        )
        mine = {
            (code, to) for code in codes_of(before) for to in links(before, after).get(code, {code})
        }
        assert not pairs - mine - {("999999", "999999")}
        more |= mine - pairs
    assert more == {
        ("810910", "810930"), ("291636", "291616"), ("300219", "300212"), ("911490", "911490"),
    }  # fmt: skip
    assert [len(codes_of(year)) for year in YEARS] == [5020, 5113, 5224, 5052, 5205, 5387, 5612]


def test_real_trade_of_two_editions_is_kept_to_a_cent(tmp_path: Path) -> None:
    """BACI's exports of South Africa and Afghanistan: 2020 in HS 2017, 2021 in HS 1992."""
    whole = pl.read_parquet(shared("baci_zaf_afg_hs6", "baci.parquet"))
    for year, edition in ((2020, "2017"), (2021, "1992")):
        file = tmp_path / f"BACI_HS{edition[2:]}_Y{year}_V202301.csv"
        whole.filter(pl.col("t") == year).with_columns(
            pl.col("k").cast(pl.String).str.zfill(6)
        ).select(list("tijkvq")).write_csv(file)
        load("baci", [file], tmp_path / "w", dataset=edition)
    house = Warehouse.open(tmp_path / "w")
    given = house.table("flows")
    for edition in ("1992", "2012", "2017", "2022"):
        joined, name, _ = warehouse_in_edition(house, edition)
        rows = joined.table("flows", name)
        for year in (2020, 2021):
            before, after = (_money(some.filter(pl.col("year") == year)) for some in (given, rows))
            assert after == pytest.approx(before, abs=0.004)
        strays = set(rows["product"]) - codes_of(edition)
        assert len(strays) <= 5, strays


def warehouse(*codes: str) -> Warehouse:
    """Sales of China to Germany, of each code so many thousands as its place, from 1."""
    rows = [
        {"year": year, "product": code, "importer": "DEU", "exporter": "CHN", "value_usd": 1e3 * at}
        for year in (2023, 2024)
        for at, code in enumerate(codes, 1)
    ]
    return Warehouse.from_frames(flows=pl.DataFrame(rows))


def test_a_code_is_traded_under_itself_or_under_a_heading_that_goes_no_further() -> None:
    house = warehouse("8507", "852872")
    assert traded_code(house, "8507600090") == "8507"
    assert traded_code(house, "85287222") == "852872"
    assert traded_code(house, "8528") == "8528"
    # The heading has finer codes, and this is not among them: no trade, not the heading's.
    assert traded_code(house, "852842") is None
    assert traded_code(house, "940161") is None


def test_two_codes_of_one_heading_each_have_its_trade() -> None:
    named, told = warehouse_of_codes(warehouse("8507"), ["850760", "850710"])
    assert named.flows("850760")["value_usd"].sum() == named.flows("850710")["value_usd"].sum()
    assert len(told) == 2


def test_a_set_that_is_named_is_kept_and_a_wrong_name_is_refused_as_ever() -> None:
    with pytest.raises(InputError) as said:
        offing.ladder("850760", "Germany", dataset="nope")
    assert said.value.key == "warehouse.unknown_dataset"
    answer = offing.outlook("850760", "China", dataset="starter-hs85", as_of=2022, horizon=1)
    heading = offing.outlook("8507", "China", dataset="starter-hs85", as_of=2022, horizon=1)
    assert answer.dataset == "starter-hs85"
    columns = "importer", "base_usd", "expected_usd", "low80", "high80"
    both = (one.table.select(*columns).sort("importer") for one in (answer, heading))
    assert_frame_equal(*both)  # fitted on what is near the heading, as the heading is
    assert answer.cautions[-1].key == "warehouse.heading_alone"


def test_a_study_of_six_digits_is_answered_at_four_and_at_six_once_they_are_loaded(
    tmp_path: Path,
) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY.replace('code = "8528"', 'code = "850760"'), encoding="utf-8")
    at_four = read_inputs(file, warehouse("8507"))
    assert [one.key for one in at_four.about_trade] == ["warehouse.heading_alone"]
    assert at_four.warehouse.flows("850760").height == 2
    at_six = read_inputs(file, warehouse("850710", "850760"))
    assert at_six.about_trade == ()
    assert at_six.warehouse.flows("850760")["value_usd"].to_list() == [2e3, 2e3]
