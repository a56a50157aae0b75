"""A ledger laid open: what each column was taken for, and why a row cannot be used."""

from decimal import Decimal
from pathlib import Path

import pytest

from offing.report.views.ledger import read_as
from offing.sources.ledger import look_at, read_ledger
from offing.terms.messages import has_message, speaking

TEXT = (
    "Sales of 2024,,,,,\n"
    "Tag,Destination,HS code,Qty (dozen),Amount (EUR),Model\n"
    "05/03/2024,Germany,852872,10,\"1.234,50\",A\n"
    "13/03/2024,Atlantis,852872,10,\"99,00\",A\n"
    "14/03/2024,France,852872,10,\"2.000,00\",A\n"
    "Total,,,30,\"3.333,50\",\n"
)  # fmt: skip


def test_it_says_what_each_column_was_taken_for(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text(TEXT, encoding="utf-8")
    look = look_at(file, columns={"on": "Tag"})
    columns = {column.name: column for column in look.columns}
    assert look.sheets[0].sheet.row == 2
    assert look.order == "day-first", "the 13th shows it"
    quantity, amount = columns["quantity"].heading, columns["amount"].heading
    assert quantity is not None
    assert (quantity.unit, quantity.per_unit) == ("item", Decimal(12))
    assert amount is not None
    assert (amount.currency, columns["amount"].comma) == ("EUR", True)
    assert columns["price"].heading is None
    assert not columns["price"].needed, "the amount is there"
    assert [(bad.row, bad.reason) for bad in look.rejected] == [(4, "reference.unknown_country")]
    assert look.skipped == {"reference.total_line": 1}
    assert all(has_message(bad.reason) for bad in look.rejected)
    assert look.sheets[0].first(1) == (
        (3, ["05/03/2024", "Germany", "852872", "10", "1.234,50", "A"]),
    )
    assert look.sales.equals(read_ledger(file, columns={"on": "Tag"}).sales)
    assert look.usable


@pytest.mark.parametrize(
    ("heading", "said"), [("金额(万元)", "按各行币种计"), ("金额(人民币万元)", "以元计")]
)
def test_yuan_beside_a_currency_column_is_of_each_line_s_currency(
    tmp_path: Path, heading: str, said: str
) -> None:
    file = tmp_path / "l.csv"
    currency = {"金额(万元)": "EUR", "金额(人民币万元)": "CNY"}.get(heading, "USD")
    file.write_text(
        f"日期,国别,海关编码,型号,数量(台),币种,{heading}\n2024-03-01,德国,852872,A,10,{currency},0.3\n",
        encoding="utf-8",
    )
    look = look_at(file)
    with speaking("zh"):
        (amount,) = [read_as(one, look) for one in look.columns if one.name == "amount"]
    assert amount == f"数字 × 10,000、{said}"
    assert look.sales.item(0, "currency") == currency
