"""A paper with another heading is read, and a row or rate that is refused says what to do."""

from decimal import Decimal
from pathlib import Path

import pytest

import offing
from offing.sources.papers import read_invoices
from offing.study.inputs import read_inputs
from offing.terms.errors import InputError
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"


def inputs(folder: Path, name: str, net: str = "21300") -> Path:
    file = folder / "inputs.csv"
    file.write_text(
        f"发票号码,开票日期,{name},数量,单位,金额,税率,税额\n"
        f"01234567,2026-02-01,*家用电器*电视机,10,台,{net},13%,2769\n",
        encoding="utf-8",
    )
    return file


def without_rates(folder: Path, keep: str) -> Path:
    """The example with a refund rate of one model only."""
    lines, model = [], ""
    for line in (EXAMPLE / "study.toml").read_text(encoding="utf-8").splitlines():
        model = line if line.startswith("key = ") else model
        if not line.startswith("refund_rate") or keep in model:
            lines.append(line)
    (folder / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    (folder / "ledger.csv").write_bytes((EXAMPLE / "ledger.csv").read_bytes())
    return folder


@pytest.mark.parametrize("name", ["货物名称", "项目名称", "商品名称", "货物或服务名称", "品名"])
def test_the_goods_of_an_invoice_have_many_headings(tmp_path: Path, name: str) -> None:
    read = read_invoices(inputs(tmp_path, name))
    assert [(row.name, row.net) for row in read.rows] == [("电视机", Decimal(21300))]


def test_a_heading_that_is_not_known_says_one_that_is(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_invoices(inputs(tmp_path, "什么"))
    assert "货物或应税劳务名称" in str(error.value)
    assert error.value.next_step


def test_all_models_without_a_rate_are_named_at_once(tmp_path: Path) -> None:
    folder = without_rates(tmp_path, keep="HC-75M")
    for ask in (
        lambda: read_inputs(folder, Warehouse(folder / "no-warehouse")),
        lambda: offing.refund(study=folder / "study.toml"),
    ):
        with pytest.raises(InputError) as error:
            ask()
        said = error.value
        assert said.key == "study.model_without_rate"
        assert "HC-55Q, HC-65M, HC-85M, HC-L120" in said.found
        assert "8528" in said.found
        assert "HC-75M" not in said.found
        assert "refund_rate = 0.09" in (said.expected or "")
        assert said.where is not None
        assert said.where.file == folder / "study.toml"
