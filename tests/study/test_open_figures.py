"""What to find out first: the value of an elasticity by hand, and what a study's plan asks for."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import offing
from offing.cli.app import run
from offing.planning.elasticity import literature_elasticity, stated_elasticity
from offing.planning.offering import MarketEntry
from offing.planning.plan import OpenFigure
from offing.study.open_figures import PRICES, REACH, other_prices, value_open_figures
from offing.study.options import usual_elasticity
from planning.worlds import sold, still
from three_markets import three_markets

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("planned_once")]
Floats = NDArray[np.float64]
EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"
COST, DOLLAR, FREIGHT = 2800.0, 7.0, 20.0


def by_hand(prices: Floats, today: float, sigma: float, discount: float) -> Floats:
    """Profit of prices less that of today's, of two years alike: 1,000 sets at today's price."""
    sold_then = 1000 * ((prices + FREIGHT) / (today + FREIGHT)) ** -sigma
    gain = sold_then * (prices * DOLLAR - COST) - 1000 * (today * DOLLAR - COST)
    return np.asarray(gain * (discount + discount**2))


def test_the_gain_of_another_price_is_that_of_the_demand_curve() -> None:
    today, values = 560.0, np.array([2.0, 4.0, 9.0])
    outlet = sold(literature_elasticity(5), today)
    worlds = replace(still(), sigma=np.zeros(4))
    gain, chance, _ = other_prices(outlet, values, worlds, 0.9)
    fine = np.linspace(today * (1 - REACH), today * (1 + REACH), 4001)
    assert gain[1, 0] == 0.0, "today's price is the best one at an elasticity near it"
    for at in (0, 2):
        # what a person answers is drawn: here in its middle, below its mean
        answer = stated_elasticity(values[at])
        sigma = 1 + (answer.value - 1) * np.exp(-(answer.log_spread**2) / 2)
        gains = by_hand(fine, today, sigma, 0.9)
        step = np.log((1 + REACH) / (1 - REACH)) / (PRICES - 1)
        near = gains[np.abs(np.log(fine / fine[np.argmax(gains)])) <= step / 2].min()
        assert max(near, 0.0) - 1 <= gain[at, 0] <= gains.max() * (1 + 1e-6)
        assert chance[at, 0] == 1.0, "nothing else moves in this world"
    # where rivals follow half, a higher price loses less and a lower one wins less
    half, *_ = other_prices(outlet, values, replace(worlds, follow=np.full(4, 0.5)), 0.9)
    assert half[0, 0] > gain[0, 0]
    assert half[2, 0] < gain[2, 0]


def test_a_full_line_asks_for_no_price_that_sells_more() -> None:
    outlet = sold(literature_elasticity(5), 560.0)
    free = other_prices(outlet, np.array([12.0]), still(), 0.9)
    assert free[0][0, 0] > 0
    assert free[2][0] > 100
    some, none = (
        other_prices(outlet, np.array([12.0]), still(), 0.9, room=room)
        for room in (free[2][0] - 1, 0.0)
    )
    assert 0 < some[0][0, 0] < free[0][0, 0]
    assert some[2][0] < free[2][0]
    assert none[0][0, 0] <= 0


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[OpenFigure, ...]]:
    """The figures of the example in two markets, and with the elasticity of one model told."""
    folder = tmp_path_factory.mktemp("open")
    text = (EXAMPLE / "study.toml").read_text("utf-8")
    text = text.replace('consider = "all"', 'consider = ["DEU", "USA"]')
    model = 'key = "HC-65M"\n'
    assert model in text
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(folder / "none"))
        costs = "\n[asking]\ntest_cny = 2000000\nvisit_cny = 0\n"
        for name, line, last in (
            ("untold", "", ""), ("told", "elasticity = 4.5\n", ""), ("costly", "", costs),
        ):  # fmt: skip
            study = folder / f"{name}.toml"
            study.write_text(text.replace(model, model + line) + last, "utf-8")
            (folder / "ledger.csv").write_bytes((EXAMPLE / "ledger.csv").read_bytes())
            found[name] = value_open_figures(offing.plan(study).planned)
    return found


def test_an_elasticity_that_is_told_is_asked_for_less(
    answers: dict[str, tuple[OpenFigure, ...]],
) -> None:
    untold, told = (
        sum(f.value_cny for f in answers[name] if (f.kind, f.product) == ("elasticity", "HC-65M"))
        for name in ("untold", "told")
    )
    assert untold > 0
    assert told < 0.7 * untold


def test_what_finding_out_costs_is_set_against_its_value(
    answers: dict[str, tuple[OpenFigure, ...]],
) -> None:
    """A test of two million is worth it for fewer models; without a word the cost is not known."""
    untold, costly = answers["untold"], answers["costly"]
    assert {figure.cost_cny for figure in untold} == {None}
    tests = [figure for figure in costly if figure.kind == "elasticity"]
    assert tests
    assert {figure.cost_cny for figure in tests} == {2e6}
    assert all(figure.value_cny > 2e6 for figure in tests)
    assert len(tests) < sum(figure.kind == "elasticity" for figure in untold)
    nets = [figure.net_cny for figure in costly]
    assert nets == sorted(nets, reverse=True)


def test_what_buyers_said_is_the_size_of_an_entry_and_asked_no_more(tmp_path: Path) -> None:
    """900 in the first year; where the ledger shows sales, nobody reads it, and that is said."""
    study = three_markets(tmp_path / "tv")
    text = study.read_text("utf-8")
    text = text.replace('"GBR"]', '"GBR", "SGP"]').replace('"8528"', '"TV"')
    text = text.replace('key = "TV"\n', 'key = "TV"\nentry_units = {SGP = 900, DEU = 5}\n', 1)
    study.write_text(text, "utf-8")
    answer = offing.plan(study)
    (outlet,) = (o for o in answer.planned.choices.shelves["TV"].outlets if o.market == "SGP")
    assert isinstance(outlet.state, MarketEntry)
    first = outlet.state.segment_usd / outlet.price_usd * outlet.state.size.size(0)
    assert first == pytest.approx(900)
    assert outlet.state.size.spread == 0
    asked = {(f.kind, f.product, f.market) for f in answer.planned.decided.open_figures}
    assert ("entry", "TV", "SGP") not in asked
    assert [one["markets"] for one in answer.cautions if one.key == "study.warn_entry_sold"] == [
        ("DEU",)
    ]


def test_the_elasticity_is_the_one_of_the_price_question(
    answers: dict[str, tuple[OpenFigure, ...]],
) -> None:
    told = {f.middle for f in answers["untold"] if f.source == "literature"}
    assert told == {usual_elasticity("852872").value}


def test_the_most_valuable_comes_first_and_each_can_turn_the_plan(
    answers: dict[str, tuple[OpenFigure, ...]],
) -> None:
    figures = answers["untold"]
    values = [figure.net_cny for figure in figures]
    assert values == sorted(values, reverse=True)
    assert all(0 < figure.turns <= 1 for figure in figures)
    assert all(figure.low <= figure.middle <= figure.high for figure in figures)


def test_it_is_told_and_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = str(three_markets(tmp_path / "tv"))
    for lang, words in (("en", "offing experiment"), ("zh", "先查明什么")):
        assert run(["plan", study, "--value-of-information", "--lang", lang]) == 0
        assert words in " ".join(capsys.readouterr().out.split())
    assert run(["plan", study, "--value-of-information", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["plan"]
    assert {"moves", "not_yet", "chance_better"} <= set(made["decision"])
    assert made["decision"]["open_figures"][0]["value_cny"] > 0
