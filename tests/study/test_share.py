"""What a firm hands in, from a plan made up: what is wanted, unclaimed and spare, by hand."""

import json
from dataclasses import replace
from datetime import date
from math import inf
from pathlib import Path
from typing import Any

import pytest

from firm_answers import LINE
from offing.planning.plan import UnclaimedPreference
from offing.policy.disclosure import FirmEntry
from offing.study.share import (
    COUNTED,
    ShareLine,
    count_answers,
    keep_counted,
    read_share,
    share_line,
)
from offing.terms.errors import InputError
from offing.terms.messages import LANGUAGES, using_language
from study.stand_ins import like


def planned(*, pilots: tuple[tuple[str, str], ...], used: tuple[tuple[str, float], ...]) -> Any:
    """Two models of one heading and one of another; one entry made, two looked at, one left."""

    def product(key: str, code: str, **now: float) -> Any:
        beside = {"ARE": now.pop("ARE")} if "ARE" in now else {}  # no market of the study
        sales = like(now=now, other_markets=beside)
        return like(key=key, imports=like(facts=like(code=code)), sales=sales)

    def move(kind: str, key: str, market: str) -> Any:
        return like(kind=kind, product=key, market=market)

    preferences = (
        UnclaimedPreference("A", "VNM", "RCEP", {}, 0.1, 0.0, 1234.0),
        UnclaimedPreference("B", "VNM", "RCEP", {}, 0.1, 0.0, 1000.0),
        UnclaimedPreference("B", "VNM", "", {"en": "x"}, 0.1, None, 500.0),
    )
    decided = like(
        preferences=preferences, pilots=pilots, moves=(move("enter", "A", "POL"),),
        not_yet=(move("enter", "C", "BRA"), move("enter", "C", "CHL"), move("leave", "A", "DEU")),
    )  # fmt: skip
    name = like(en="Firm", zh="企业")
    sold = (("A", "DEU", 1234567.0), ("A", "POL", 0.0), ("B", "DEU", 1e6), ("C", "USA", 99999.0))
    rows = [like(product=key, market=market, sales_now_usd=usd) for key, market, usd in sold]
    study = like(firm=like(name=name), on=date(2026, 10, 31))
    return like(
        world=like(study=study, ledger=like()), decided=decided,
        products=(product("A", "852872", DEU=1234567.0, POL=0.0), product("B", "852849", DEU=1e6),
                  product("C", "850760", USA=99999.0, ARE=5e4)),
        plan=like(capacity_used=used, rows=rows),
    )  # fmt: skip


def line_of(made: Any, size: Any = None) -> ShareLine:
    return share_line(made.world, made.products, made, size)


def test_a_line_by_hand() -> None:
    line = line_of(planned(pilots=(("C", "BRA"),), used=(("x", 0.5), ("y", 0.9))), "small")
    sold = ("8507", "ARE", 5e4), ("8507", "USA", 100000.0), ("8528", "DEU", 2200000.0)
    assert line.sales == sold
    assert line.wanted == (("8507", "BRA"), ("8528", "POL")), "what is made, and pilots"
    assert line.unclaimed == (("8528", "VNM", 500.0, False), ("8528", "VNM", 2200.0, True))
    assert line.spare == 0.3
    assert line_of(planned(pilots=(), used=())).spare == 1.0
    assert line_of(planned(pilots=(), used=(("x", 1.2),))).spare == 0.0


def test_a_firm_has_one_name_in_every_language() -> None:
    made = planned(pilots=(), used=())
    lines = []
    for lang in LANGUAGES:
        with using_language(lang):
            lines.append(line_of(made))
            assert lines[-1].name == {"en": "Firm", "zh": "企业"}[lang]
    assert lines[0] == lines[1]
    assert (lines[0].firm, lines[0].names) == ("企业", ("企业", "Firm"))


def test_without_a_ledger_sales_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    made = planned(pilots=(), used=())
    made.world.ledger = None
    assert line_of(made).sales is None
    monkeypatch.setattr("offing.study.share.unclaimed_preferences", lambda *_: ())
    alone = share_line(made.world, made.products, None)
    assert (alone.sales, alone.spare, alone.wanted) == (None, None, ())


def test_an_answer_is_read_back_until_a_byte_is_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    bare = replace(LINE, sales=None, spare=None, cover=None, size=None, name_en="Firm Ltd")
    for line in (LINE, bare):
        file.write_text(json.dumps(line.data()), encoding="utf-8")
        assert read_share(file) == line
    for text, key in (
        (file.read_text().replace("POL", "BRA"), "firms.edited"),
        (json.dumps({"format": "other", "seal": ""}), "firms.unreadable"),
        ("[" * 100_000, "firms.unreadable"),
        ("[]", "firms.unreadable"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as error:
            read_share(file)
        assert error.value.key == key


@pytest.mark.parametrize(
    "change",
    [
        {"firm": " "}, {"size": "huge"}, {"spare": 1.01}, {"spare": -0.01},
        {"sales": (("8528", "DEU", -1.0),)}, {"unclaimed": (("8528", "DEU", inf, True),)},
        {"wanted": (("85", "DEU"),)}, {"sales": (("8528", "XXX", 1.0),)},
    ],
)  # fmt: skip
def test_what_no_firm_can_say_is_refused_though_its_seal_fits(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(replace(LINE, **change).data()), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_share(file)
    assert error.value.key == "firms.unreadable"


def test_what_an_answer_adds_to_each_sum() -> None:
    def added(measure: str, **parts: Any) -> list[tuple[str, str, float]]:
        entries = list(replace(LINE, **parts).entries(measure))
        assert {type(one) for one in entries} <= {FirmEntry}
        return [(one.market, one.heading, one.value) for one in entries]

    assert added("sales") == [("USA", "8528", 1e6)]
    twice = (("8528", "VNM", 2e4, False), ("8528", "VNM", 1e4, True))
    assert added("unclaimed", unclaimed=twice) == [("VNM", "8528", 3e4)]
    assert added("size") == [("medium", "", 1.0)]
    assert added("support", support=("fairs", "fairs", "credit")) == [
        ("fairs", "", 1.0), ("credit", "", 1.0),
    ]  # fmt: skip
    assert added("support", support=("展会", "Fairs", "安装")) == [
        ("fairs", "", 1.0), ("安装", "", 1.0),
    ]  # fmt: skip
    assert added("spare", spare=None) == added("unsold") == []
    assert (added("spare"), added("unsold", sales=None)) == ([("", "", 0.2)], [("", "", 1.0)])
    kinds = [next(replace(LINE, cover=c).entries("wanted")).kind for c in (("POL",), (), None)]
    assert kinds == ["covered", "bare", "silent"]
    assert replace(LINE, firm="企业 / A*b. ").file_name == "企业-A-b"
    assert replace(LINE, firm="**").file_name == "firm"


def test_what_was_counted_is_kept_and_stands(tmp_path: Path) -> None:
    lines = [replace(LINE, firm=f"F{n}") for n in range(5)]
    assert count_answers(tmp_path, lines[:2]) == (), "two wait"
    first = count_answers(tmp_path, lines[:3])
    keep_counted(tmp_path, first)
    assert first == (tuple(lines[:3]),)
    assert count_answers(tmp_path, [replace(lines[0], size=None), *lines[3:]]) == first
    assert count_answers(tmp_path, [lines[4], *lines[3:4], replace(LINE, firm="F5")])[:1] == first
    file = tmp_path / COUNTED
    for bad in ("{", "[[1]]", file.read_text("utf-8").replace("medium", "small")):
        file.write_text(bad, "utf-8")
        with pytest.raises(InputError) as caught:
            count_answers(tmp_path, lines)
        assert caught.value.key == "firms.bad_state"
