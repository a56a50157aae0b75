"""Shocks as data: every one has its source, sizes scale, a careless file is refused."""

from datetime import date
from pathlib import Path

import pytest

from offing.policy.shock_file import read_shock, shocks
from offing.terms.errors import InputError

LIBRARY = {
    "trade-collapse-2008", "trade-slump-2015", "us-tariffs-2018", "pandemic-2020",
    "dollar-rates-2022", "freight-2024", "us-tariffs-2025", "rmb-up-10", "rmb-down-10",
    "refund-cut-2024", "refund-cut-4", "port-closed-4", "minimum-price-eu",
}  # fmt: skip
HEAD = '[shock]\nname = "x"\nsource = "y"\n'


def test_the_library_is_there_and_says_where_its_sizes_come_from() -> None:
    assert set(shocks()) >= LIBRARY
    for key in LIBRARY:
        about = shocks()[key].file.shock
        assert about.source
        assert about.name_zh
        assert about.source_zh
        assert (about.since is None) == (about.status == "hypothetical"), key
        assert about.status in ("secondary", "recalled", "hypothetical"), key


def test_a_shock_without_its_source_says_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text('[shock]\nname = "x"\n[[closed]]\nweeks = 1\n', encoding="utf-8")
    with pytest.raises(InputError, match="write or correct 'source'"):
        read_shock(path)


def test_the_freight_of_2024_is_that_of_the_index() -> None:
    """Shanghai to Europe: 947 and 3,030 USD per TEU."""
    (freight,) = shocks()["freight-2024"].file.freight
    assert 1 + freight.change == pytest.approx(3030 / 947, abs=0.005)
    assert "DEU" in freight.markets


def test_a_shock_of_the_past_is_laid_on_only_where_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_text(HEAD + "until = 2020-12-31\n[[closed]]\nweeks = 1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_shock(path).check(date(2024, 6, 1))
    assert caught.value.key == "policy.shock_in_past"
    read_shock(path).check(date(2020, 6, 1))
    path.write_text(
        HEAD + "until = 2020-12-31\nrepeat = true\n[[closed]]\nweeks = 1\n", encoding="utf-8"
    )
    read_shock(path).check(date(2024, 6, 1))
    shocks()["pandemic-2020"].check(date(2024, 6, 1))
