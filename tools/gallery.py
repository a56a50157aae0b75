"""Make the pictures of the documentation from real runs, in both languages: ``docs/gallery``.

Each picture is one of the report's own charts, cut out with the colours it needs, so that it opens
anywhere. The first page of the report is photographed by a headless Chromium, where there is one.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import offing
from offing.api.asking import Answer
from offing.report import write_report
from offing.report.paper import standing_svg
from offing.report.views import notebook_html as html
from offing.report.views import page_of
from offing.study.result import from_json
from offing.terms.messages import LANGUAGES, Language, using_language
from offing.warehouse.store import Warehouse, starter_folder
from tools import make_office

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "gallery"
DATA = ROOT / "docs" / "tutorials" / "data"
EXAMPLE = ROOT / "examples" / "tv-maker" / "study.toml"
LIMIT = 1_500_000
"""Bytes of all pictures together."""


def world() -> Warehouse:
    """The starter world, whatever the user has loaded."""
    return Warehouse(starter_folder(), is_starter=True)


ANSWERS: dict[str, tuple[str, Callable[[], Answer]]] = {
    "ladder": ("", lambda: offing.ladder("8528", "Germany", price=874, warehouse=world())),
    "waterfall": (
        "",
        lambda: offing.quote(destination="DEU", study=str(DATA / "overseas-lead.toml"), of="HX-75"),
    ),
    "price": (
        "price",
        lambda: offing.price("HC-65M", "Germany", study=str(EXAMPLE), warehouse=world()),
    ),
    "book": ("book", lambda: offing.book(str(DATA / "overseas-lead.csv"), bands=[500])),
    "frontier": (
        "settle-frontier-chart",
        lambda: offing.settle("250000", "USD", market="BRA", on=date(2026, 10, 30)),
    ),
    "outlook": ("", lambda: offing.markets("8507", origin="CHN", warehouse=world())),
    "proof": ("", lambda: offing.backtest(warehouse=world())),
    "change": (
        "change",
        lambda: offing.province(
            str(DATA / "province.csv"), column=["on=统计期末"], ahead=0, warehouse=world()
        ),
    ),
    "tariff": (
        "",
        lambda: offing.equilibrium(
            str(DATA / "economist-trade.csv"),
            str(DATA / "economist-shock.csv"),
            model="with-revenue",
        ),
    ),
}
"""Picture → the name that its chart begins with, and the question that draws it."""

OF_THE_STUDY = {"moves": "today-plan-chart", "map": "map-wide", "fan": "outlook-HC-55Q"}
"""Picture of the example study → the name of its chart in the report."""


def drawings(page: str) -> Iterator[tuple[str, str]]:
    """The pictures of a page with their names; of two widths, the wide one comes last."""
    for drawing in re.finditer(r"<svg.*?</svg>", page, re.DOTALL):
        name = re.search(r'aria-labelledby="(.+?)-t ', drawing[0])
        if name is not None:
            yield name[1], drawing[0]


def cut(page: str, start: str) -> str:
    """The last picture of a page whose name begins so: of two widths, the wide one.

    Raises:
        LookupError: no picture has such a name.
    """
    drawn = [(name, svg) for name, svg in drawings(page) if name.startswith(start)]
    if not drawn:
        names = [name for name, _ in drawings(page)]
        raise LookupError(f"no picture {start!r}; there are {names}")
    first = drawn[0][0]
    svg = [svg for name, svg in drawn if name == first][-1]
    # A mark that leads to a row of the page leads nowhere without it.
    return standing_svg(re.sub(r"(</?)a\b[^>]*>", r"\1g>", svg))


def photograph(report: Path, picture: Path) -> None:
    """The first screen of a report as a PNG; without Chromium nothing is made."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no chromium: the report is not photographed")
        return
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                "--window-size=1200,1000",
                f"--screenshot={picture}",
                report.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def of_the_office(folder: Path, lang: Language) -> None:
    """The first screen of a province's firms; they are made up."""
    with tempfile.TemporaryDirectory() as out, using_language(lang):
        make_office.write(Path(out))
        answer = offing.firms(
            Path(out, "answers"), asked=Path(out, "asked.csv"), stress="us-tariffs-2025",
            fairs=Path(out, "fairs.csv"), province="Example",
            budget="200万", on=date(2026, 10, 31), warehouse=world(),
        )  # fmt: skip
        page = Path(out) / "office.html"
        page.write_text(page_of(answer), encoding="utf-8")
        photograph(page, folder / f"office.{lang}.png")


def of_the_study(folder: Path) -> None:
    """The pictures of the example study."""
    with tempfile.TemporaryDirectory() as out:
        offing.run(str(EXAMPLE), out=str(Path(out) / "tv"), warehouse=world())
        result = from_json((Path(out) / "tv" / "result.json").read_text(encoding="utf-8"))
        for lang in LANGUAGES:
            report = Path(out) / f"report.{lang}.html"
            page = write_report(result, lang)
            report.write_text(page, encoding="utf-8")
            photograph(report, folder / f"report.{lang}.png")
            for name, start in OF_THE_STUDY.items():
                (folder / f"{name}.{lang}.svg").write_text(cut(page, start), encoding="utf-8")


def of_answers(folder: Path, lang: Language) -> None:
    """The pictures of single questions, in one language."""
    with using_language(lang):
        for name, (start, ask) in ANSWERS.items():
            picture = cut(html(ask()), start)
            (folder / f"{name}.{lang}.svg").write_text(picture, encoding="utf-8")


def main() -> int:
    """Make every picture; the exit code is 1 where they are too large together."""
    FOLDER.mkdir(exist_ok=True)
    for lang in LANGUAGES:
        of_answers(FOLDER, lang)
        of_the_office(FOLDER, lang)
    of_the_study(FOLDER)
    pictures = sorted(file for file in FOLDER.iterdir() if file.suffix in {".svg", ".png"})
    total = sum(file.stat().st_size for file in pictures)
    print(f"{len(pictures)} pictures, {total / 1e6:.2f} MB, in {FOLDER.relative_to(ROOT)}")
    return int(total > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
