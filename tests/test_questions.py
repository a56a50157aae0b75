"""A question in Python and its command give the same, and every answer shows itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import offing
from offing.api.asking import Answer
from offing.cli.app import run
from offing.cli.show import print_json
from offing.terms.messages import LANGUAGES, using_language
from offing.warehouse.store import starter_folder

HERE = starter_folder()
LEDGER = Path(__file__).parent / "museum" / "studies" / "tv-maker" / "ledger.csv"

CASES: dict[str, tuple[Callable[[], Answer], list[str]]] = {
    "ladder": (
        lambda: offing.ladder("8528", "Germany", price=620, bands=[300, 900], warehouse=HERE),
        ["8528", "DEU", "--price", "620", "--bands", "300，900"],
    ),
    "markets": (
        lambda: offing.markets("8528", origin="China", as_of=2022, horizon=1, warehouse=HERE),
        ["8528", "--origin", "CHN", "--as-of", "2022", "--horizon", "1"],
    ),
    "outlook": (
        lambda: offing.outlook("8507", "China", as_of=2021, horizon=1, warehouse=HERE),
        ["8507", "--origin", "CHN", "--as-of", "2021", "--horizon", "1"],
    ),
    "backtest": (
        lambda: offing.backtest(product="8507", origins=2021, top=[5, 10], warehouse=HERE),
        ["--product", "8507", "--origins", "2021", "--top", "5,10"],
    ),
    "book": (
        lambda: offing.book(LEDGER, bands=(500,), rate={"VND": 25000}, warehouse=HERE),
        [str(LEDGER), "--bands", "500", "--rate", "VND=25000"],
    ),
    "evidence": (
        lambda: offing.evidence("resilience", product=["8528", "8529"], warehouse=HERE),
        ["resilience", "--product", "8528,8529"],
    ),
}
"""Question → the call, and the words of the command."""


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    return {name: ask() for name, (ask, _) in CASES.items()}


def printed(capsys: pytest.CaptureFixture[str], data: Any) -> dict[str, Any]:
    print_json(data)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


@pytest.mark.parametrize("name", CASES)
def test_python_and_the_command_give_the_same(
    name: str, answers: dict[str, Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, *CASES[name][1], "--warehouse", str(HERE), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    ours = printed(capsys, answers[name].data())
    assert {key: said[key] for key in ours} == ours


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_shows_itself_in_a_notebook(name: str, lang: Any, answers: dict[str, Answer]) -> None:
    with using_language(lang):
        html = answers[name]._repr_html_()
    assert html is not None
    assert html.count("<table") >= 1
    assert "{" not in html.partition("</style>")[2]
    assert ("<svg" in html) == (name in {"ladder", "markets", "backtest", "book"})


@pytest.mark.parametrize("name", CASES)
def test_has_a_table(name: str, answers: dict[str, Any]) -> None:
    table = answers[name].table
    assert table.height > 0
    assert not [name for name, kind in table.schema.items() if kind.is_nested()]
