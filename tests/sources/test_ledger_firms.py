"""Declarations of two firms in one file are never added up in silence, wherever the firm stands."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from offing.sources.ledger import look_at_first

HEADINGS = "海关编号 申报日期 {} 运抵国 商品编号 规格型号 成交数量 成交单位 总价 币制"
OWN, OTHER = "青岛海川厨具有限公司", "烟台东方进出口有限公司"


def lines(firm: str | None, number: int) -> list[list[str]]:
    """Three declarations; without the firm where it is ``None``."""
    rows = [
        f"42012026{number}{n:08} 2026-0{n}-0{number} {firm} 德国 7323930000 FS-24 10 个 125 美元"
        for n in (1, 2, 3)
    ]
    return [[cell for cell in row.split(" ") if cell != "None"] for row in rows]


def firms_said(folder: Path, **sheets: Sequence[Sequence[str]]) -> list[str]:
    """The other firms that a look at the workbook names; all lines are read."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "list.xlsx")
    look = look_at_first(folder / "list.xlsx")[1]
    assert (look.sales.height, look.rejected) == (6, ())
    return [
        str(note.values["firms"]) for note in look.notes if note.key.endswith("several_shippers")
    ]


def test_sheets_and_titles_say_it(tmp_path: Path) -> None:
    head, bare = HEADINGS.format("境内发货人").split(" "), HEADINGS.replace("{} ", "").split(" ")
    two = {"一": [head, *lines(OWN, 1)], "二": [head, *lines(OTHER, 2)]}
    assert firms_said(tmp_path, **two) == [OTHER]
    blocks = [[[f"境内发货人：{firm}"], bare, *lines(None, n)]
              for n, firm in enumerate((OWN, OTHER), 1)]  # fmt: skip
    assert firms_said(tmp_path, 一=blocks[0], 二=blocks[1]) == [OTHER]
    assert firms_said(tmp_path, s=[*blocks[0], *blocks[1]]) == [OTHER]
    titles = [[[f"{firm}出口报关单明细"], bare, *lines(None, n)]
              for n, firm in enumerate((OWN, OTHER), 1)]  # fmt: skip
    assert firms_said(tmp_path, 一=titles[0], 二=titles[1]) == [OTHER]
