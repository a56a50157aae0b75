"""A ledger without HS codes: the study's models say the code, by what the ledger calls them."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from offing.study.inputs import StudyInputs, read_inputs
from offing.study.sales_history import lines_by_model, named_in
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"


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


def units(one: StudyInputs) -> dict[str, float]:
    keyed = lines_by_model(one.sales, one.study.model)
    return dict(
        keyed.group_by("key").agg(pl.col("quantity").cast(pl.Float64).sum()).sort("key").rows()
    )


def by_hand() -> dict[str, float]:
    """Units by model, from the example's file itself."""
    sums: dict[str, float] = {}
    with (EXAMPLE / "ledger.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sums[row["model"]] = sums.get(row["model"], 0.0) + float(row["quantity"])
    return sums


@pytest.mark.parametrize("without_names", [True, False])
def test_names_or_keys_alone_find_every_sale(tmp_path: Path, without_names: bool) -> None:
    made = world(tmp_path, without_names=without_names)
    assert units(made) == pytest.approx(by_hand())
    assert set(made.sales["product"]) == {"8528"}
    assert named_in(made.sales, made.study.model) == {model.key for model in made.study.model}
