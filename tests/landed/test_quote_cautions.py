"""What the code alone does not tell about a duty, and the shipment of a study."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cautions import keyed
from offing.cli.app import run
from offing.landed.quote import quote
from offing.landed.shipment import Shipment
from offing.rules.regime_file import shipped
from offing.terms.money import Money
from tariff_house import tariff_house

D = Decimal


def test_what_the_code_alone_does_not_tell_is_said() -> None:
    """Exclusions of Section 301 are by description; the USMCA is by certificate."""
    base = Shipment(
        "84733011", "USA", date(2026, 8, 3), D(10), "USD", price=Money(D(100), "USD"),
        duties={"mfn": "Free"},
    )  # fmt: skip

    def said(**changes: object) -> set[str]:
        made = quote(replace(base, **changes), shipped(), tariff_house())  # type: ignore[arg-type]
        return {key for key, _ in keyed(made.warnings) if key.startswith("landed.caution_")}

    assert "landed.caution_us301_exclusions" in said()
    # they ended with 2026-11-09; whether they were prolonged was not read, so it is said still
    assert "landed.caution_us301_exclusions" in said(on=date(2026, 11, 10))
    assert "landed.caution_us301_exclusions" not in said(product="8473301140", origin="VNM")
    # U.S. note 20(vvv) names no number of television sets; to 2020 the notes were not taken apart
    assert "landed.caution_us301_exclusions" not in said(product="85287264")
    assert "landed.caution_us301_exclusions" in said(product="8473301180", on=date(2025, 6, 2))
    assert "landed.caution_us301_exclusions" not in said(product="8473301140", on=date(2025, 6, 2))
    assert "landed.caution_us_usmca" in said(product="8473301140", origin="MEX")
    assert "landed.caution_us_usmca" not in said(product="8473301140", origin="VNM")
    assert "landed.caution_us_ninth_of_april" in said(
        product="9403608081", origin="VNM", on=date(2025, 4, 9)
    )
    assert "landed.caution_us_ninth_of_april" not in said(
        product="9403608081", origin="VNM", on=date(2025, 4, 10)
    )


@pytest.mark.parametrize(
    ("origin", "first", "after"),
    [
        ("CHN", date(2025, 2, 4), date(2025, 3, 7)),
        ("VNM", date(2025, 4, 5), date(2025, 6, 16)),
        ("CHN", date(2025, 4, 5), date(2025, 6, 16)),
        ("VNM", date(2025, 8, 7), date(2025, 10, 5)),
        ("DEU", date(2025, 8, 7), date(2025, 10, 5)),
        ("IND", date(2025, 8, 7), date(2025, 10, 5)),
        ("VNM", date(2026, 2, 24), date(2026, 2, 28)),
    ],
)
def test_goods_on_the_way_on_the_first_day_of_a_duty(origin: str, first: date, after: date) -> None:
    base = Shipment("85287264", "USA", first, D(10), "USD", price=Money(D(100), "USD"))

    def said(on: date) -> bool:
        made = quote(replace(base, on=on, origin=origin), shipped(), tariff_house())
        return "landed.caution_us_in_transit" in dict(keyed(made.warnings))

    assert said(first)
    assert said(after - timedelta(days=1))
    assert not said(first - timedelta(days=1))
    assert not said(after)


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
