"""A study shows its sales by the bands that ``offing book`` shows them by."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import offing
from offing.sources.ledger import read_ledger
from offing.study.file import read_study
from offing.study.sales import years_of
from offing.warehouse import Warehouse
from web_server import EXAMPLES

HEAD = "Date,Market,HS,Qty,Amount USD\n"
CHEAP = HEAD + "".join(
    f"2024-{month:02}-05,Germany,852872,100,{100 * price}\n"
    for month in range(1, 13)
    for price in (20, 60, 140)
)


def bands_shown(folder: Path, ledger: str) -> tuple[set[Any], set[Any]]:
    """The boundaries of the study's years, and of the book of the same study."""
    (folder / "ledger.csv").write_text(CHEAP, encoding="utf-8")
    text = (EXAMPLES / "tv-maker" / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[ledger]"), text.index("[markets]")
    file = folder / "study.toml"
    file.write_text(text[:start] + ledger + text[end:], encoding="utf-8")
    study, rates = read_study(file), Warehouse.open().table("fx_rates")
    assert study.ledger is not None
    sales = read_ledger(folder / "ledger.csv").sales
    world: Any = SimpleNamespace(study=study, sales=sales, day_rates=rates)
    facts = study.model[0].model_copy(update={"key": "every", "code": "8528", "ledger": []})
    study.model[:] = [facts]
    years = years_of(world, facts, study.ledger)
    book = offing.book(folder / "ledger.csv", study=file).book
    mine = {band.low for year in years for band in year.bands} - {None, 0.0}
    return mine, {band.low for band in book.bands} - {None, 0.0}


@pytest.mark.parametrize("named", ["", "bands_usd = [50, 100]\n"])
def test_same_facts_same_bands(tmp_path: Path, named: str) -> None:
    mine, of_book = bands_shown(tmp_path, f'[ledger]\nfile = "ledger.csv"\n{named}\n')
    assert mine
    assert mine == of_book
    assert mine != {500.0, 5000.0}
