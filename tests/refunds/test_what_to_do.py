"""A paper with another heading is read, and a row or rate that is refused says what to do."""

from pathlib import Path

import pytest

import offing
from offing.report.blocks import Text
from offing.report.views.refund import view
from offing.study.inputs import read_inputs
from offing.terms.errors import InputError
from offing.terms.messages import say
from offing.warehouse import Warehouse

EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"
DECLARED = (
    "报关单号,出口日期,商品名称,商品编号,成交数量,成交单位,总价,币制\n"
    "422920260000000001,2026-03-02,电视机,8528722200,10,台,3800,USD\n"
)


def inputs(folder: Path, name: str, net: str = "21300") -> Path:
    file = folder / "inputs.csv"
    file.write_text(
        f"发票号码,开票日期,{name},数量,单位,金额,税率,税额\n"
        f"01234567,2026-02-01,*家用电器*电视机,10,台,{net},13%,2769\n",
        encoding="utf-8",
    )
    return file


def test_a_row_put_aside_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(DECLARED, encoding="utf-8")
    answer = offing.refund(
        declarations=tmp_path / "d.csv", inputs=inputs(tmp_path, "货物名称", net="abc")
    )
    texts = [line for block in view(answer) if isinstance(block, Text) for line in block.sentences]
    row = next(line for line in texts if "abc" in line)
    assert say("refund.bad_amount_next") in row


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
