"""Codes of six digits in data that stop at four, and once finer data are there."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from offing.study.inputs import read_inputs
from offing.terms.errors import InputError
from offing.warehouse.store import Warehouse
from offing.warehouse.trade import traded_code, warehouse_of_codes
from plain_study import STUDY


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
