"""Build the documentation in English and Chinese: ``site/`` and ``site/zh/``, readable offline.

Zensical builds one language at a time. So the pages of each language are laid out in a folder of
their own: ``page.zh.md`` stands in for ``page.md`` in the Chinese one, and a page that has no
Chinese text yet stands there in English, with a line that says so. Pages of
``tools/built_pages.py`` are made on the way.
"""

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools import built_pages

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
LEFT_OUT = {"generate.py", "laggards.txt", "parts.toml"}
"""What the folder has for us and not for readers, beside the scripts of pictures."""
FIRST = (
    "index.md",
    "first-study.md",
    "overseas-lead.md",
    "finance-lead.md",
    "trade-office.md",
    "economist.md",
)
"""Pages that come before the others of their section, in this order."""
THEME = "site"
"""The folder of styles and scripts below ``docs``."""


@dataclass(frozen=True)
class Edition:
    """The site in one language.

    Attributes:
        lang: code of the language.
        name: of the language, in itself.
        ending: of its pages' names, before ``.md``.
        below: where it stands in the site.
        home: what its first page is called in the navigation.
        sections: folder → title, in the order of the navigation.
        words: keys of the configuration that differ.
        lagging: what a page without text in this language begins with.
    """

    lang: str
    name: str
    ending: str
    below: str
    home: str
    sections: dict[str, str]
    words: dict[str, Any]
    lagging: str = ""

    @property
    def marker(self) -> str:
        """What stands in the pages for the same page of this edition, until all are built."""
        return f"https://{self.lang}.invalid/"


ENGLISH = Edition(
    "en",
    "English",
    "",
    "",
    "Home",
    {
        "tutorials": "Tutorials",
        "how-to": "How to",
        "gallery": "Gallery",
        "explanation": "Explanation",
        "indicators": "Indicators",
        "models": "Models",
        "rules": "Rules",
        "reference": "Reference",
        "decisions": "Decisions",
        "record": "Record",
    },
    {},
)
CHINESE = Edition(
    "zh",
    "中文",
    ".zh",
    "zh",
    "首页",
    {
        "tutorials": "教程",
        "how-to": "操作指南",
        "gallery": "图集",
        "explanation": "原理说明",
        "indicators": "指标",
        "models": "模型",
        "rules": "规则",
        "reference": "参考",
        "decisions": "设计决定",
        "record": "检验记录",
    },
    {"site_description": "进哪个海外市场、定哪个价位、用哪种货币结算，以及究竟能赚多少。"},
    '!!! note "本页尚无中文"\n\n    以下为英文原文。\n\n',
)
MARKED = re.compile(r"^```.*?^```$|^#{1,4} (?P<heading>[^\n]+)$", re.MULTILINE | re.DOTALL)
"""A block of code, or a heading outside of one."""
HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”…—]"
"""A letter or mark of Chinese."""
EDITIONS = (ENGLISH, CHINESE)


def title(page: Path) -> str:
    """The first heading of a page, or its name."""
    heading = re.search(r"^# (.+?)(?: \{ #.*\})?$", page.read_text("utf-8"), re.MULTILINE)
    return heading[1].replace("`", "") if heading else page.stem


def pages(edition: Edition) -> dict[Path, Path]:
    """Name of a page, or other file, in the site → where its text stands, both below ``docs``.

    Those of ``built_pages`` stand nowhere, see :func:`text_of`.
    """
    every = set(map(Path, built_pages.PAGES)) | {
        file.relative_to(DOCS)
        for file in sorted(DOCS.rglob("*"))
        if file.is_file() and file.name not in LEFT_OUT and file.suffix not in {".py", ".pyc"}
    }
    plain = sorted(name for name in every if not name.name.endswith(".zh.md"))
    plain = [name for name in plain if name.parts[0] != THEME]
    placed = {}
    for name in plain:
        own = name.with_name(f"{name.stem}{edition.ending}{name.suffix}")
        placed[name] = own if own in every else name
    return placed


@cache
def text_of(page: Path) -> str:
    """What a page below ``docs`` says: one that is built is made here."""
    make = built_pages.PAGES.get(page.as_posix())
    return make() if make else (DOCS / page).read_text(encoding="utf-8")


def laggards() -> list[str]:
    """The pages that have no Chinese text."""
    return [
        name.as_posix()
        for name, own in pages(CHINESE).items()
        if name.suffix == ".md" and own == name
    ]


def slug(heading: str) -> str:
    """The anchor of an English heading, as Markdown makes it."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def with_anchors(text: str, english: str) -> str:
    """A page whose headings have the anchors of the English one, so that links hold in both."""
    own, theirs = (
        [mark for mark in MARKED.finditer(page) if mark["heading"]] for page in (text, english)
    )
    if len(own) != len(theirs):
        return text
    slugs: Counter[str] = Counter()
    for other in theirs:
        slugs[slug(other["heading"])] += 1
    for heading, other in reversed(list(zip(own, theirs, strict=True))):
        anchor = slug(other["heading"])
        slugs[anchor] -= 1
        number = f"_{slugs[anchor]}" if slugs[anchor] else ""
        text = f"{text[: heading.end()]} {{ #{anchor}{number} }}{text[heading.end() :]}"
    return text


def without_gaps(text: str) -> str:
    """Chinese lines of a paragraph joined: a browser would put a space for the end of a line."""
    blocks = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    blocks[::2] = [re.sub(rf"(?<={HAN})\n *(?={HAN})", "", block) for block in blocks[::2]]
    return "".join(blocks)


def lay_out(edition: Edition, folder: Path) -> list[Path]:
    """Copy the pages of a language; returns the names of its Markdown pages."""
    names = []
    for name, own in pages(edition).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.suffix != ".md":
            shutil.copyfile(DOCS / own, target)
            continue
        text = text_of(own)
        if own == name:
            text = edition.lagging + text
        else:
            text = without_gaps(with_anchors(text, text_of(name)))
        # On a forge a page leads to its own language by name; here both have one name.
        target.write_text(re.sub(r"\.zh\.md(?=[)#])", ".md", text), encoding="utf-8")
        names.append(name)
    return names


def rank(name: Path) -> tuple[int, int, str]:
    """Where a page stands in its section, before the order of titles."""
    first = FIRST.index(name.name) if name.name in FIRST else len(FIRST)
    return len(name.parts), first, name.name[:4] if name.parts[0] == "decisions" else ""


def navigation(edition: Edition, folder: Path, names: list[Path]) -> list[Any]:
    """The sections in their order, each with its pages by title; ``index.md`` comes first."""
    parts: list[Any] = [{edition.home: "index.md"}]
    for section, heading in edition.sections.items():
        own = [name for name in names if name.parts[0] == section]
        own.sort(key=lambda name: (rank(name), title(folder / name)))
        if own:
            entries: list[Any] = [{title(folder / name): name.as_posix()} for name in own]
            if own[0].name == "index.md":
                entries[0] = own[0].as_posix()
            parts.append({heading: entries})
    unplaced = {name.parts[0] for name in names} - {"index.md", *edition.sections}
    if unplaced:
        raise SystemExit(f"name these folders in the navigation of {edition.lang}: {unplaced}")
    return parts


def build(edition: Edition, work: Path, site: Path) -> None:
    """Build one language into its place in the site.

    Raises:
        CalledProcessError: a page has a warning; Zensical names it.
    """
    shutil.rmtree(work, ignore_errors=True)
    names = lay_out(edition, work / "docs")
    shutil.copytree(DOCS / THEME, work / "docs" / "assets")
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    settings |= edition.words
    settings["docs_dir"], settings["site_dir"] = "docs", "site"
    settings["theme"] |= {"language": edition.lang}
    settings["nav"] = navigation(edition, work / "docs", names)
    settings["extra"]["alternate"] = [
        {"name": other.name, "lang": other.lang, "link": other.marker} for other in EDITIONS
    ]
    for plugin in settings["plugins"]:
        if isinstance(plugin, dict) and "mkdocstrings" in plugin:
            python = plugin["mkdocstrings"]["handlers"]["python"]
            python["paths"] = [str(ROOT / "src")]
            python["options"]["extensions"] = [str(ROOT / "tools" / "doctest_blocks.py")]
    (work / "mkdocs.yml").write_text(
        yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    subprocess.run(command, cwd=work, check=True, env=os.environ | {"NO_COLOR": "1"})
    target = site / edition.below
    target.mkdir(parents=True, exist_ok=True)
    shutil.copytree(work / "site", target, dirs_exist_ok=True)
    for page in (work / "site").rglob("*.html"):
        name = page.relative_to(work / "site")
        html = page.read_text(encoding="utf-8")
        for other in EDITIONS:
            up = os.path.relpath(site / other.below / name, (target / name).parent)
            html = html.replace(other.marker, Path(up).as_posix())
        (target / name).write_text(html, encoding="utf-8")


def main(site: Path = ROOT / "site") -> int:
    """Build both languages; the number of errors is the exit code."""
    shutil.rmtree(site, ignore_errors=True)
    for edition in EDITIONS:
        print(f"{edition.lang}: ", end="", flush=True)
        try:
            build(edition, ROOT / "build" / f"site-{edition.lang}", site)
        except subprocess.CalledProcessError:
            return 1
    print(f"open {site / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
