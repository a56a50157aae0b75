"""What every room is made of, by hand: codes, editions, countries, days, numbers."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from math import fsum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautions import keyed
from offing.market.history import History
from offing.sources.deals import read_deals
from offing.sources.trade_checks import codes_of
from offing.terms import numbers, plugins
from offing.terms.background import listening, processors, stretch, tell
from offing.terms.countries import all_countries, country_code, known_code
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.exchange import FRESH, FxTable
from offing.terms.files import cache_folder, data_folder
from offing.terms.frames import exact_sum
from offing.terms.hs import (
    YEARS,
    code_by_word,
    digits_of,
    edition_of,
    fitting,
    invalid_codes,
    is_obsolete,
    product_code,
)
from offing.terms.interval import Interval, holding, overlaps, whole_years, years_of_months
from offing.terms.messages import using_language
from offing.terms.money import (
    clear_amount,
    currency_code,
    currency_of,
    exact,
    is_sign_of,
    round_amount,
)
from offing.terms.plain import plain
from offing.terms.sale_terms import payment_term
from offing.terms.text import unit_of

D = Decimal
DAY = date(2026, 11, 25)


def key_of(made: Any) -> str:
    with pytest.raises(InputError) as refused:
        made()
    assert str(refused.value)
    return refused.value.key


@pytest.mark.parametrize(
    ("code", "found"),
    [("85", "85"), ("8528", "8528"), ("8528.72", "852872"), (" 85 28 72 ", "852872"),
     ("852872.0", "852872"), ("09.0", "09")],
)  # fmt: skip
def test_a_code_has_two_four_or_six_digits(code: str, found: str) -> None:
    assert product_code(code) == found


@pytest.mark.parametrize(
    ("code", "key"),
    [("8", "hs.lost_zero"), ("852", "hs.lost_zero"), ("85287", "hs.lost_zero"),
     ("8528721", "hs.bad_code"), ("85287210", "hs.bad_code"), ("", "hs.bad_code"),
     ("８５", "hs.bad_code"), ("zzzzzz", "hs.bad_code"), ("televison", "hs.unknown_product"),
     ("电池", "hs.which_product")],
)  # fmt: skip
def test_no_other_is_a_product(code: str, key: str) -> None:
    assert key_of(lambda: product_code(code)) == key


def test_a_lost_nought_is_put_back() -> None:
    with pytest.raises(InputError) as lost:
        product_code("90121")
    assert lost.value.values["padded"] == "090121"
    assert digits_of("1.0.0") == "100"
    assert code_by_word("8528") is None
    assert code_by_word("a8") is None  # one letter is no word


def test_editions_by_their_names() -> None:
    for name, years in (("H0", "1992"), ("h3", "2007"), ("HS17", "2017"), ("22", "2022"),
                        ("HS2002", "2002"), ("1996", "1996"), ("H4", "2012")):  # fmt: skip
        assert edition_of(name) == years
    for name in ("H7", "1997", "17x", "HS"):
        assert key_of(lambda name=name: edition_of(name)) == "hs.unknown_edition"


def test_the_edition_that_codes_are_of() -> None:
    """850760 is from 2012 on, 851712 of 2007 to 2017, 851713 of 2022."""
    assert invalid_codes(["850760", "851712", "010121"], "2012") == []
    assert invalid_codes(["850760", "851712"], "2007") == ["850760"]
    assert invalid_codes(["851713", "850760"], "2017") == ["851713"]
    assert invalid_codes(["851712"], "2022") == ["851712"]
    assert fitting([]) == fitting(["851713"]) == frozenset(YEARS)  # one stray code is forgiven
    assert fitting(["851713", "851714"]) == {"2022"}
    assert fitting(["851713", "851714", "851712", "851770"]) == frozenset(YEARS[3:])
    assert is_obsolete("851712", 2022)
    assert not is_obsolete("851712", 2021)
    assert not is_obsolete("8517129000", 2021)
    assert not is_obsolete("852810", 1980)
    assert is_obsolete("980100", 2024)
    assert is_obsolete("77", 2024)


def test_currencies() -> None:
    assert [currency_code(text) for text in ("rmb", " cnh ", "美金", "HK$", "€")] == [
        "CNY", "CNY", "USD", "HKD", "EUR"
    ]  # fmt: skip
    for text in ("$", "XAU", "dollar"):
        assert key_of(lambda text=text: currency_code(text)) == "currencies.unknown"
    assert is_sign_of("$", "BRL")
    assert not is_sign_of("$", "EUR")
    assert is_sign_of("¥", None)
    assert (currency_of("FRA"), currency_of("JPN")) == ("EUR", "JPY")


def test_units() -> None:
    assert [unit_of(name) for name in ("U", " pcs ", "台", "KG", "千克", "m²", "", None)] == [
        "item", "item", "item", "kg", "kg", None, None, None
    ]  # fmt: skip


def test_intervals_that_share_a_day() -> None:
    a, b, c = (date(2026, month, 1) for month in (1, 2, 3))
    assert Interval(a, b).holds(a)
    assert not Interval(a, b).holds(b)
    assert Interval(None, b).holds(date.min)
    assert Interval(a, None).holds(date.max)
    for one, other, share in (
        (Interval(a, b), Interval(b, c), False),
        (Interval(a, c), Interval(b, c), True),
        (Interval(a, b), Interval(None, b), True),
        (Interval(b, None), Interval(None, b), False),
        (Interval(None, b), Interval(None, a), True),
        (Interval(b, None), Interval(c, None), True),
        (Interval(), Interval(), True),
    ):
        assert one.meets(other) is other.meets(one) is share, (one, other)
        assert len(overlaps([Held(one), Held(other)])) == share
    assert holding([Held(Interval(a, b)), Held(Interval(b, c))], b) == [Held(Interval(b, c))]
    for since, until in ((a, a), (b, a)):
        with pytest.raises(ValueError, match="end after"):
            Interval(since, until)


@dataclass(frozen=True)
class Held:
    when: Interval


def test_whole_years() -> None:
    start = date(2024, 3, 1)
    assert whole_years(start, date(2025, 2, 27)) == 0
    assert whole_years(start, date(2025, 2, 28)) == 1
    assert whole_years(start, date(2027, 2, 28)) == 3
    first = date(2024, 3, 31)
    assert [years_of_months(first, day) for day in (
        date(2025, 2, 28), date(2025, 3, 1), date(2026, 2, 1), date(2026, 3, 1))] == [
        0, 1, 1, 2
    ]  # fmt: skip


def test_amounts_that_are_exact() -> None:
    assert [round_amount(D("2.665"), 2, how) for how in ("half_up", "half_even", "down", "up")] == [
        D("2.67"), D("2.66"), D("2.66"), D("2.67")
    ]  # fmt: skip
    assert [round_amount(D("-2.5"), 0, how) for how in ("floor", "ceiling")] == [-3, -2]
    assert round_amount(D("1250"), -2) == 1300
    for value, key in ((0.5, "money.not_exact"), (True, "money.not_exact"),
                       ("x", "money.not_a_number"), ("inf", "money.not_a_number")):  # fmt: skip
        assert key_of(lambda value=value: exact(value)) == key


@pytest.mark.parametrize("text", ["1.000", "-250.000", "¥1.500", "12.345 元", "1.000万"])
def test_a_thousand_or_one(text: str) -> None:
    assert key_of(lambda: clear_amount(text)) == "money.thousand_or_one"


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.125", "0.125"), ("1.0000", "1"), ("1000.000", "1000"), ("1.5", "1.5"), ("1.25", "1.25")],
)
def test_which_of_the_two_is_clear(text: str, value: str) -> None:
    assert clear_amount(text) == D(value)


def test_the_place_of_an_error_and_the_error_as_data() -> None:
    where = Where(Path("a.csv"), 7, "units", "table.key")
    with using_language("en"):
        assert str(where) == "a.csv, row 7, column units, table.key"
        assert str(Where()) == ""
        error = InputError("landed.bad_code", where=where, code="x")
        told = error.as_json()
    assert told["error"] == "landed.bad_code"
    assert told["where"] == {"file": "a.csv", "row": 7, "column": "units", "key": "table.key"}
    assert InputError("landed.bad_code", code="x").as_json()["where"] is None
    outer = MissingDataError("market.no_year", year=1, years="2")
    outer.__cause__ = error
    assert outer.expected or outer.next_step


def test_how_far_work_is() -> None:
    told: list[tuple[str, float]] = []
    tell("nobody listens", 0.1)
    with listening(lambda message, share: told.append((message, share))):
        tell("a", 0.25)
        with stretch(0.5, 0.9):
            tell("b", 0.5)
            with stretch(0.0, 0.5):
                tell("c", 1.0)
                tell("again", 0.0)
        tell("d", 1.0)
    assert told == [("a", 0.25), ("b", 0.7), ("c", 0.7), ("again", 0.7), ("d", 1.0)]


def test_data_for_json() -> None:
    value = {1: (D("1.50"), DAY), "b": [float("inf"), float("-inf"), 0.5, None, True], "c": {2}}
    assert plain(value) == {
        "1": ["1.50", "2026-11-25"], "b": [None, None, 0.5, None, True], "c": [2]
    }  # fmt: skip
    assert plain(Where(row=3)) == {"file": None, "row": 3, "column": None, "key": None}


def test_the_age_of_rates() -> None:
    """A week is fresh; of two currencies that the user gives nothing need be said."""

    def said(days: int, *currencies: str, **given: str) -> list[str]:
        day = DAY - timedelta(days=days)
        per_eur = {"USD": (D("1.25"), day), "CNY": (D(10), day)}
        rates = FxTable(DAY, per_eur, given={c: D(v) for c, v in given.items()},
                        thin={"AED": (D(4), DAY)})  # fmt: skip
        return [
            key.removeprefix("landed.warn_rate_") for key, _ in keyed(rates.cautions(currencies))
        ]

    assert timedelta(days=7) == FRESH
    assert said(7, "USD", "CNY") == []
    assert said(8, "USD", "CNY") == ["old"]
    assert said(8, "CNY") == []
    assert said(8, "EUR", "CNY") == ["old"]
    assert said(0, "AED", "CNY") == ["thin"]
    assert said(8, "AED", "CNY") == ["old", "thin"]
    assert said(8, "USD", "VND", VND="25000") == []
    assert said(8, "EUR", "VND", VND="25000") == ["old"]  # by way of the dollar


def test_rates_that_are_missing() -> None:
    newest = date(2026, 11, 20)

    def key(last: dict[str, date], currency: str = "RUB") -> str:
        rates = FxTable(DAY, {"USD": (D("1.25"), newest)}, last=last, newest=newest)
        with pytest.raises(LookupError) as none:
            rates.rate(currency, "USD")
        return none.value.key  # type: ignore[attr-defined, no-any-return]

    assert key({}) == "landed.no_fx"
    assert key({"RUB": newest - timedelta(days=7)}) == "landed.fx_too_old"
    assert key({"RUB": newest - timedelta(days=8)}) == "landed.no_fx_any_more"
    given = FxTable(DAY, {}, last={"USD": newest}, given={"VND": D(25000), "AED": D(4)})
    assert given.rate("VND", "AED")[0] == 6250
    with pytest.raises(LookupError):
        given.rate("VND", "EUR")


def test_numbers_at_their_edges() -> None:
    assert [numbers.price_places([most]) for most in (99.9, 100, 999, 1000)] == [2, 1, 1, 0]
    assert numbers.price_places([]) == 2
    assert [numbers.price_digits(value) for value in (9.99, 10, 99.9, 100)] == [
        "9.99", "10.0", "99.9", "100"
    ]  # fmt: skip
    assert [numbers.percent(value) for value in (0.0994, 0.0995, 0.00051, 0.0005, -0.0005)] == [
        "9.9%", "10%", "0.1%", "<0.1%", ">−0.1%"
    ]  # fmt: skip
    assert numbers.percent(0.004, 0) == "<1%"
    assert numbers.percent(0.006, 0) == "1%"
    assert numbers.percent(0.05, 1) == "5.0%"
    assert [numbers.digits(value) for value in (999.4, 1005, 0.00012345, float("nan"))] == [
        "999", "1,010", "0.000123", "–"
    ]  # fmt: skip
    assert numbers.digits(1234, 2) == "1,200"
    assert numbers.fixed_decimals(D("-0.001"), 2) == "0.00"
    assert numbers.fixed_decimals(float("inf"), 2) == "–"
    assert [numbers.difference(value, 0) for value in (1, 0, -1)] == ["+1", "0", "−1"]
    assert numbers.value_or_dash(None, numbers.percent) == "–"
    assert numbers.value_or_dash(0.0, numbers.percent) == "0%"
    assert [numbers.change(value) for value in (0, 0.0001, 0.5)] == ["0%", "<0.1%", "+50%"]


def test_what_is_estimated_is_never_certain() -> None:
    with using_language("en"):
        assert [numbers.likelihood(p) for p in (0.0049, 0.005, 0.006, 0.994, 0.995)] == [
            "<1%", "<1%", "1%", "99%", ">99%"
        ]  # fmt: skip


def test_what_a_strangers_code_raises_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its first line, or by its kind where it says nothing."""
    monkeypatch.setattr(plugins, "_failed", {})

    def use(error: Exception | None) -> int:
        if error is not None:
            raise error
        return 7

    for name, error in (("a", ValueError("no\nmore")), ("b", KeyError()), ("c", None)):
        given = plugins.use_guarded("offing.scores", name, partial(use, error))
        assert given == (7 if error is None else None)
    said = [values for _, values in keyed(plugins.plugin_cautions())]
    assert [(v["plugin"], v["group"], v["reason"]) for v in said] == [
        ("a", "offing.scores", "no"), ("b", "offing.scores", "KeyError")
    ]  # fmt: skip


def test_what_a_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert processors() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    for count, usable in ((4, 4), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        assert processors() == usable


@pytest.mark.parametrize(
    ("text", "code"),
    [("56", "BEL"), ("251", "FRA"), ("250", "FRA"), ("276", "DEU"), ("381", "ITA"), ("579", "NOR"),
     ("699", "IND"), ("710", "ZAF"), ("729", "SDN"), ("757", "CHE"), ("842", "USA"), ("840", "USA"),
     ("490", "S19"), ("uk", "GBR"), ("Russia", "RUS"), ("德國", "DEU"), ("Hongkong", "HKG"),
     ("美国(USA)", "USA"), ("德国（304）", "DEU"), ("澳洲", "AUS"),
     ("哈萨克", "KAZ"), ("北韩", "PRK")],
)  # fmt: skip
def test_countries_by_number_and_name(text: str, code: str) -> None:
    """Numbers as UN Comtrade and BACI write them, where ISO 3166 has others."""
    assert country_code(text) == code


@pytest.mark.parametrize("number", ["58", "058", "280", "711", "736"])
def test_a_number_that_was_given_up_stands_for_no_country_by_itself(number: str) -> None:
    """Belgium with Luxembourg, the old Federal Republic, the Customs Union of South Africa, Sudan
    with the South: only a row that has a year can say that they were meant."""
    assert known_code(number) is None
    assert codes_of([number])[number] is not None


def test_what_is_no_country() -> None:
    assert [known_code(text) for text in ("", "9999", "美国 DEU", "Mars")] == [None] * 4
    assert key_of(lambda: country_code("Germny")) == "countries.unknown"
    assert key_of(lambda: country_code("EU")) == "countries.aggregate"
    assert country_code("EU", trading=False) == "EUR"


MONEY = st.lists(st.floats(0.001, 1e13), min_size=1, max_size=40)


@given(MONEY, st.randoms())
def test_the_order_does_not_matter(values: list[float], chance: object) -> None:
    mixed = list(values)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    sums = [
        pl.LazyFrame({"value_usd": one}).select(exact_sum()).collect().item()
        for one in (values, mixed, values[::-1])
    ]
    assert len(set(sums)) == 1
    assert abs(sums[0] - fsum(values)) <= 1e-15 * fsum(values) + len(values) * 2.0**-41


def test_pairs_of_a_year_are_the_same_in_every_run() -> None:
    """Each pair adds up hundreds of products, in whatever order threads bring them."""
    chance = np.random.default_rng(5)
    rows = 20_000
    flows = pl.DataFrame(
        {
            "year": 2020,
            "product": [f"{n:06d}" for n in range(rows)],
            "importer": [("DEU", "FRA", "USA")[n % 3] for n in range(rows)],
            "exporter": "CHN",
            "value_usd": chance.lognormal(10, 4, rows),
        }
    )
    made = {
        History.of(flows.sample(fraction=1.0, shuffle=True, seed=seed)).pairs(2020).value.tobytes()
        for seed in range(5)
    }
    assert len(made) == 1


WORDS = {
    "open_account": ("赊销", "O/A", "OA", "open account", " Open-Account ", "后T/T"),
    "prepaid": ("预付款", "T/T in advance", "前T/T"),
    "confirmed_lc": ("保兑信用证", "confirmed L/C"),
    "sight_lc": ("即期信用证", "L/C at sight", "sight LC"),
    "usance_lc": ("远期信用证", "usance L/C"),
    "dp": ("D/P", "付款交单"),
    "da": ("D/A", "Ｄ／Ａ", "承兑交单"),
}


@pytest.mark.parametrize(("term", "words"), WORDS.items(), ids=WORDS)
def test_a_term_is_read_as_it_is_written(term: str, words: tuple[str, ...]) -> None:
    assert {payment_term(word) for word in words} == {term}


@pytest.mark.parametrize("word", ["T/T", "信用证", "O/A 60 days", "later"])
def test_what_may_be_two_terms_is_none(word: str) -> None:
    with pytest.raises(InputError) as caught:
        payment_term(word)
    assert caught.value.key == "errors.unknown_name"


@pytest.mark.parametrize(
    ("words", "days", "term"),
    [
        ("T/T 90天", "90", "open_account"),
        ("信用证90天", "90", "usance_lc"),
        ("即期信用证", "30", "sight_lc"),
        ("T/T", "60", "open_account"),
        ("电汇", "60天", "open_account"),
    ],
)
def test_a_term_may_have_its_days_with_it(words: str, days: str, term: str, tmp_path: Path) -> None:
    """A T/T with days of credit comes after shipment; a deal is called by customer and contract."""
    path = tmp_path / "deals.csv"
    head = "客户,合同号,金额,币种,天数,付款方式"
    path.write_text(f"{head}\n汉堡,C-118,250000,EUR,{days},{words}\n", encoding="utf-8")
    (deal,) = read_deals(path).rows
    number = int("".join(filter(str.isdigit, days or words)))
    assert (deal.name, deal.terms, deal.days) == ("汉堡 C-118", term, number)


@pytest.mark.parametrize(("words", "due", "term"), [
    ("T/T", "2026-12-29", "open_account"), ("T/T", "2026-10-30", None),
    ("信用证", "2026-12-29", None),
])  # fmt: skip
def test_a_transfer_that_is_due_later_is_one_of_credit(
    words: str, due: str, term: str | None, tmp_path: Path
) -> None:
    """One that is paid today may be before or after shipment, and a letter at sight or not."""
    path = tmp_path / "deals.csv"
    path.write_text(f"金额,币种,到期日,付款方式\n250000,EUR,{due},{words}\n", encoding="utf-8")
    if term is None:
        with pytest.raises(InputError) as caught:
            read_deals(path, date(2026, 10, 30))
        assert caught.value.key == "errors.unknown_name"
        return
    (deal,) = read_deals(path, date(2026, 10, 30)).rows
    assert (deal.terms, deal.days) == (term, 60)


HOME = Path("/home/li")


@pytest.fixture(autouse=True)
def li(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings of their own."""
    monkeypatch.setattr(Path, "home", lambda: HOME)
    for name in ("OFFING_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("system", "data", "cache"),
    [
        ("linux", ".local/share/offing", ".cache/offing"),
        ("darwin", "Library/Application Support/offing", "Library/Caches/offing"),
        ("win32", "AppData/Local/offing", "AppData/Local/offing/cache"),
    ],
)
def test_folders_of_each_system(
    system: str, data: str, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", system)
    assert (data_folder(), cache_folder()) == (HOME / data, HOME / cache)


def test_what_the_user_has_set_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert (data_folder(), cache_folder()) == (Path("/data/offing"), Path("/cache/offing"))
    monkeypatch.setenv("OFFING_CACHE", "/elsewhere")
    assert cache_folder() == Path("/elsewhere")
    monkeypatch.setenv("OFFING_CACHE", "")
    assert cache_folder() is None


def test_a_country_is_known_by_the_name_of_its_state() -> None:
    known = {
        "日本国": "JPN", "越南社会主义共和国": "VNM", "德意志联邦共和国": "DEU", "泰王国": "THA",
        "沙特阿拉伯王国": "SAU", "阿曼苏丹国": "OMN", "南苏丹国": "SSD", "墨西哥合众国": "MEX",
        "朝鲜民主主义人民共和国": "PRK", "德意志民主共和国": "DDR", "刚果民主共和国": "COD",
        "Republic of Poland": "POL", "Kingdom of Thailand": "THA", "Republic of China": None,
        "Federal Republic of Germany": "DEU", "State of Qatar": "QAT", "苏丹国": "SDN",
        "卢森堡大公国": "LUX", "Principality of Liechtenstein": "LIE", "迪拜": "ARE",
    }  # fmt: skip
    assert {name: known_code(name) for name in known} == known
    for country in all_countries().values():
        if country.kind == "country":
            assert known_code(f"{country.name('zh')}共和国") in (country.code, None, "COG")
