"""What a programme did: planted effects, intervals that hold, tables that cannot be read."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tools.planted_programmes import NEAR, kinds, trial, world

import offing
from offing.api.evidence import evidence
from offing.cli.app import run
from offing.policy.evidence.programme import ProgrammeEvidence, ProgrammeFirm, programme_effect
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
    made = programme_effect(world(5, 400, joins=NEAR, ahead=0.6), 0, 35)
    assert made.placebo is not None
    assert made.placebo.low > 0


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
    made = programme_effect(firms, 0, 23)
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
    made = programme_effect(firms, 0, 23)
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


def test_a_table_is_read_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    firms = world(3, 90)
    rows = table(firms)
    made = evidence("programme", months=rows).result
    assert isinstance(made, ProgrammeEvidence)
    assert made.effect.effect == pytest.approx(programme_effect(firms, 0, 23).effect.effect)
    file = tmp_path / "programme.csv"
    rows.write_csv(file)
    for lang, words in (("en", "A lottery decided"), ("zh", "由抽签决定")):
        assert run(["evidence", "programme", "--months", str(file), "--lang", lang]) == 0
        assert words in capsys.readouterr().out
    table(world(3, 150, joins=NEAR)).write_csv(file)
    assert run(["evidence", "programme", "--months", str(file)]) == 0
    assert "weaker than a lottery" in capsys.readouterr().out.replace("\n", " ")


def page(rows: pl.DataFrame) -> str:
    return str(offing.evidence("programme", months=rows)._repr_html_())


def test_chinese_headings_and_losers_that_joined() -> None:
    rows = table(world(3, 90))
    chinese = dict(
        zip(rows.columns, ("企业", "月份", "出口额", "加入月份", "中签", "类别"), strict=True)
    )
    made = evidence("programme", months=rows.rename(chinese)).result
    assert made == evidence("programme", months=rows).result
    assert isinstance(made, ProgrammeEvidence)
    assert made.joined_anyway == made.others, "this table names a month for who lost, too"
    told = page(rows)
    assert f"{made.others} firms that lost the draw have a month of joining too" in told
    empty = pl.when(pl.col("won") == "是").then(pl.col("joined"))
    assert "have a month of joining" not in page(rows.with_columns(joined=empty))


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


def test_firms_of_wild_luck_show_no_effect() -> None:
    """The firms' last year is a thousandth, or ten thousand times, the first."""
    rng, firms = np.random.default_rng(0), world(0, 24)
    for name, firm in firms.items():
        luck = float(np.exp(5 * rng.standard_normal()))
        own = {month: usd * (luck if month >= 12 else 1) for month, usd in firm.exports.items()}
        firms[name] = replace(firm, exports=own)
    with pytest.raises(MissingDataError) as caught:
        programme_effect(firms, 0, 23)
    assert caught.value.key == "evidence.too_unequal"
