"""A picture is drawn where it is shown, and nowhere else."""

import re
from functools import partial

from offing.report.blocks import Cell, Column, Figure, Figures, Folded, Table, place_figures
from offing.report.charts import bars
from offing.report.layout import fragment


def test_a_mark_leads_to_the_row_of_its_name() -> None:
    names = ("Niger", "Nigeria", "Chad")
    rows = [bars.Whisker(name, 1.0, 1.0, 1.0, "1 m", ours=False) for name in names]
    cells = tuple(
        (Cell(f"{at}. {name}"), Cell("1")) for at, name in enumerate(("Nigeria", "Niger"))
    )
    table = Table("t", "T", (Column("A"), Column("B")), cells)
    told = (
        Figures((Figure("f", "F", partial(bars.draw_whiskers, "f", "F", "d", rows), "c"),)),
        table,
    )
    placed = place_figures((Folded("more", told),))[0]
    assert isinstance(placed, Folded)
    page = fragment((placed,))
    assert re.findall(r'<a href="#([^"]+)"><title>(\w+)', page) == [
        ("t.2", "Niger"),
        ("t.1", "Nigeria"),
    ]
    assert {"t.1", "t.2"} <= set(re.findall('<tr id="([^"]+)"', page))
    assert 'role="group"' in page, "a picture with ways out is no image"
