"""Make the example of a trade office: ``python -m tools.make_office``. All of it is made up.

Sixty answers of seventy-five firms that were asked, a catalogue of fairs and of firms, a list of
exports (those of the tutorial), and the months of a programme in which lots decided: a place adds a
fifth to exports.
"""

import csv
import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np

from offing.study.share import ShareLine
from offing.terms.firm_records import FirmSize
from offing.terms.messages import using_language
from tools.planted_programmes import world

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "examples" / "office"
TUTORIAL = ROOT / "docs" / "tutorials" / "data"
COPIED = {"fairs.csv": "fairs.csv", "fair-firms.csv": "firms.csv"}
MARKETS, HEADINGS = ["USA", "DEU", "JPN", "VNM", "POL", "KOR", "BRA", "SAU"], ["8528", "8507"]
SUPPORT = ["credit insurance", "fairs"]
ANSWERED, ASKED = 60, 75
NO_COUNTRY = "前德意志关税区"
"""The tutorial's file has a row of it, which is no country, and one without a value."""


def answers() -> list[ShareLine]:
    """Share lines of made-up firms, each of one heading in three markets."""
    rng = np.random.default_rng(35)
    lines = []
    for number in range(ANSWERED):
        heading = str(rng.choice(HEADINGS))
        sold = zip(rng.choice(MARKETS, 3, replace=False), rng.integers(2, 90, 3), strict=True)
        lines.append(ShareLine(
            f"Firm {number:02}", get_args(FirmSize)[number % 4], date(2026, 10, 31),
            tuple((heading, str(market), 1e5 * float(usd)) for market, usd in sold),
            ((heading, str(rng.choice(MARKETS))),),
            ((heading, "VNM", 5e4, False),) if rng.random() < 0.4 else (),
            0.25, (str(rng.choice(SUPPORT)),), ("POL",) if rng.random() < 0.5 else (),
        ))  # fmt: skip
    return lines


def programme() -> list[tuple[str, ...]]:
    """Firm, month, exports, start, whether it won, class."""
    rows: list[tuple[str, ...]] = [("firm", "month", "exports", "joined", "won", "class")]
    for name, firm in world(3, ASKED).items():
        for at, usd in sorted(firm.exports.items()):
            start = firm.start or 0
            joined = f"{2024 + start // 12}-{start % 12 + 1:02}" if firm.won else ""
            month, won = f"{2024 + at // 12}-{at % 12 + 1:02}", "yes" if firm.won else "no"
            rows.append((name, month, f"{usd:.0f}", joined, won, firm.group))
    return rows


def write(target: Path) -> None:
    """Write the folder anew."""
    place = target / "answers"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for line in answers():
        text = json.dumps(line.data(), ensure_ascii=False)
        (place / f"{line.firm.replace(' ', '-').lower()}.json").write_text(text + "\n", "utf-8")
    sold = {line.firm: sum(usd for _, _, usd in line.sales or ()) for line in answers()}
    names = (f"Firm {number:02}" for number in range(ASKED))
    rows = "".join(f"{name},{sold.get(name, 9e6):.0f}\n" for name in names)
    (target / "asked.csv").write_text(f"firm,exports_usd\n{rows}", "utf-8")
    with (target / "programme.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(programme())
    for name, called in COPIED.items():
        shutil.copyfile(TUTORIAL / name, target / called)
    untidy = (TUTORIAL / "province.csv").read_text("gb18030").splitlines(keepends=True)
    lines = [line for line in untidy if NO_COUNTRY not in line and not line.endswith(",-\n")]
    (target / "exports.csv").write_text("".join(lines).replace("统计期末", "日期"), "utf-8")


def main() -> int:
    """Write the example."""
    with using_language("en"):
        write(TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
