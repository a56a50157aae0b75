"""A table by market that has none of the plan's is said; a list kept for more markets is not."""

from pathlib import Path

from cautions import keyed
from offing.study.excluded import tables_by_market, unread_markets
from offing.study.file import Study, read_study
from plain_study import STUDY

NAMED = '[markets]\nconsider = ["AUT", "DEU"]\n'
LOOKED_AT = ("AUT", "DEU")


def study(folder: Path, tables: str, of_model: str = "") -> Study:
    file = folder / "study.toml"
    file.write_text(STUDY.replace("m3 = 0.15\n", f"m3 = 0.15\n{of_model}") + tables, "utf-8")
    return read_study(file)


def said(study: Study) -> list[tuple[str, str, str]]:
    found = unread_markets(study, LOOKED_AT, ["LX-55U"])
    return [(k.partition("warn_")[2], v["table"], ", ".join(v["markets"])) for k, v in keyed(found)]


def test_a_list_kept_for_more_markets_gives_no_caution(tmp_path: Path) -> None:
    assert said(study(tmp_path, NAMED + "[duty]\nAUT = 0.1\nAUS = 0.1\nBRA = 0.2\n")) == []
    assert said(study(tmp_path, NAMED + "[duty]\nBRA = 0.1\nCHL = 0.2\n")) == [
        ("market_unread", "[duty]", "BRA, CHL")
    ]
    left_out = '[markets]\nleave_out = ["BRA"]\n'
    assert said(study(tmp_path, left_out + "[duty]\nBRA = 0.1\n")) == []
    assert said(study(tmp_path, "[duty]\nBRA = 0.1\nDEU = 0.1\n")) == [
        ("market_unread", "[duty]", "BRA")
    ]


def test_every_table_by_market_is_looked_at(tmp_path: Path) -> None:
    """A key of the file whose keys or values are markets is among them."""
    made = study(tmp_path, '[settlement]\naccepts = ["USD"]\n')
    assert len(list(tables_by_market(made, ["LX-55U"]))) == 8
    assert len(list(tables_by_market(made, []))) == 7
