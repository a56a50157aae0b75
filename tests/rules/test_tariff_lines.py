"""Which lines of a tariff decide a code: by hand, without a warehouse."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import offing
from cautions import keyed
from offing.cli.app import run
from offing.landed.duties import listed_below
from offing.rules.regime_file import LineKeys, shipped
from offing.rules.rulebook import Charge, Regime, TariffLine
from offing.rules.tariff import (
    WIDTH,
    Lines,
    NationalLine,
    lines_below,
    lists_of,
    national,
    near_lines,
    nearest_lines,
    rank_lines,
    the_line,
    words_of,
    written_lines,
)
from offing.terms.errors import InputError, MissingDataError, RuleError, Where
from offing.terms.interval import Interval
from offing.terms.messages import say, using_language

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


TEXTS = {
    "85284200": 'Cathode-ray tube monitors "CRT" capable of directly connecting to and designed '
    "for use with an automatic data processing machine of heading 8471 (excl. with TV receiver)",
    "85286980": "Colour projectors (excl. with TV receiver, designed for computer use)",
    "85287119": "Video tuners capable of receiving television signals",
    "85287210": "Television projection equipment, colour",
    "85287240": "Reception apparatus for television, colour, with LCD screen (excl. monitors)",
    "85287260": "Reception apparatus for television, colour, with a plasma display",
}


def lines() -> list[NationalLine]:
    always = Interval(None, None)
    return [
        NationalLine("EUR", code, "mfn", "14%", text, always, "") for code, text in TEXTS.items()
    ]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["65-inch mini-LED television", "65 英寸 Mini LED 电视"], "85287240"),
        (["120-inch laser television"], "85287210"),
        (["plasma TV"], "85287260"),
        (["office projector"], "85286980"),
        (["CRT monitor"], "85284200"),
    ],
)
def test_the_line_of_the_models_own_words_comes_first(names: list[str], first: str) -> None:
    assert rank_lines(lines(), "8528", names)[0].code == first


@pytest.mark.parametrize(
    ("texts", "names", "first"),
    [
        ({"1": "With fur", "2": "2 その他のもの"}, ["男式棉制工装夹克"], "2"),
        ({"1": "Containing 36 percent or more by weight of flax", "2": "Other"}, ["夹克"], "2"),
        ({"1": "Containing flax", "2": "Other"}, ["亚麻西服"], "1"),
        ({"1": "Of man-made: Other", "2": "Of cotton: With fur"}, ["棉夹克"], "2"),
    ],
)  # fmt: skip
def test_what_a_name_does_not_say_comes_after_other_goods(
    texts: dict[str, str], names: list[str], first: str
) -> None:
    """The two lines of a cotton jacket in the tariffs of Japan and the United States."""
    always = Interval(None, None)
    rows = [NationalLine("USA", n, "mfn", "9%", text, always, "") for n, text in texts.items()]
    assert rank_lines(rows, "620332", names)[0].code == first


def test_texts_are_whole_words_with_our_chinese_name_before_english_ones() -> None:
    first = lines()[0]
    shown = words_of(first)
    assert len(shown) <= WIDTH + 2
    assert shown.endswith(" …")
    assert TEXTS["85284200"].startswith(shown.removesuffix(" …"))
    assert TEXTS["85284200"][len(shown) - 2] == " "
    with using_language("zh"):
        assert words_of(lines()[4]).startswith("彩色电视接收装置  Reception")


def test_a_quote_asks_with_the_nearest_first_and_chooses_none() -> None:
    with pytest.raises(InputError) as asked:
        offing.quote(
            "电视机", "DEU", on=date(2024, 12, 31), price="560 USD", cost="3150 CNY", quantity=300
        )
    assert asked.value.key == "landed.several_lines"
    found = asked.value.values["tariff_lines"]
    assert [line.code[:6] for line in found[:4]] == ["852872"] * 4  # type: ignore[index]
    assert found[-1].code[:6] != "852872"  # type: ignore[index]
    assert "852872" in str(asked.value.next_step)


class Loaded(Lines):
    """A tariff of these lines."""

    def __init__(self, *lines: NationalLine) -> None:
        self.lines = lines

    def of(self, code: str, origin: str, on: date | None) -> list[NationalLine]:
        return [line for line in self.lines if code.startswith(line.code)]


def loaded(code: str, regime: str) -> NationalLine:
    return NationalLine("TUR", code, regime, "3%", None, ALWAYS, "a tariff", None)


def found(tariff: Lines, code: str) -> list[str]:
    near = near_lines(tariff, REGIME, code, "CHN", DAY)
    return sorted(f"{line.regime} {line.code} {line.text}" for line in near)


def listed_line(*codes: str, regime: str = "levy", duty: str = "15%") -> TariffLine:
    return TariffLine(
        id="x", when=ALWAYS, source="a page", status="secondary", codes=codes, regime=regime,
        duty=duty, origins=(),
    )  # fmt: skip


LEVY = Charge(
    id="x", when=ALWAYS, source="a page", status="secondary", name="otv", stage="tax",
    base=("goods",), tariff="levy", only_listed=True,
)  # fmt: skip
REGIME = Regime(
    "TUR", ("TUR",), "TRY", (LEVY,), (), (), Where(Path("tur.toml")),
    lines=(listed_line("8418", "845011"), listed_line("76061130", "76061150", duty="7%"),
           listed_line("8418", regime="mfn", duty="2%")),
)  # fmt: skip


def test_a_code_above_listed_ones_is_told_and_those_below_are_not() -> None:
    below = lines_below(REGIME, "levy", "760611", "CHN", DAY)
    assert [line.code for line in below] == ["76061130", "76061150"]
    assert lines_below(REGIME, "levy", "8418", "CHN", DAY) == []
    [(key, named)] = keyed(listed_below(REGIME, LEVY, "760611", "CHN", DAY))
    assert key == "landed.warn_listed_below"
    assert (named["code"], named["duties"], named["example"]) == ("760611", "7%", "76061130")
    assert named["charge"] == say("landed.line_otv")
    for code in ("76061130", "760612", "852872"):
        assert listed_below(REGIME, LEVY, code, "CHN", DAY) == []


def test_a_line_has_a_code_or_codes() -> None:
    more: dict[str, Any] = {"duty": "5%", "source": "a page"}
    assert LineKeys(codes=("8418", "845011110000"), **more).codes == ("8418", "845011110000")
    for wrong in ({}, {"code": "8418", "codes": ["8418"]}, {"code": "84181011001"}):
        with pytest.raises(ValueError, match=r"code"):
            LineKeys(**wrong, **more)


def test_the_annex_of_turkiye_has_each_code_once() -> None:
    """No code of the additional duty stands at two rates, or below another at its own rate."""
    lines = [line for line in shipped().regime("TUR").lines if line.regime == "igv"]
    rates = {code: line.duty for line in lines for code in line.codes}
    assert len(rates) == sum(len(line.codes) for line in lines)
    for code, duty in rates.items():
        above = [code[:n] for n in range(4, len(code)) if code[:n] in rates]
        assert not above, (code, duty, above)


def test_a_list_keeps_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    """What was read second hand had been told as official."""
    assert run(["rules", "IND", "--on", "2026-06-01", "--code", "070320", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    rules = [each["rule"] for each in told["rules"]["rules"]]
    status = {rule["id"]: rule["status"] for rule in rules}
    assert status["ind.list.igst_read"] == "secondary"


def test_a_loaded_tariff_does_not_take_a_listed_rate_away() -> None:
    assert found(Loaded(), "841810") == ["levy 8418 15%", "mfn 8418 2%"]
    assert found(Loaded(loaded("841810", "mfn")), "841810") == ["levy 8418 15%", "mfn 841810 3%"]
    both = Loaded(loaded("841810", "mfn"), loaded("841810", "levy"))
    assert found(both, "841810") == ["levy 841810 3%", "mfn 841810 3%"]


def test_codes_of_twelve_digits_are_turkiyes() -> None:
    assert national("3926.90.97.90.10") == "392690979010"
    for wrong in ("39269097901", "3926909790101"):
        with pytest.raises(InputError, match=wrong):
            national(wrong)


@pytest.mark.parametrize(
    ("country", "code", "words"),
    [
        ("ZAF", "870323", "landed.caution_excised"),
        ("VNM", "870323", "landed.caution_excised"),
        ("BRA", "640299", "landed.caution_bra_cofins"),
    ],
)
def test_rules_of_a_code_tell_what_a_quote_cautions(
    country: str, code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They told only of lists that a charge names: an excise beside the figures was not told."""
    assert run(["rules", country, "--on", "2026-06-01", "--code", code, "--json"]) == 0
    assert words in capsys.readouterr().out
    assert run(["rules", country, "--on", "2026-06-01", "--code", "482010", "--json"]) == 0
    assert words not in capsys.readouterr().out
