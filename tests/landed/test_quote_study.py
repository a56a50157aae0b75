"""``offing quote --study``: the shipment of a study, options that win, careless words."""

import json
from pathlib import Path
from typing import Any

import pytest

from offing.cli.app import run

EXAMPLES = Path(__file__).resolve().parents[1] / "museum" / "studies"


SETS = str(EXAMPLES / "tv-maker")


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run(["quote", *words, "--json"]) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def test_the_study_gives_the_shipment_and_the_refund(capsys: pytest.CaptureFixture[str]) -> None:
    """The refund engine's own figures of this study: 355.00 where 13 % of 575 USD is 545.63."""
    data = asked(capsys, "--study", SETS, "DEU")
    made, back = data["quote"], data["refund_of_one_unit"]
    assert (made["product"], made["quantity"], made["on"]) == ("85287240", "300", "2024-12-31")
    assert made["currency"] == "USD"
    assert made["price"] == "172500.00"
    assert float(back["refund"]) == pytest.approx(355)
    assert float(back["simple_refund"]) == pytest.approx(575 * 7.5833 / 1.0389 * 0.13)
    assert back["effect"]["regime"] == "credit_limited"
    assert "545.63" in back["why"]
    assert float(made["refund"]) == pytest.approx(300 * 355 / (7.5833 / 1.0389), abs=0.01)


def test_options_win(capsys: pytest.CaptureFixture[str]) -> None:
    data = asked(
        capsys, "--study", SETS, "DEU", "--price", "400", "--quantity", "10", "--freight", "100",
        "--on", "2024-07-01", "--code", "85287220", "--mode", "air", "--explain",
    )  # fmt: skip
    made = data["quote"]
    lines = {line["name"]: line["amount"] for line in made["lines"]}
    assert (made["quantity"], made["on"], made["product"]) == ("10", "2024-07-01", "85287220")
    assert lines["fob"] == "4000.00"
    assert lines["freight"] == "100.00"
    keys = {step["name"]: step["key"] for step in data["steps"]}
    assert keys["freight"] == "landed.step_given"
    assert keys["inland"] == "landed.step_study"
    # The simple view follows the price that was given.
    assert float(data["refund_of_one_unit"]["simple_refund"]) == pytest.approx(
        400 * float(made["fx"][0][1]) * 0.13
    )


def test_carriage_goes_by_the_size_of_this_shipment(capsys: pytest.CaptureFixture[str]) -> None:
    """0.21 m3 a set, 6.50 USD a m3 to the port, whatever the study's usual shipment is."""
    for units, more in ((100, ()), (600, ()), (300, ("--unit-m3", "0.42"))):
        data = asked(capsys, "--study", SETS, "DEU", "--quantity", str(units), *more)
        inland = next(line for line in data["quote"]["lines"] if line["name"] == "inland")
        assert float(inland["amount"]) == units * 0.21 * 6.5 * (2 if more else 1)


def test_of_another_origin_it_is_the_study_s_plant_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """3,100 yuan a set in Tijuana, near the market, and nothing of China's tax; else refused."""
    usa = "--study", "examples/tv-maker/study.toml", "--product", "HC-65M", "USA"
    data, home = asked(capsys, *usa, "--origin", "MEX"), asked(capsys, *usa)
    costs, china = (
        {line["name"]: float(line["amount"]) for line in one["quote"]["lines"]}
        for one in (data, home)
    )
    cny = next(rate for code, rate, _ in data["quote"]["fx"] if code == "CNY")
    assert costs["cost"] == pytest.approx(300 * 3100 / float(cny), abs=0.01)
    assert costs["freight"] < china["freight"]
    assert (data["refund_of_one_unit"], "not_deductible" in costs) == (None, False)
    own = asked(capsys, *usa, "--origin", "VNM", "--cost", "3000CNY")
    assert own["refund_of_one_unit"] is None
    assert run(["quote", *usa, "--origin", "VNM", "--lang", "en"]) == 2
    assert "no plant in Vietnam that makes HC-65M" in capsys.readouterr().err


@pytest.mark.parametrize("quantity", ["0", "-5"])
@pytest.mark.parametrize("more", [(), ("--reverse", "999")])
def test_a_quantity_that_cannot_be_is_what_is_wrong(
    quantity: str, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["quote", "--study", SETS, "DEU", "--quantity", quantity, *more]) == 2
    assert f"A shipment of {quantity} units" in capsys.readouterr().err


def test_from_a_shelf_price_with_the_refund_at_that_price(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = asked(capsys, "--study", SETS, "DEU", "--reverse", "999", "--trade-share", "0.3")
    fob = float(data["reverse"]["fob"])
    assert float(data["refund_of_one_unit"]["simple_refund"]) == pytest.approx(
        fob * 7.5833 / 1.0389 * 0.13, abs=0.01
    )


def test_models_of_one_code_are_told_apart_by_their_key(capsys: pytest.CaptureFixture[str]) -> None:
    five = str(Path(__file__).resolve().parents[2] / "examples" / "tv-maker")
    assert run(["quote", "--study", five, "8528", "DEU", "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "HC-55Q" in said
    assert "HC-L120" in said
    costs = {}
    for key in ("HC-55Q", "hc-65m"):
        assert run(["quote", "--study", five, "--product", key, "DEU", "--json"]) == 0
        lines = json.loads(capsys.readouterr().out)["quote"]["lines"]
        costs[key] = next(line["per_unit"] for line in lines if line["name"] == "cost")
    assert float(costs["hc-65m"]) > float(costs["HC-55Q"]) > 0


def test_a_refund_of_ones_own_wins(capsys: pytest.CaptureFixture[str]) -> None:
    data = asked(capsys, "--study", SETS, "DEU", "--refund-cny", "100")
    assert data["refund_of_one_unit"] is None
    assert "not_deductible" not in {line["name"] for line in data["quote"]["lines"]}
