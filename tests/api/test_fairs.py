"""Fairs under a budget: a planted catalogue, what never counts, and what is asked back."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import offing
from cautions import keyed
from offing.api.fairs import FairsAnswer
from offing.cli.app import run
from offing.report.blocks import Table, open_blocks
from offing.report.views.fairs import programme_lead, view
from offing.terms.errors import InputError
from offing.terms.messages import using_language
from shared_data import ROOT

DATA = ROOT / "docs" / "tutorials" / "data"
DAY = date(2026, 11, 27)
HEAD = "fair,market,product,places,subsidy,firms,intent,contract,recorded,effect,source"


def catalogue(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "fairs.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


THREE = (
    "Good,DEU,8528,10,1000,20,100,50,2000000,,",
    "Middling,FRA,8528,10,1000,20,90000000,50,1000000,,",
    "Poor,JPN,8528,10,1000,20,100,50,100000,,",
)


def asked(path: Path, budget: str = "CNY 15k", **given: object) -> FairsAnswer:
    return offing.fairs(path, budget=budget, on=DAY, **given)  # type: ignore[arg-type]


def test_the_best_record_goes_first_and_intent_never_counts(tmp_path: Path) -> None:
    made = asked(catalogue(tmp_path, *THREE))
    assert [(x.fair, x.places) for x in made.lines] == [("Good", 10), ("Middling", 5), ("Poor", 0)]
    assert made.cost == 15_000
    good, middling, _ = made.lines
    assert good.effect is not None
    assert middling.effect is not None
    assert 55_000 < good.effect < 100_000  # shrunk towards the mean of 51,667
    assert made.mean_effect == pytest.approx(51_667, rel=0.01)
    assert made.brings == pytest.approx(10 * good.effect + 5 * middling.effect)
    assert made.next_yuan == pytest.approx(middling.effect / 1000)
    assert made.low80 is not None
    assert made.high80 is not None
    assert made.low80 < made.brings < made.high80
    full = asked(catalogue(tmp_path, *THREE), budget="CNY 10k")
    assert full.next_yuan == made.next_yuan, "where a fair is just full, the next one"
    boasts = (row.replace(",100,50,", ",900000000,800000000,") for row in THREE)
    other = asked(catalogue(tmp_path, *boasts))
    assert other.brings == made.brings
    assert [x.places for x in other.lines] == [x.places for x in made.lines]
    assert other.lines[0].intent == 45_000_000


def test_two_rows_of_headings_are_one_table(tmp_path: Path) -> None:
    """Groups of headings over some columns, and a title that says the unit of all."""
    rows = (
        "Good,DEU,8528,10,0.1,20,200", "Middling,FRA,8528,10,0.1,20,100",
        "Poor,JPN,8528,10,0.1,20,10",
    )  # fmt: skip
    title, groups = "境外展会计划（金额单位：万元）", "展会,国别,商品编码,名额,支持标准,上届成效,"
    head = f"{title}\n{groups}\n,,,,参展补贴,参展企业数,出口实绩"
    made = asked(catalogue(tmp_path, *rows, head=head), budget="CNY 10k")
    assert [(x.fair, x.places) for x in made.lines] == [("Good", 10), ("Middling", 0), ("Poor", 0)]
    assert made.cost == 10_000


def test_reasons_of_a_refusal_have_one_mark_between_them(tmp_path: Path) -> None:
    file = catalogue(tmp_path, *(row.replace(",10,", ",x,", 1) for row in THREE))
    with using_language("zh"), pytest.raises(InputError) as caught:
        asked(file)
    with using_language("zh"):
        assert "。、" not in str(caught.value)
    file = catalogue(tmp_path, *THREE, head=HEAD.replace("subsidy", "补助"))
    with pytest.raises(InputError) as caught:
        asked(file)
    assert "left out of the figures: 补助" in caught.value.found, "the column that was not read"


def test_a_planted_catalogue_is_found(tmp_path: Path) -> None:
    """Fairs whose places truly bring more get them; the interval holds what comes."""
    rng = np.random.default_rng(2)
    inside, gains = [], []
    for _ in range(25):
        truth = rng.uniform(20_000, 200_000, 12)
        rows = []
        for number, mean in enumerate(truth):
            for edition in range(3):
                firms = int(rng.integers(10, 40))
                recorded = max(mean * firms + 60_000 * np.sqrt(firms) * rng.standard_normal(), 0)
                offer = "10,1000" if not edition else ","
                rows.append(f"F{number},DEU,8528,{offer},{firms},,,{recorded:.0f},,")
        made = asked(catalogue(tmp_path, *rows), "40k")
        places = {line.fair: line.places for line in made.lines}
        count = np.array([places[f"F{number}"] for number in range(12)])
        luck = 60_000 * np.sqrt(count) * rng.standard_normal(12)
        came = float(np.maximum(truth * count + luck, 0).sum())
        assert made.low80 is not None
        assert made.high80 is not None
        inside.append(made.low80 <= came <= made.high80)
        gains.append(float(truth @ count) / float(np.sort(truth)[-4:].sum() * 10))
    assert np.mean(gains) > 0.95
    assert 0.6 <= np.mean(inside) <= 1.0


def test_a_local_estimate_needs_a_source_and_stands_first(tmp_path: Path) -> None:
    local = "Local,ITA,8528,10,1000,,,,,500000,survey of 2025"
    made = asked(catalogue(tmp_path, *THREE, local))
    assert made.lines[0].fair == "Local"
    assert made.lines[0].effect == 500_000
    assert made.lines[0].source == "survey of 2025"
    assert "fairs.no_ends" in [key for key, _ in keyed(made.cautions)]
    alone = asked(catalogue(tmp_path, local))
    assert (alone.brings, alone.low80, alone.data()["high80"]) == (5_000_000, None, None)
    assert "80 %" not in next(programme_lead(alone))
    refused = asked(catalogue(tmp_path, *THREE, local.replace("survey of 2025", "")))
    assert [error.key for error in refused.quarantined] == ["fairs.no_source"]
    assert not refused.complete
    assert {line.fair for line in refused.lines} == {"Good", "Middling", "Poor"}


def test_room_counts_growth_to_the_year_after_the_fair(tmp_path: Path) -> None:
    """A fair of September 2028 is recorded in 2029; a horizon that is asked for holds for all."""
    exports: dict[str, Any] = {"exports": DATA / "province.csv", "column": {"on": "统计期末"}}
    head = HEAD.replace("market", "market,date")

    def rooms(*days: str, **given: Any) -> list[tuple[float | None, int | None]]:
        rows = []
        for row, day in zip(THREE, days, strict=True):
            name, _, others = row.split(",", 2)
            rows.append(f"{name},POL,{day},{others}")
        made = asked(catalogue(tmp_path, *rows, head=head), **exports, **given)
        lines = {line.fair: line for line in made.lines}
        return [(lines[name].room, lines[name].room_year) for name in ("Good", "Middling", "Poor")]

    early = rooms("2027-01-10", "2027-02-10", "2027-06-10")
    assert {year for _, year in early} == {2027}
    late = rooms("2027-01-10", "2027-02-10", "2028-09-10")
    assert {year for _, year in late} == {2029}  # they share the segment of the last one
    plain = rooms("", "", "")
    assert {year for _, year in plain} == {2028}
    given = rooms("2027-01-10", "2027-02-10", "2027-06-10", horizon=3)
    assert given[0] == late[0]
    assert rooms("2027-01-10", "2027-02-10", "2027-06-10", horizon=2)[0] == plain[0]
    assert len({early[0][0], plain[0][0], late[0][0]}) == 3


def test_the_programme_beside_last_years(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = f"{HEAD},places last year,paid last year"
    rows = [f"{row},{last}" for row, last in zip(THREE, ("4,4000", "0,", "7,9000"), strict=True)]
    gone = "Gone,RUS,8528,,,,,,,,,3,2500"
    path = catalogue(tmp_path, *rows, gone, head=head)
    made = asked(path)
    assert made.complete
    lines = {line.fair: line for line in made.lines}
    assert [lines[n].last_places for n in ("Good", "Middling", "Poor")] == [4, 0, 7]
    assert [lines[n].last_cost for n in ("Good", "Middling", "Poor")] == [4000, None, 9000]
    assert made.ended == (("Gone", 3, 2500.0),)
    plain = asked(catalogue(tmp_path, *THREE))
    assert (made.brings, made.cost) == (plain.brings, plain.cost)
    assert not plain.told_last_year
    path = catalogue(tmp_path, *rows, gone, head=head)
    assert run(["fairs", str(path), "--budget", "CNY 15k", "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Gone") == 1
    assert run(["fairs", str(path), "--budget", "CNY 15k", "--lang", "en", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["fairs"]
    assert data["ended"] == [{"fair": "Gone", "last_places": 3, "last_cost": 2500.0}]


def test_budgets_as_they_are_typed(tmp_path: Path) -> None:
    path = catalogue(tmp_path, *THREE)
    for text, value in (("CNY 5m", 5e6), ("500万", 5e6), ("1.5 million", 1.5e6), ("0", 0.0)):
        assert asked(path, text).budget == value
    values = [value for _, value in asked(path, "10k").budgets]
    assert values == sorted(values)
    for text, key in (("-5", "errors.out_of_range"), ("much", "currencies.unknown")):
        with pytest.raises(InputError) as said:
            asked(path, text)
        assert said.value.key == key
    (rate,) = (one for one in asked(path, "USD 1m").cautions if one.key == "money.converted")
    assert asked(path, "USD 1m").budget == pytest.approx(1e6 * float(rate["rate"]), rel=1e-4)
    assert not [one for one in asked(path, "500万").cautions if one.key == "money.converted"]
    with pytest.raises(InputError) as said:
        offing.fairs(path)
    assert said.value.key == "fairs.no_budget"


FIRMS = "firm,product,size,asks,first\n" + "".join(
    f"F{n},8528,{'large' if n < 4 else 'small'},,{'yes' if n % 2 else 'no'}\n" for n in range(24)
)


def test_lots_are_drawn_where_more_may_be_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    firms, fairs = tmp_path / "firms.csv", catalogue(tmp_path, *THREE)
    firms.write_text(FIRMS, "utf-8")
    with pytest.raises(InputError) as empty:
        asked(fairs, firms=firms, draw=" ")
    assert empty.value.key == "fairs.no_seed", "nobody can have published nothing"
    made = asked(fairs, firms=firms, draw="seed of 27 November")
    won = [(one.fair, one.firm) for one in made.draws if one.won]
    assert len([fair for fair, _ in won if fair == "Good"]) == 10
    assert {one.fair for one in made.draws} == {x.fair for x in made.supported_fairs}
    assert {one.lots for one in made.draws} == {
        "large/8528/1", "large/8528/0", "small/8528/1", "small/8528/0",
    }  # fmt: skip
    assert asked(fairs, firms=firms, draw="seed of 27 November").draws == made.draws
    assert asked(fairs, firms=firms, draw="another").draws != made.draws
    assert made.table.columns == ["fair", "class", "firm", "won"]
    (names,) = (b for b in open_blocks(view(made)) if isinstance(b, Table) and b.id == "drawn")
    cells = [[cell.text for cell in row] for row in names.rows]
    assert sorted((fair, firm) for firm, fair, _, said in cells if said == "yes") == sorted(won)
    assert "To draw lots is fair" in str(asked(fairs, firms=firms)._repr_html_())
    assert asked(fairs, "0", firms=firms, draw="s").draws == ()
    firms.write_text(FIRMS + "f3,8528,small,,no\nF99,8528,small,,perhaps\n", "utf-8")
    twice = asked(fairs, firms=firms, draw="seed of 27 November")
    assert [error.key for error in twice.quarantined] == ["fairs.firm_twice", "fairs.bad_first"]
    assert twice.draws == made.draws
    with pytest.raises(InputError) as caught:
        asked(fairs, draw="s")
    assert caught.value.key == "fairs.draw_of_whom"
    for lang, words in (("en", "Lots drawn"), ("zh", "抽签结果")):
        line = ["fairs", str(fairs), "--budget", "15000", "--firms", str(firms), "--draw", "s"]
        assert run([*line, "--on", "2026-11-27", "--lang", lang]) == 2, "rows are in quarantine"
        assert words in capsys.readouterr().out


def test_rows_that_are_left_out_of_the_exports_are_said(tmp_path: Path) -> None:
    file = tmp_path / "exports.csv"
    codes = "".join(f"2024-{m:02},{c},DEU,9,台,5\n" for m in range(1, 13) for c in (8528, 852872))
    file.write_text("月份,商品编码,国别,数量,单位,美元\n" + codes, "utf-8")
    made = asked(catalogue(tmp_path, *THREE[:1]), exports=file)
    said = {note.key: note.values for note in made.cautions}
    assert said["ledger.left_out"]["count"] == 12
