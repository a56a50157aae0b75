"""What a programme did: planted effects, intervals that hold, tables that cannot be read."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tools.planted_programmes import NEAR, kinds, trial, world

import offing
from offing.api.evidence import evidence
from offing.policy.evidence.programme import ProgrammeFirm, programme_effect
from offing.terms.errors import InputError, MissingDataError


@pytest.mark.parametrize("kind", kinds())
def test_intervals_hold_and_the_smallest_effect_is_found(kind: tuple[Sequence[int], int]) -> None:
    """Of 100 planted programmes 95 in 100 intervals hold, and some 80 in 100 find the effect that
    another such programme named; ``python -m tools.planted_programmes`` asks 2,000 of each.
    """
    shares = trial(*kind, count=100)
    assert 0.90 <= shares.held <= 0.99
    assert 0.72 <= shares.found <= 0.88
    assert 0.72 <= shares.found_at_mean <= 0.90
    assert (shares.placebo or 0.0) <= 0.12


def test_who_was_ahead_before_is_seen_by_the_placebo() -> None:
    made = programme_effect(world(5, 400, joins=NEAR, ahead=0.6))
    assert made.placebo is not None
    assert made.placebo.low > 0


def test_a_wide_placebo_tells_nothing() -> None:
    """As far below none as the effect is above it lies inside the interval of −42 % to +0.1 %."""
    found = programme_effect(world(5, 400, joins=NEAR)).effect
    assert replace(found, low=-0.42, high=0.001).reaches(0.46)
    assert not replace(found, low=-0.13, high=0.089).reaches(0.33)


def test_two_classes_by_hand() -> None:
    """Each winner sells twice what it did, each loser the same: the effect is 100 %, whatever the
    class; a class without losers is left out.
    """
    firms = {}
    for number in range(20):
        won, level = number % 2 == 0, 100.0 * (1 + number)
        own = dict.fromkeys(range(12), level) | dict.fromkeys(range(12, 24), level * (1 + won))
        firms[f"F{number}"] = ProgrammeFirm(own, 12, won, str(number < 10))
    firms["alone"] = ProgrammeFirm(dict.fromkeys(range(24), 1.0), 12, True, "another")
    made = programme_effect(firms)
    assert made.effect.effect == pytest.approx(1.0, abs=1e-6)
    assert (made.treated, made.others, made.classes, made.unread) == (10, 10, 2, 1)
    assert (made.before, made.after, made.lottery, made.placebo) == (12, 12, True, None)


def test_losers_that_never_joined_are_held_against_the_start_of_their_class() -> None:
    """As the how-to says: ``joined`` is empty for who lost the draw. Two classes, two starts."""
    firms = {}
    for number in range(40):
        won, late = number % 2 == 0, number < 20
        start, level = 12 + 2 * late, 100.0 * (1 + number)
        own = {month: level * (1 + (won and month >= start)) for month in range(24)}
        firms[f"F{number}"] = ProgrammeFirm(own, start if won else None, won, str(late))
    made = programme_effect(firms)
    assert made.effect.effect == pytest.approx(1.0, abs=1e-6)
    assert (made.treated, made.others, made.unread) == (20, 20, 0)
    assert (made.before, made.after) == (12, 10)


def test_one_class_is_not_counted_and_what_joined_is_not_called_the_programmes() -> None:
    def told(firms: dict[str, ProgrammeFirm], column: str) -> str:
        return str(offing.evidence("programme", months=table(firms).drop(column)))

    assert " in 1 class" not in told(world(3, 90), "class")
    joined = told(world(5, 400, joins=NEAR, ahead=0.6), "class")
    assert "Exports of the firms that joined moved by" in joined
    assert "The programme moved" not in joined


def table(firms: dict[str, ProgrammeFirm]) -> pl.DataFrame:
    def month(number: int) -> str:
        return f"{2024 + number // 12}-{number % 12 + 1:02}"

    return pl.DataFrame(
        [
            {
                "firm": name, "month": month(at), "exports": f"{usd:.2f}",
                "joined": None if firm.start is None else month(firm.start),
                "won": None if firm.won is None else ("是" if firm.won else "否"),
                "class": firm.group,
            }
            for name, firm in firms.items()
            for at, usd in firm.exports.items()
        ],
        infer_schema_length=None,
    )  # fmt: skip


def test_refusals_name_the_headings_of_the_file() -> None:
    chinese = table(world(3, 20)).rename({"firm": "企业", "exports": "出口额"})
    with pytest.raises(InputError) as caught:
        evidence("programme", months=chinese.drop("joined"))
    assert "企业" in str(caught.value)
    rows = chinese.to_dicts()
    rows[1] |= {"出口额": "-1"}
    with pytest.raises(InputError) as caught:
        evidence("programme", months=pl.DataFrame(rows, infer_schema_length=None))
    assert caught.value.where is not None
    assert (caught.value.where.row, caught.value.where.column) == (2, "出口额")
    assert "it is no amount from zero up" in str(caught.value)
    assert "month" not in caught.value.found


def test_rows_that_one_side_lacks_are_no_effect() -> None:
    """Ten winners of forty have no rows of the months before; nothing was planted."""
    firms = world(1, 100, effect=0.0)
    winners = [name for name, firm in firms.items() if firm.won]
    for name in winners[::4]:
        late = {month: usd for month, usd in firms[name].exports.items() if month >= 9}
        firms[name] = replace(firms[name], exports=late)
    told = offing.evidence("programme", months=table(firms))
    assert "cannot be told: one side lacks many more rows" in str(told)
    assert "evidence.gaps" in [caution.key for caution in told.cautions]


def test_a_month_that_nobody_has_is_missing_and_not_zero() -> None:
    """The year before the start but its last three months: the same means, over three."""
    firms = {
        f"F{number}": ProgrammeFirm(
            dict.fromkeys(range(9, 12), 100.0 + number)
            | dict.fromkeys(range(12, 24), (100.0 + number) * (1 + number % 2)),
            12, bool(number % 2), "",
        )
        for number in range(20)
    } | {"old": ProgrammeFirm({-3: 1.0}, None, None, "")}  # fmt: skip
    made = programme_effect(firms)
    assert (made.before, made.gaps.treated, made.gaps.others) == (3, 0, 0)
    assert made.effect.effect == pytest.approx(1.0, abs=1e-6)


def test_a_heading_may_name_the_unit_of_the_exports() -> None:
    """An effect is a share: it is the same in dollars and in ten thousands of them."""
    plain, unit = table(world(3, 40)), "出口额（万美元）"
    tens = plain.with_columns(pl.col("exports").cast(pl.Float64) / 10_000)
    found = [evidence("programme", months=one) for one in (plain, tens.rename({"exports": unit}))]
    effects = [answer.result.effect.effect for answer in found]  # type: ignore[union-attr]
    assert effects[0] == pytest.approx(effects[1], abs=1e-6)


def test_firms_of_wild_luck_show_no_effect() -> None:
    """The firms' last year is a thousandth, or ten thousand times, the first."""
    rng, firms = np.random.default_rng(0), world(0, 24)
    for name, firm in firms.items():
        luck = float(np.exp(5 * rng.standard_normal()))
        own = {month: usd * (luck if month >= 12 else 1) for month, usd in firm.exports.items()}
        firms[name] = replace(firm, exports=own)
    with pytest.raises(MissingDataError) as caught:
        programme_effect(firms)
    assert caught.value.key == "evidence.too_unequal"
