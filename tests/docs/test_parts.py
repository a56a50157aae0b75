"""Every indicator, model and way of ranking has its page, with formula, source and record."""

import os
import re
from pathlib import Path

import pytest
from tools import docs_site, part_pages
from tools.built_pages import PAGES

from offing.forecast.scores import own_names
from offing.market.indicators.of_year import NAMES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "offing"
PARTS = [(kind, key) for kind in ("indicators", "models") for key in part_pages.register()[kind]]
SHARED = {"exports", "of_year", "space", "__init__"}
"""Modules of the indicators' folder that hold no indicator of their own."""


def test_no_indicator_and_no_ranking_is_without_a_page() -> None:
    register = part_pages.register()
    modules = {file.stem for file in (SOURCE / "market" / "indicators").glob("*.py")} - SHARED
    named = {
        code.split(".")[3]
        for part in register["indicators"].values()
        for code in part["code"]
        if code.startswith("offing.market.indicators.")
    }
    assert modules <= named
    assert own_names() == set(register["rankings"])


def test_no_indicator_of_the_command_is_unspoken_of() -> None:
    text = " ".join(
        f"{part['run']} {part['name']['en']} {part['says']['en']}"
        for part in part_pages.register()["indicators"].values()
    ).lower()
    # An indicator's variants stand on its page: hhi_exporters on that of hhi.
    assert [name for name in NAMES if name.removeprefix("product_").split("_")[0] not in text] == []


@pytest.mark.parametrize(("kind", "key"), PARTS)
def test_a_part_names_what_exists(kind: str, key: str) -> None:
    part = part_pages.register()[kind][key]
    assert [file for file in part["tests"] if not (ROOT / file).is_file()] == []
    documented = [part_pages.documented(code) for code in part["code"]]
    assert all(documented)
    has_formula = "formula" in part or any(
        re.search(r"::\n|``.*``|^\s*[\w_]+ .*= |\n1\. |===", text, re.MULTILINE)
        for text in documented
    )
    assert has_formula or kind == "models", "an indicator has a formula"
    for lang in ("en", "zh"):
        assert part["name"][lang]
        assert part["says"][lang].endswith((".", "。"))
        assert part["mind"][lang].endswith((".", "。"))


@pytest.mark.parametrize("name", [name for name in PAGES if "/ranking-" not in name])
def test_a_built_page_is_whole(name: str) -> None:
    """The pages of rankings, whose record takes a minute, are built with the site."""
    text = docs_site.text_of(Path(name))
    assert text.startswith("# ")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    there = {target for target in links if "://" not in target}
    below = {target: os.path.normpath(Path(name).parent / target) for target in there}
    dead = [n for n, at in below.items() if at not in PAGES and not (ROOT / "docs" / at).exists()]
    assert dead == []


def test_a_chinese_heading_has_the_anchor_of_the_english_one() -> None:
    english = "# A b\n\n## Two (2)\n\n```sh\n# no heading\n```\n\n## Two (2)\n"
    chinese = "# 甲\n\n## 二\n\n```sh\n# 不是标题\n```\n\n## 二\n"
    assert docs_site.with_anchors(chinese, english).splitlines() == [
        "# 甲 { #a-b }",
        "",
        "## 二 { #two-2 }",
        "",
        "```sh",
        "# 不是标题",
        "```",
        "",
        "## 二 { #two-2_1 }",
    ]
    assert docs_site.with_anchors("# 甲\n", english) == "# 甲\n"


def test_chinese_lines_are_joined_outside_of_code() -> None:
    text = "一行，\n  又一行\nEnglish\n一\n\n段\n\n```\n甲\n乙\n```\n| 表 |\n| 行 |\n"
    joined = docs_site.without_gaps(text)
    assert joined == "一行，又一行\nEnglish\n一\n\n段\n\n```\n甲\n乙\n```\n| 表 |\n| 行 |\n"


def test_the_gallery_is_whole_and_small() -> None:
    """Each picture in both languages, none left over, all together under the limit."""
    from tools import gallery

    names = {"report.png", "office.png", *(f"{name}.svg" for name in (*gallery.ANSWERS, *gallery.OF_THE_STUDY))}
    wanted = {name.replace(".", f".{lang}.") for name in names for lang in ("en", "zh")}
    there = {file.name for file in gallery.FOLDER.iterdir() if file.suffix != ".md"}
    assert there == wanted
    assert sum((gallery.FOLDER / name).stat().st_size for name in there) < gallery.LIMIT
    pages = "".join(file.read_text("utf-8") for file in (ROOT / "docs").rglob("*.md"))
    assert [name for name in sorted(there) if name not in pages] == []
    for name in there:
        if name.endswith(".svg"):
            text = (gallery.FOLDER / name).read_text(encoding="utf-8")
            assert text.startswith("<svg xmlns=")
            assert "var(--" not in text or "svg{--" in text
            assert not re.search(r"(?:href|src)=|@import|url\(", text)
