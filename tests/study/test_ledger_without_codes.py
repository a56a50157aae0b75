"""A ledger without HS codes: the study's models say the code, by what the ledger calls them."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from cautions import keyed
from offing.sources.ledger import look_at, read_ledger
from offing.study.inputs import StudyInputs, read_inputs
from offing.study.sales_history import unclaimed_sales
from offing.terms.errors import InputError
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"


def world(folder: Path, *, without_names: bool, stranger: str = "") -> StudyInputs:
    """The example with no ``hs_code`` in its ledger; perhaps its models name nothing of it."""
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    if without_names:
        text = re.sub(r"(?m)^ledger = \[.*$", "", text)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with (EXAMPLE / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name != "hs_code"]
    with (folder / "ledger.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            row["model"] = row["model"].lower() if without_names else row["model"]
            if stranger and row["model"].upper() == "HC-L120":
                row["model"] = stranger
            writer.writerow(row)
    return read_inputs(folder, Warehouse(folder / "no-warehouse"))


def test_a_model_that_no_study_knows_is_said_with_its_sum(tmp_path: Path) -> None:
    made = world(tmp_path, without_names=True, stranger="Projector P1")
    study = made.study
    assert made.sales.filter(pl.col("product").is_null())["model"].unique().to_list() == [
        "Projector P1"
    ]
    said = unclaimed_sales(made.sales, made.history, study.model, study.on, 62)
    assert [(key, values["names"]) for key, values in keyed(said)] == [
        ("study.warn_no_model", "Projector P1")
    ]


def test_without_a_study_the_code_is_still_asked_for(tmp_path: Path) -> None:
    world(tmp_path, without_names=True)
    with pytest.raises(InputError) as error:
        read_ledger(tmp_path / "ledger.csv")
    assert error.value.key == "reference.no_ledger_column"
    assert "HS code" in error.value.found
    assert "name a study whose models have codes" in str(error.value)


def test_models_that_are_named_as_codes_are_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text("Date,Country,Model,Qty,Amount USD\n2024-01-02,DEU,P1,1,10\n", "utf-8")
    read = look_at(file, columns={"product": "Model"})
    assert [(bad.row, bad.reason) for bad in read.rejected] == [(2, "reference.bad_product")]


def test_a_line_with_neither_code_nor_model_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text(
        "date,market,model,quantity,amount,currency\n"
        "2024-01-02,DEU,A,1,10,USD\n2024-01-03,DEU,,1,10,USD\n",
        encoding="utf-8",
    )
    lines = read_ledger(file, codes={"a": "8528"})
    assert lines.sales["product"].to_list() == ["8528"]
    assert [(reason, count) for reason, count, _ in lines.quarantined] == [
        ("reference.no_product", 1)
    ]
