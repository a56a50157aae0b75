"""Models of the ledger that a study does not know: found, with what is at stake."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cautions import keyed
from offing.api.ledger import LedgerAnswer, ledger
from offing.report.words import caution_text
from offing.study.edit import Change, apply_changes
from offing.study.file import read_study
from offing.study.sales import _names_of_no_line
from offing.study.sales_history import UnknownModel, names_of, unclaimed_sales
from offing.terms.caution import Caution
from offing.terms.messages import Language, using_language
from offing.warehouse import Warehouse
from study.stand_ins import like

TV = Path(__file__).resolve().parents[1] / "museum/tv-maker-2024/study.toml"
LEDGER = (
    "Date,Country,HS code,Model,Quantity,Amount,Currency\n"
    "2024-06-01,DEU,8528,HC-65M,10,5000,USD\n"
    "2024-06-01,DEU,8528,HC-99X,10,9000,USD\n"
    "2024-07-01,FRA,8528,HC-99X,5,4500,USD\n"
    "2024-07-01,FRA,8516,kettle,100,1000,USD\n"
    "2022-07-01,FRA,8516,old one,100,1000,USD\n"
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_bytes(TV.read_bytes())
    return file


def look(study: Path) -> LedgerAnswer:
    return ledger(study.parent / "ledger.csv", study=study)


def change(study: Path, *changes: Change) -> None:
    study.write_text(apply_changes(study.read_text("utf-8"), changes), encoding="utf-8")


def test_each_is_said_with_its_sales(study: Path) -> None:
    answer = look(study)
    said = [(one.name, one.code, one.usd, one.units, one.markets) for one in answer.unknown]
    assert said == [("HC-99X", "8528", 13_500, 15, 2), ("kettle", "8516", 1_000, 100, 1)]
    assert answer.unknown[0].price_usd == 900
    assert [one["name"] for one in answer.data()["unknown_models"]] == ["HC-99X", "kettle"]


def test_what_is_left_out_is_not_asked_for_again(study: Path) -> None:
    change(study, Change(("ledger", "leave_out"), ["Kettle "]))
    assert [one.name for one in look(study).unknown] == ["HC-99X"]
    facts = read_study(study)
    rates = Warehouse.open(None).table("fx_rates")
    lines = look(study).look.sales
    assert facts.ledger is not None
    ((key, said),) = keyed(
        unclaimed_sales(lines, rates, facts.model, facts.on, 30, facts.ledger.leave_out)
    )
    assert (key, said["names"]) == ("study.warn_no_model", "HC-99X")


def test_the_same_as_a_model_keeps_what_it_was_called(study: Path) -> None:
    lines = look(study).look.sales
    models = read_study(study).model
    assert names_of(lines, models, "HC-65M") == ["HC-65M"]
    assert names_of(lines, models, "HC-55Q") == ["HC-55Q"]
    change(study, Change(("model", 1, "ledger"), [*names_of(lines, models, "HC-65M"), "HC-99X"]))
    assert [one.name for one in look(study).unknown] == ["kettle"]


@pytest.mark.parametrize(
    ("usd", "units", "price"),
    [(0.5, 1.0, 0.5), (1.0, 0.5, 2.0), (0.0, 5.0, None), (5.0, 0.0, None), (None, 5.0, None),
     (-5.0, 5.0, None), (5.0, -5.0, None)],
)  # fmt: skip
def test_a_price_per_unit(usd: float | None, units: float, price: float | None) -> None:
    assert UnknownModel("A", None, usd, units, "t", 1).price_usd == price


ONE_CODE = """Date,Country,HS code,Model,Quantity,Amount,Currency
2024-06-01,DEU,8528,TV ONE,10,5000,USD
2024-07-01,DEU,8528,TV ONE,2,1000,USD
2024-07-01,DEU,8528,,2,1100,USD
2022-07-01,DEU,8528,OLD TV,2,1000,USD
"""


def one_model(study: Path, ledger: str) -> None:
    """A study where only the first model has no names of the ledger, beside a ledger."""
    models = len(read_study(study).model)
    change(
        study,
        Change(("model", 0, "ledger"), None),
        *(Change(("model", n, "ledger"), [f"no {n}"]) for n in range(1, models)),
    )
    (study.parent / "ledger.csv").write_text(ledger, encoding="utf-8")


def test_a_currency_without_a_rate_does_not_hide_it(study: Path) -> None:
    one_model(study, ONE_CODE.replace("USD", "KPW"))
    ((key, _),) = keyed(look(study).cautions)
    assert key == "study.warn_by_code_no_rate"


def test_a_name_taken_by_its_code_alone_is_said_until_the_study_names_it(study: Path) -> None:
    one_model(study, ONE_CODE)
    model = read_study(study).model[0]
    ((key, said),) = keyed(look(study).cautions)
    assert key == "study.warn_by_code"
    assert said == {"model": model.key, "names": "OLD TV, TV ONE", "lines": "3", "usd": 6000}
    words: dict[Language, str] = {"en": "by their code alone", "zh": "仅凭编码"}
    for lang, word in words.items():
        with using_language(lang):
            text = caution_text(Caution(key, said))
            assert word in text
            assert "TV ONE" in text
            assert "6,000" in text
    change(study, Change(("model", 0, "ledger"), ["TV ONE", "OLD TV"]))
    assert look(study).cautions == ()


def test_one_model_of_a_code_and_no_names_is_quiet(study: Path) -> None:
    one_model(study, ONE_CODE.replace("TV ONE", "").replace("OLD TV", ""))
    answer = look(study)
    assert answer.cautions == ()
    assert answer.unknown == ()


def test_a_model_by_none_of_whose_names_a_line_is_called_is_said() -> None:
    models = [("A", ("hc-65m", "old")), ("B", ("HC-99", "HC-98")), ("C", ())]
    world: Any = like(
        sales=pl.DataFrame({"model": ["HC-65M", None]}),
        study=like(model=[like(key=key, ledger=names) for key, names in models]),
    )
    said = {"model": "B", "names": "HC-99, HC-98"}
    assert keyed(_names_of_no_line(world)) == [("study.warn_ledger_name", said)]
