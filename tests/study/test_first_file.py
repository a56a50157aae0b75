"""A first study file from a few answers is what was said, and the examples are there."""

import re
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.study.examples import Example, copy_example, examples
from offing.study.file import read_study
from offing.study.template import SHIPPING, StudyTemplate, TemplateModel, toml_of, usual_shipping
from offing.terms.errors import InputError

SAID = {
    "title": {"en": 'Where "next"?', "zh": "下一步"}, "on": date(2024, 12, 31), "firm": "Lu\\xing",
    "city": "青岛", "vat_status": "trader", "capacity": Decimal(60000),
}  # fmt: skip
MODEL = TemplateModel(
    "55-inch set", "8528", "oem", Decimal("320.50"), Decimal(1500), Decimal(150), Decimal(16),
    Decimal("0.15"),
)  # fmt: skip
SHIPPED = dict(zip(SHIPPING, map(Decimal, ("300", "6.5", "150", "14", "2.1")), strict=True))


def test_the_file_says_what_was_said(tmp_path: Path) -> None:
    begun = StudyTemplate(
        **SAID,  # type: ignore[arg-type]
        models=[MODEL],
        shipping=SHIPPED,
        taken_over=frozenset(SHIPPING[1:2]),
    )
    text = toml_of(begun)
    assert text.endswith("2.1\n")
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    study = read_study(file)
    model: Any = study.model[0]
    assert (study.title.en, study.title.zh) == ('Where "next"?', "下一步")
    assert (study.firm.name.en, study.firm.vat_status) == ("Lu\\xing", "trader")
    assert (model.key, model.brand, model.code) == ("55-inch-set", "oem", "8528")
    assert (model.price_usd, model.cost_cny, model.input_vat_cny) == (Decimal("320.50"), 1500, 150)
    assert (model.kg, model.m3, model.refund_rate) == (16, Decimal("0.15"), None)
    assert study.capacity(model) == 60000
    assert [getattr(study.shipping, name) for name in SHIPPING] == list(SHIPPED.values())
    marked = [line for line in text.splitlines() if line.startswith(SHIPPING)]
    assert ["#" in line for line in marked] == [False, True, False, False, False]
    taxed = [replace(MODEL, refund_rate=Decimal("0.13"))]
    rated = StudyTemplate(**SAID, models=taxed, shipping=SHIPPED)  # type: ignore[arg-type]
    assert tomllib.loads(toml_of(rated))["model"][0]["refund_rate"] == 0.13


def test_values_of_a_ledger_come_back_as_they_were() -> None:
    said = {"file": 'a "b".csv', "columns": {"market": "Ship to, country"}, "leave_out": ("x", "y")}
    bare = StudyTemplate(SAID["title"], SAID["on"], [TemplateModel("X", "8528")], ledger=said)  # type: ignore[arg-type]
    assert tomllib.loads(toml_of(bare))["ledger"] == {**said, "leave_out": ["x", "y"]}


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=8))
def test_any_names_make_a_file_that_reads(names: list[str]) -> None:
    """Names come from ledgers: they have quotes, backslashes, blanks, and no letter at all."""
    models = [replace(MODEL, name=name) for name in names]
    said = {"leave_out": names}
    text = toml_of(StudyTemplate(**SAID, models=models, shipping=SHIPPED, ledger=said))  # type: ignore[arg-type]
    read = tomllib.loads(text)
    plain = [re.sub(r"[\x00-\x1f\x7f]", " ", name) for name in names]
    assert [model["name"] for model in read["model"]] == plain
    assert read["ledger"]["leave_out"] == plain
    keys = [model["key"] for model in read["model"]]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[\w.+-]{1,40}", key) for key in keys)


def test_examples(tmp_path: Path) -> None:
    names = [one.name for one in examples()]
    assert names == ["tv-maker", "workwear", "battery-maker"]
    tv = examples()[0]
    assert all(code.startswith("85") for code in tv.codes)
    own = tomllib.loads((tv.folder / "study.toml").read_text("utf-8"))
    assert (tv.title("en"), tv.title("zh")) == (own["title"]["en"], own["title"]["zh"])
    shipped = {name: Decimal(str(own["shipping"][name])) for name in SHIPPING}
    assert usual_shipping() == shipped
    copy_example("tv-maker", tmp_path)
    assert {file.name for file in tmp_path.iterdir()} >= {"study.toml", "ledger.csv"}
    with pytest.raises(InputError) as caught:
        copy_example("x" * 70, tmp_path)
    assert caught.value.key == "errors.unknown_name"
    assert "x" * 60 in str(caught.value)
    assert "x" * 61 not in str(caught.value)
    assert Example("a", tmp_path, "one", "一", ()).title("zh") == "一"
