"""The table of planted worlds on its page is the record's."""

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = {
    "of_oracle": ("1", " %"), "moves_with_room": ("1", " %"), "stays_without": ("1", " %"),
    "realised_over_promised": ("0.01", ""), "below_the_worst_twentieth": ("0.1", " %"),
}  # fmt: skip
"""Figure of the record → its step on the page, and its unit."""


@pytest.mark.parametrize("figure", ROWS)
@pytest.mark.parametrize("ending", [".md", ".zh.md"])
def test_the_page_has_the_figures_of_the_record(figure: str, ending: str) -> None:
    record = json.loads((DOCS / "record" / "planted-worlds.json").read_text(encoding="utf-8"))
    page = (DOCS / "explanation" / f"what-an-offer-earns{ending}").read_text(encoding="utf-8")
    step, unit = ROWS[figure]
    cells = []
    for group in ("all", "like", "thin", "unlike"):
        value = Decimal(str(record[group][figure])) * (100 if unit else 1)
        cells.append(f"{value.quantize(Decimal(step), ROUND_HALF_UP)}{unit}")
    assert f"| {' | '.join(cells)} |" in page.replace("**", "")
