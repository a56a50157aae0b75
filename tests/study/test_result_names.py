"""What a result calls things, and what a run puts beside them: by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from offing.rules.rule_use import RuleUse
from offing.study import inputs as world
from study.stand_ins import like


def test_the_share_of_a_rule() -> None:
    def share(value: str, unit: Any) -> Decimal | None:
        return RuleUse("x", value, None, None, "s", "user", unit).share

    assert share("0.13", "share") == Decimal("0.13")
    assert share("14.0%", "duty") == Decimal("0.14")
    assert share("10% + 2 EUR/kg", "duty") is None
    assert share("7", "amount") is None


def test_groups_of_a_day() -> None:
    """The first day of a group is in it and its last is not."""
    on = date(2024, 6, 1)
    table = pl.DataFrame(
        [("DEU", "b", None, None), ("DEU", "a", on, None), ("DEU", "a", None, None),
         ("DEU", "c", None, on), ("DEU", "d", None, date(2024, 6, 2)),
         ("FRA", "e", date(2024, 6, 2), None)],
        schema={"country": pl.String, "group": pl.String, "since": pl.Date, "until": pl.Date},
        orient="row",
    )  # fmt: skip
    warehouse: Any = like(table=lambda _: table)
    assert world._groups(warehouse, on) == {"DEU": ("a", "b", "d")}
