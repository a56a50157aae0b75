"""Tables of quotations as firms keep them: read, refused, loaded (``offing load quotations``)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cautions import keyed
from offing.sources.headings import heading_of
from offing.sources.layout import layout_of
from offing.sources.quotations import read_quotations
from offing.terms.errors import InputError
from offing.terms.messages import using_language

HEAD = "报价日期,客户,国家,型号,数量,单价,目标价,结果,丢单给\n"
LINES = """2024-03-05,甲公司,德国,HC-65M,500台,"USD 1,560.00",-,中标,
3月9日,乙公司,波兰,HC-65M,200台,US$ 520.50,505,丢单(价格),Rival
2024/4/2,乙公司,波兰,HC-65M,,US$ 518,505,跟进中,
2024/4/9,丙公司,,HC-65M,300 pcs,515美元,0,,
"""


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "quotations.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_chinese_table_is_read_with_what_it_does_not_tell(tmp_path: Path) -> None:
    read = read_quotations(written(tmp_path, "2024 年报价单\n" + HEAD + LINES, "gb18030"))
    assert not read.quarantined
    won, lost, _, untold = read.rows
    assert (won["on"], won["market"], won["price"], won["currency"]) == (
        date(2024, 3, 5), "DEU", Decimal("1560.00"), "USD",
    )  # fmt: skip
    assert [row["outcome"] for row in read.rows] == ["won", "lost", "open", None]
    assert [row["target"] for row in read.rows] == [None, Decimal(505), Decimal(505), None]
    assert [row["quantity"] for row in read.rows] == [500, 200, None, 300]
    assert (lost["on"], lost["lost_to"], untold["market"]) == (None, "Rival", None)
    assert ("quotations.note_dates", {"count": 1, "rows": "4", "text": "3月9日"}) in keyed(
        read.notes
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("中标", "也许", "quotations.bad_outcome"),
        ("USD 1,560.00", "1560", "quotations.no_currency"),
        ("德国,HC-65M", "德国,", "quotations.no_goods"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    read = read_quotations(written(tmp_path, HEAD + LINES.replace(old, new, 1)))
    assert [error.key for error in read.quarantined] == [reason]
    assert len(read.rows) == 3


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("失单", "lost"), ("未下单", "lost"), ("not won", "lost"), ("签单", "won"),
        ("赢单 Won", "won"), ("Lost/丢单", "lost"), ("lost: price too high", "lost"),
        ("丢单，客户转向越南", "lost"), ("won/lost", None), ("黄了", None),
    ],
)  # fmt: skip
def test_words_of_an_outcome_in_either_language_or_both(
    word: str, outcome: str | None, tmp_path: Path
) -> None:
    """What two words say otherwise, or none that is known, is rejected with the words known."""
    line = '2024-03-05,甲,德国,M,5,US$ 5,,"{}",\n'
    read = read_quotations(written(tmp_path, HEAD + line.format("open") + line.format(word)))
    if outcome is not None:
        assert [row["outcome"] for row in read.rows] == ["open", outcome]
        return
    [refused] = read.quarantined
    assert refused.key == "quotations.bad_outcome"
    with using_language("zh"):
        assert "中标" in refused.found


def test_headings_in_two_languages_name_one_column(tmp_path: Path) -> None:
    head = "报价日期 Date,Customer 客户,国家/Country,型号 Model,数量 Qty (台),"
    head += "Unit Price 单价(美元),结果 Result\n"
    row = read_quotations(written(tmp_path, head + "2024-03-05,甲,德国,M,5,50,中标\n")).rows[0]
    assert (row["on"], row["buyer"], row["market"]) == (date(2024, 3, 5), "甲", "DEU")
    assert (row["quantity"], row["price"]) == (Decimal(5), Decimal(50))
    assert (row["currency"], row["outcome"]) == ("USD", "won")
    layout = layout_of("quotations")
    assert heading_of("数量 Model", *layout.kinds) is None, "two columns in one heading"
    assert heading_of("单价(美元) Price (EUR)", *layout.kinds) is None, "two currencies"


def test_a_day_and_a_currency_are_told_for_the_file(tmp_path: Path) -> None:
    text = "date,sku,price,result\n03/05/2024,X,12.5,won\n"
    file = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_quotations(file)
    assert caught.value.key == "sources.no_usable_row"
    first = read_quotations(file, currency="EUR", dates="month-first").rows[0]
    assert (first["on"], first["currency"]) == (date(2024, 3, 5), "EUR")
    assert read_quotations(file, currency="EUR").rows[0]["on"] is None
    other = written(tmp_path, text + "25/05/2024,X,12.5,lost\n")
    assert read_quotations(other, currency="EUR").rows[0]["on"] == date(2024, 5, 3)
    named = read_quotations(
        written(tmp_path, "Angebot,sku,currency\n12.5,X,EUR\n"), columns={"price": "Angebot"}
    )
    assert named.rows[0]["price"] == Decimal("12.5")
