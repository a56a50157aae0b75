"""A charge in another currency than the price, of an entry with several items."""

from pathlib import Path

import pytest

from offing.cli.app import run

HEADINGS = (
    "报关单号,项号,出口日期,商品编码,商品名称,数量,单位,"
    "成交方式,币制,总价,运费,保费,贸易方式,运抵国\n"
)


def test_why_the_items_of_an_entry_are_put_aside_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both bear the one freight, which stands in the first row."""
    entry = "422920260000012346"
    rows = (
        f"{entry},1,2026/10/12,6210400090,工作服,1200,件,CIF,EUR,39720,502/1800/3,0.3,一般贸易,德国\n"
        f"{entry},2,2026/10/12,6211339000,连体服,600,套,CIF,EUR,8400,,,一般贸易,德国\n"
    )
    file = tmp_path / "declared.csv"
    file.write_text(HEADINGS + rows, encoding="utf-8")
    asked = ["refund", "--declarations", str(file), "--on", "2026-11-20", "--lang", "en"]
    assert run(asked) == 2
    out = " ".join(capsys.readouterr().out.split())
    assert "2 of 2 rows" in out
    assert out.count("The freight is in USD and the price in EUR") == 1
    assert run([*asked, "--rate", "EUR=0.9"]) in (0, 2)
    assert "The freight is in USD" not in capsys.readouterr().out
