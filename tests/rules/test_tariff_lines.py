"""Which lines of a tariff decide a code: by hand, without a warehouse."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from offing.rules.rulebook import Regime, TariffLine
from offing.rules.tariff import (
    Lines,
    NationalLine,
    lists_of,
    national,
    nearest_lines,
    rank_lines,
    the_line,
    written_lines,
)
from offing.terms.errors import InputError, MissingDataError, RuleError, Where
from offing.terms.interval import Interval

ALWAYS = Interval()
DAY = date(2026, 6, 1)


def line(code: str, text: str | None = "5%", regime: str = "mfn", **more: Any) -> NationalLine:
    given: dict[str, Any] = {"description": "", "when": ALWAYS, "source": "a page"} | more
    return NationalLine("EUR", code, regime, text, **given)


@pytest.mark.parametrize(
    "code", ["852", "85287264001", "8528x2", "８５２８７２", "85287", "8528721"]
)
def test_no_other_is_a_code(code: str) -> None:
    with pytest.raises(InputError):
        national(code)


def test_the_longest_line_above_decides_else_all_below() -> None:
    lines = [line("8528"), line("852872", "7%"), line("85287240", "9%"), line("85287260", "3%")]
    assert [one.code for one in nearest_lines(lines, "8528725000", "mfn")] == ["852872"]
    assert [one.code for one in nearest_lines(lines, "85287240", "mfn")] == ["85287240"]
    below = lines[2:]
    assert nearest_lines(below, "852872", "mfn") == below
    assert nearest_lines(lines, "852872", "rcep") == []


def test_two_duties_of_one_code_on_one_day_are_refused() -> None:
    since = date(2026, 1, 1)
    with pytest.raises(RuleError):
        nearest_lines([line("852872"), line("852872", "7%")], "852872", "mfn")
    after = [
        line("852872", when=Interval(None, since)), line("852872", "7%", when=Interval(since, None))
    ]  # fmt: skip
    assert len(nearest_lines(after, "852872", "mfn")) == 2
    assert len(nearest_lines([line("852872"), line("852872")], "852872", "mfn")) == 2
    assert len(nearest_lines([line("85287210"), line("85287220", "7%")], "852872", "mfn")) == 2


def test_one_duty_is_taken_for_the_code_that_was_asked() -> None:
    alone = line("85287240", "9%")
    assert the_line([alone], "852872", "mfn") is alone
    same = [alone, line("85287260", "9%")]
    assert the_line(same, "852872", "mfn").code == "852872"
    with pytest.raises(InputError) as several:
        the_line([alone, line("85287260", "3%")], "852872", "mfn")
    assert "85287240: 9%" in str(several.value)
    with pytest.raises(MissingDataError):
        the_line([], "852872", "mfn")


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("@usitc", "official"),
        ("@uk|day=2021-01-01", "official"),
        ("@tariff_national|country=JPN", "official"),
        ("@rcep|country=AUS", "official"),
        ("@eu_in_uk|year=2020", "secondary"),
        ("World Bank, WITS", "secondary"),
    ],
)
def test_a_loaded_line_is_as_well_known_as_who_published_it(source: str, status: str) -> None:
    """An importer's own tariff had been illustrative wherever its table has no first day."""
    for when in (Interval(), Interval(date(2020, 1, 1), None)):
        use = line("852872", when=when, source=source).tariff().use
        assert (use.status, use.loaded) == (status, True)


def test_a_line_of_the_rulebook_keeps_its_status() -> None:
    dated = Interval(date(2020, 1, 1), None)
    assert line("852872", when=dated, status="secondary").tariff().use.status == "secondary"
    assert line("852872", status="recalled").tariff().use.status == "recalled"
    assert line("852872").tariff().use.id == "eur.mfn.852872"
    with pytest.raises(MissingDataError):
        line("852872", None).duty()


def test_product_lists() -> None:
    lines = [line("85287240"), line("85287260"), line("852872", None, "list_1"),
             line("85287240", None, "list_2"), line("9999", None, "list_3")]  # fmt: skip
    assert lists_of(lines, "852872", frozenset({"list_1"})) == {"list_1"}
    assert lists_of(lines, "85287240", frozenset({"list_2", "list_1"})) == {"list_1", "list_2"}
    assert lists_of(lines, "852872", frozenset({"list_9"})) == frozenset()
    with pytest.raises(InputError, match="85287260"):
        lists_of(lines, "852872", frozenset({"list_2"}))
    both = [*lines, line("85287260", None, "list_2")]
    assert lists_of(both, "852872", frozenset({"list_2"})) == {"list_2"}
    with pytest.raises(InputError):  # nothing says what else the code has
        lists_of([line("85287240", None, "list_2")], "852872", frozenset({"list_2"}))


def written(code: str, *origins: str, when: Interval = ALWAYS) -> TariffLine:
    return TariffLine(
        id="x", when=when, source="a page", status="secondary", codes=(code,), regime="mfn",
        duty="5%", origins=origins,
    )  # fmt: skip


def test_lines_of_the_rulebook_are_for_their_origins_and_days() -> None:
    lines = (written("8528"), written("852872", "CHN"), written("85287240"),
             written("8528", when=Interval(None, DAY)))  # fmt: skip
    regime = Regime("EUR", ("DEU",), "EUR", (), (), (), Where(Path("eur.toml")), lines=lines)

    def codes(code: str, origin: str) -> list[str]:
        return [one.code for one in written_lines(regime, code, origin, DAY)]

    assert codes("852872", "CHN") == ["8528", "852872"]
    assert codes("852872", "VNM") == ["8528"]
    assert codes("85287240", "CHN") == ["8528", "852872", "85287240"]


def test_lines_read_whole_are_those_above_and_below(monkeypatch: pytest.MonkeyPatch) -> None:
    later = Interval(date(2027, 1, 1), None)
    known = [line("85287240"), line("85"), line("8528"), line("8528", regime="add"),
             line("852872", partner="CHN"), line("852871"), line("852872", when=later)]  # fmt: skip
    monkeypatch.setattr(Lines, "_read", lambda self, code=None: known)
    lines = Lines(None, "EUR", whole=True)  # type: ignore[arg-type]

    def codes(code: str, origin: str) -> list[str]:
        return [f"{one.regime} {one.code}" for one in lines.of(code, origin, DAY)]

    above = ["add 8528", "mfn 85", "mfn 8528"]
    assert codes("852872", "CHN") == [*above, "mfn 852872", "mfn 85287240"]
    assert codes("852872", "VNM") == [*above, "mfn 85287240"]
    assert codes("8528724000", "CHN") == [*above, "mfn 852872", "mfn 85287240"]
    assert codes("9001", "CHN") == []


def test_what_a_line_excludes_counts_against_it() -> None:
    lines = [
        line("85287210", description="Apparatus (excl. plasma)"),
        line("85287220", description="Apparatus"),
        line("85287230", description="Plasma apparatus"),
        line("85287240", description="Apparatus of other kinds than such apparatus, with plasma"),
    ]
    order = [one.code for one in rank_lines(lines, "852872", ["plasma"])]
    assert order == ["85287230", "85287240", "85287220", "85287210"]


@pytest.mark.parametrize(
    ("code", "digits"), [("8528", "8528"), ("8528.72.64", "85287264"), ("8528726400", "8528726400")]
)
def test_a_code_has_four_to_ten_digits(code: str, digits: str) -> None:
    assert national(code) == digits
