"""A first study file from a few answers is what was said, and the examples are there."""

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from offing.study.template import (
    SHIPPING,
    StudyTemplate,
    TemplateModel,
    fill_template,
    key_of,
    toml_of,
    toml_text,
    usual_shipping,
)

SAID = {
    "title": {"en": 'Where "next"?', "zh": "下一步"}, "on": date(2024, 12, 31), "firm": "Lu\\xing",
    "city": "青岛", "vat_status": "trader", "capacity": Decimal(60000),
}  # fmt: skip


MODEL = TemplateModel(
    "55-inch set", "8528", "oem", Decimal("320.50"), Decimal(1500), Decimal(150), Decimal(16),
    Decimal("0.15"),
)  # fmt: skip


SHIPPED = dict(zip(SHIPPING, map(Decimal, ("300", "6.5", "150", "14", "2.1")), strict=True))


@pytest.mark.parametrize(
    ("name", "key"), [("a/b  c", "a-b-c"), ("//", "model"), ("x" * 50, "x" * 40), ("-y-", "y")]
)
def test_keys_of_names(name: str, key: str) -> None:
    assert key_of(name) == key


def test_text_of_a_file_is_one_line() -> None:
    assert tomllib.loads(f"a = {toml_text('x' + chr(10) + chr(127) + 'y')}") == {"a": "x  y"}


def test_names_that_make_the_same_key_are_told_apart() -> None:
    models = [replace(MODEL, name=name) for name in ("A 1", "A/1", "A-1", "B" * 50, "B" * 45)]
    text = toml_of(StudyTemplate(**SAID, models=models, shipping=SHIPPED))  # type: ignore[arg-type]
    keys = [model["key"] for model in tomllib.loads(text)["model"]]
    assert keys == ["A-1", "A-1-2", "A-1-3", "B" * 40, f"{'B' * 36}-2"]


def test_what_is_not_known_waits_for_its_figure_and_is_no_value() -> None:
    bare = StudyTemplate(SAID["title"], SAID["on"], [TemplateModel("X", "8528")])  # type: ignore[arg-type]
    text = toml_of(bare)
    read = tomllib.loads(text)
    assert read["model"] == [{"key": "X", "name": "X", "code": "8528"}]
    assert (read["firm"], read["shipping"]) == ({"origin": "CHN", "vat_status": "manufacturer"}, {})
    waiting = [line[3:].split(" =")[0] for line in text.splitlines() if line.startswith("#? ")]
    figures = ["price_usd", "cost_cny", "input_vat_cny", "kg", "m3"]
    assert waiting == ["name", "city", *figures, "hours", *SHIPPING]
    assert "refund_rate" not in text
    asked = toml_of(replace(bare, models=[TemplateModel("X", "8528", refund_about="of 8528")]))
    assert "#? refund_rate = # of 8528" in asked


def test_a_usual_figure_that_was_taken_over_is_called_illustrative() -> None:
    bare = StudyTemplate(SAID["title"], SAID["on"], [TemplateModel("X", "8528")])  # type: ignore[arg-type]
    first, second = SHIPPING[:2]
    usual = usual_shipping()
    answers = {f"shipping.{first}": usual[first], f"shipping.{second}": usual[second] + 1}
    lines = fill_template(toml_of(bare), answers).splitlines()
    told = {
        name: next(one for one in lines if one.startswith(f"{name} =")) for name in SHIPPING[:2]
    }
    assert "ILLUSTRATIVE" in told[first]
    assert "ILLUSTRATIVE" not in told[second]
