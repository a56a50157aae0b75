"""Nothing that is printed is lost, however narrow the terminal, in either language."""

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from offing.report.terminal import CLOSING, breaks, table

TEXT = st.text(st.sampled_from("ab 中文，。（）/-_%1 长é，"), max_size=60)


def lines_of(text: str, width: int, *, fold: bool) -> list[str]:
    places = [0, *breaks(text, width, fold=fold), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(places)]


@given(TEXT, st.integers(4, 30))
def test_folded_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = lines_of(text, width, fold=True)
    assert "".join(lines) == text
    assert all(cell_len(line.rstrip()) <= width for line in lines)


def test_no_line_begins_with_closing_punctuation() -> None:
    text = "没有到岸成本：未导入这些市场的规则或税则（见报告）。其利润按离岸价计算，并已说明。"
    for width in range(8, 40):
        assert not any(line[0] in CLOSING for line in lines_of(text, width, fold=False)[1:])


COLUMNS = ["Data set", "What it is", "Rows", "Licence"]
ROWS = [
    ["tariff-us", "美国关税：最惠国税率与各项加征关税清单，按八位税号", "27,924", "public"],
    ["ev", "most-favoured-nation rates and lists of duties", "197,534", "no re-dissemination"],
]


@pytest.mark.parametrize("width", [20, 30, 45, 60, 80, 140])
def test_a_table_shows_every_letter_at_any_width(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = Console(file=io.StringIO(), width=width)
    out.print(table("内容 What", COLUMNS, ROWS, text_columns=(0, 1, 3), wrapped=(0, 1, 3)))
    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in shown
    assert all(cell_len(line.rstrip()) <= width for line in shown.splitlines())
    for letter in set("".join(cell for row in ROWS for cell in row)) - {" "}:
        wanted = sum(cell.count(letter) for row in ROWS for cell in row)
        assert shown.count(letter) >= wanted, letter
