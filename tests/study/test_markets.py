"""Our price on its way to the shelf, and a panel beside the customs, by hand."""

from decimal import Decimal
from typing import Any

from cautions import keyed
from offing.ladders.build import PANEL
from offing.study.markets import panel_notes
from study.stand_ins import like

QUOTE = like(landed=Decimal(1440), landed_before_recoverable=Decimal(1200), quantity=Decimal(10))


COST: Any = like(fob_usd=Decimal(90), cif_usd=Decimal(100), quote=QUOTE)


def supplier(unit_value: float | None, quantity: float | None) -> Any:
    return like(unit_value=unit_value, quantity=quantity)


def ladder(dataset: str, *suppliers: Any, basis: str = "cif") -> Any:
    return like(dataset=dataset, suppliers=suppliers, basis=basis, coverage=0.9)


def test_a_panel_is_told_beside_the_customs() -> None:
    """A panel's 240 at the shelf, where ours is 200 and is 100 at the port: 120, a fifth above."""
    panel, customs = ladder(PANEL, supplier(240.0, 5.0)), ladder("x", supplier(100.0, 5.0))
    standing = like(ladder=panel, price=200.0, cost=COST, margin=0.25)
    others = {
        "FRA": like(ladder=customs, price=200.0, cost=COST, margin=0.25),
        "GBR": like(ladder=None, price=200.0, cost=COST, margin=0.25),
        "ITA": like(ladder=panel, price=None, cost=COST, margin=0.25),
        "ESP": like(ladder=panel, price=200.0, cost=COST, margin=0.25),
        "POL": like(ladder=ladder(PANEL), price=200.0, cost=COST, margin=0.25),
    }
    of_customs = dict.fromkeys(("DEU", "FRA", "GBR", "ITA", "POL"), customs)
    imports: Any = like(customs=of_customs)
    standings: Any = {"DEU": standing, **others}
    [(key, values)] = keyed(panel_notes(imports, standings))
    assert key == "study.note_panel"
    assert values == {
        "market": "DEU", "panel": "120", "customs": "100", "coverage": "90%", "gap": "+20%",
    }  # fmt: skip
