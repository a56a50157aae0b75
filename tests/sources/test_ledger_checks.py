"""Ledgers and deals with one slip each, and their twins: what is said of them, or put aside."""

from pathlib import Path

import pytest

from offing.sources.ledger import read_ledger
from offing.sources.numbers import read_amount
from offing.terms.errors import OffingError

HEAD = "date,market,model,quantity,unit,currency,amount,incoterm,product"
ROWS = (
    "2024-03-15,Germany,A,100,pcs,USD,56000,FOB,852872",
    "2024-05-20,France,A,120,pcs,USD,67200,FOB,852872",
    "2024-07-25,Japan,A,200,pcs,USD,80000,FOB,852872",
    "2024-09-30,India,A,150,pcs,USD,60000,FOB,852872",
)
TEXT = "\n".join((HEAD, *ROWS))


def beside(heading: str, *cells: str) -> str:
    """The ledger with a column more; the last cell is that of all further rows."""
    more = (heading, *cells, *cells[-1:] * 4)
    return "\n".join(f"{line},{cell}" for line, cell in zip(TEXT.splitlines(), more, strict=False))


def said(tmp_path: Path, text: str) -> set[str]:
    file = tmp_path / "ledger.csv"
    file.write_text(text + "\n", encoding="utf-8")
    try:
        lines = read_ledger(file)
    except OffingError as error:
        return {error.key}
    return {note.key for note in lines.notes} | {key for key, _, _ in lines.quarantined}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Japan", "中国香港"),
        ("amount", "amount ($)"),
        (",USD,56000", ",EUR,56000"),  # near a dollar: no price tells them apart
        (",USD,56000", ",CNY,408000"),
        (ROWS[3], f"{ROWS[3]}\n2024-10-30,India,A,-10,pcs,USD,-4000,FOB,852872"),
        (ROWS[1], f"{ROWS[1]}\n小计,,,220,,,123200,,"),
        (ROWS[3], f"{ROWS[3]}\nIndia Total,,,150,,,60000,,"),
        (ROWS[0], f"2024-01-01,Germany,期初余额,900,pcs,USD,500000,,852872\n{ROWS[0]}"),
        (TEXT, beside("单价(元)", "560", "560", "400", "400")),
        (TEXT, beside("状态", "未作废")),
        (TEXT, beside("备注", "plan B packing")),
        (TEXT, TEXT.replace(",A,", ",红冲件 A,")),
    ],
)
def test_its_twin_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert said(tmp_path, TEXT.replace(old, new, 1)) == set()


@pytest.mark.parametrize(
    ("cell", "currency", "fits"),
    [("$5", "CNY", False), ("$5", "HKD", True), ("￥5", "USD", False), ("￥5", "JPY", True),
     ("US$5", "HKD", False), ("5", "CNY", True), ("￥5元", "CNY", True)],
)  # fmt: skip
def test_a_bare_sign_must_fit(cell: str, currency: str, fits: bool) -> None:
    read = read_amount(cell)
    assert read is not None
    assert read.is_in(currency) is fits


@pytest.mark.parametrize("of", [1, 10_000])
def test_a_price_beside_a_count_of_ten_thousands_is_of_one_or_of_them(
    of: int, tmp_path: Path
) -> None:
    """数量（万台） beside 单价: whichever makes the amount is no slip; a tenth of it is one."""
    head = "date,market,model,数量（万台）,currency,单价,amount,product"

    def said(slip: float) -> set[str]:
        rows = (row.split(",") for row in ROWS)
        lines = (
            f"{c[0]},{c[1]},A,{int(c[3]) / 10_000},USD,"
            f"{int(c[6]) / int(c[3]) * of * slip},{c[6]},852872"
            for c in rows
        )
        file = tmp_path / "ledger.csv"
        file.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
        return {note.key for note in read_ledger(file).notes}

    assert "reference.price_times_quantity" not in said(1)
    assert "reference.price_times_quantity" in said(0.1)


@pytest.mark.parametrize(
    ("amount", "model", "far"),
    [(56_000 * 4.7, "A", False), (56_000 * 5.3, "A", True), (56_000 / 5.3, "A", True),
     (56_000 * 19, "", False), (56_000 * 21, "", True)],
)  # fmt: skip
def test_a_price_many_times_that_of_its_model_or_code(
    tmp_path: Path, amount: float, model: str, far: bool
) -> None:
    lines = [
        f"2024-01-{day:02d},Germany,{model},100,pcs,USD,56000,FOB,852872" for day in range(1, 5)
    ]
    odd = lines[0].replace("01-01", "01-09").replace("56000", f"{amount:.4f}")
    assert ("reference.price_far" in said(tmp_path, "\n".join((HEAD, *lines, odd)))) == far
    few = said(tmp_path, "\n".join((HEAD, lines[0], odd)))
    assert "reference.price_far" not in few, "two lines tell no middle"
