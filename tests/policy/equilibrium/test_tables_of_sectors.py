"""``offing equilibrium``: a world of sectors from tables, and tables that do not fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import offing

Shock = Callable[[str], Path]


def test_materials_are_told_from_none(shock_file: Shock, trade: Path, tmp_path: Path) -> None:
    """With materials every dollar of value added crosses the border more than once."""
    shock = shock_file("exporter,importer,tariff\n*,*,0.25\n")
    ask: dict[str, Any] = {"model": "many-sectors", "theta": 4.0}
    plain = offing.equilibrium(trade, shock, **ask)
    deep = offing.equilibrium(trade, shock, value_added=0.5, **ask)
    assert (deep.rows["welfare"] < plain.rows["welfare"]).all()
    assert plain.residual < 1e-9
