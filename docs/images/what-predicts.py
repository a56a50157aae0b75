"""Draws what-predicts.svg and prints the tables of the page: how ways of ranking did.

Run ``python docs/images/what-predicts.py NAME=BACKTEST.json …`` with files of ``offing backtest --json``;
the first horizon of each is drawn, all are printed.
"""

import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from offing.terms.messages import say

RIVALS = (
    "oracle", "outlook", "three_year_mean", "persistence", "gravity", "epi", "size", "density", "blue_ocean",
    "unrealized", "gravity_gap", "random",
)  # fmt: skip
WIDTH, LEFT, RIGHT, ROW, HEAD, GAP = 780, 222, 24, 24, 58, 40
COLOURS = {"dollar": "#1b4965", "equal": "#c8553d"}


def main(panels: dict[str, Path]) -> None:
    """One panel for each file: dots with their 95 % intervals."""
    width = (WIDTH - LEFT - RIGHT - GAP * (len(panels) - 1)) / len(panels)
    height = HEAD + ROW * len(RIVALS) + 40
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="sans-serif" font-size="12"><title>Share of later growth that fell on the '
        "first ten markets</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for row, rival in enumerate(RIVALS):
        y = HEAD + ROW * row + 16
        weight = ' font-weight="bold"' if rival == "outlook" else ""
        name = escape(say(f"market.rival_{rival}"))
        out.append(f'<text x="{LEFT - 12}" y="{y}" text-anchor="end"{weight}>{name}</text>')
    for number, (name, file) in enumerate(panels.items()):
        left = LEFT + number * (width + GAP)
        made = json.loads(file.read_text(encoding="utf-8"))["backtests"][0]
        out.append(f'<text x="{left}" y="18" font-weight="bold">{escape(name)}</text>')
        for tick in (0, 50, 100):
            x = left + width * tick / 100
            out.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 6}" y2="{height - 34}" '
                f'stroke="#ddd"/><text x="{x:.1f}" y="{HEAD - 12}" text-anchor="middle" '
                f'fill="#555" font-size="11">{tick} %</text>'
            )
        for score in made["scores"]:
            if score["measure"] != "captured_top10" or score["part"] != "all":
                continue
            if score["rival"] not in RIVALS:
                continue
            y = HEAD + ROW * RIVALS.index(score["rival"])
            y += 9 if score["weighting"] == "dollar" else 16
            colour = COLOURS[score["weighting"]]
            low, at, high = (left + width * score[key] for key in ("low", "value", "high"))
            out.append(
                f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{colour}" '
                f'stroke-width="2"/><circle cx="{at:.1f}" cy="{y}" r="4" fill="{colour}"/>'
            )
    for at, text, weighting in (
        (LEFT, "every dollar equal", "dollar"),
        (LEFT + 160, "every exporter-product equal", "equal"),
    ):
        y = height - 14
        out.append(
            f'<circle cx="{at + 5}" cy="{y - 4}" r="4" fill="{COLOURS[weighting]}"/>'
            f'<text x="{at + 15}" y="{y}">{text}</text>'
        )
    target = Path(__file__).with_suffix(".svg")
    target.write_text("\n".join([*out, "</svg>"]) + "\n", encoding="utf-8")


LEADS = [
    (f"{lead}_top{top}", way)
    for lead in ("lead_mean", "lead_blind")
    for way in ("dollar", "equal")
    for top in (5, 10)
]
OTHERS = [
    ("growth_rank_partial", "equal", 1),
    ("entry_precision_new", "equal", 1),
    ("entry_over_density_new", "equal", 1),
    ("entry_sum_new", "equal", 1),
    ("entry_sum_returning", "equal", 1),
    ("coverage80", "equal", 100),
    ("coverage80_sums", "equal", 100),
    ("crps_skill", "equal", 100),
    ("expected_ratio", "dollar", 1),
    ("net_top5", "dollar", 100),
]


def tables(panels: dict[str, Path]) -> None:
    """Leads of the outlook with their intervals, then its other measures."""
    rows = []
    for name, file in panels.items():
        for made in json.loads(file.read_text(encoding="utf-8"))["backtests"]:
            mine = {
                (s["measure"], s["weighting"]): s
                for s in made["scores"]
                if s["rival"] == "outlook" and s["part"] == "all"
            }
            rows.append((f"{name}, {made['horizon']}", len(made["origins"]), mine))
    for name, years, mine in rows:
        cells = [mine.get(which) for which in LEADS]
        told = [
            "" if s is None else " … ".join(f"{100 * s[k]:+.1f}" for k in ("low", "value", "high"))
            for s in cells
        ]
        print("|", " | ".join([name, str(years), *told]), "|")
    for name, _, mine in rows:
        cells = [(mine.get((measure, way)), unit) for measure, way, unit in OTHERS]
        told = [
            "–" if s is None else f"{unit * s['value']:.{0 if unit == 100 else 2}f}"
            for s, unit in cells
        ]
        print("|", " | ".join([name, *told]), "|")


if __name__ == "__main__":
    given = {name: Path(file) for name, _, file in (part.partition("=") for part in sys.argv[1:])}
    main(given)
    tables(given)
