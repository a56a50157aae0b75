"""Study files: what is right is read, and what is wrong is named with its place."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautions import keyed
from offing.api.asking import open_warehouse
from offing.study import schema
from offing.study.checks import plausibility_findings
from offing.study.edit import Change, apply_changes, key_at
from offing.study.file import read_study
from offing.study.inputs import read_inputs
from offing.study.sales import ledger_asked
from offing.study.template import answer_study, fill_in
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import LANGUAGES, Language, say, using_language
from study.test_models import HEAD

EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def refused(tmp_path: Path, old: str, new: str) -> InputError:
    assert old in TEXT
    file = tmp_path / "study.toml"
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(file)
    for lang in LANGUAGES:
        with using_language(lang):
            assert str(caught.value)
    return caught.value


def test_folder_stands_for_its_study() -> None:
    assert read_study(EXAMPLE.parent) == read_study(EXAMPLE)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("hours = 130_000", "hours = 0", "above 0"),
        ("price_usd = 560.00", "price_usd = -5", "above 0"),
        ("price_usd = 560.00", "price_usd = inf", "price_usd"),
        ('code = "8528"', 'code = "85287"', "085287"),
        ('origin = "CHN"', 'origin = "Chna"', "CHN"),
        ('origin = "CHN"', 'origin = "EU"', "group"),
        ("firm_class = 2", "firm_class = 9", "firm_class"),
        ('price_term = "FOB"', 'price_term = "FOBB"', "EXW, FCA, FAS, FOB"),
        ("largest_market_share = 0.25", "largest_market_share = 25", "largest_market_share"),
        ("on = 2024-12-31", 'on = "soon"', "on"),
        ("horizon = 2", "horizon = 9", "horizon"),
        ('consider = "all"', 'consider = ["Germny"]', "Germny"),
    ],
)
def test_bad_value_is_named(tmp_path: Path, old: str, new: str, part: str) -> None:
    error = refused(tmp_path, old, new)
    assert error.key == "study.bad_value"
    assert part in str(error)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "study.missing_keys"),
        (b"[study", "errors.not_toml"),
        ("titel = '电视'".encode("gb18030"), "errors.unknown_name"),
        (TEXT.encode("utf-16"), None),
        (b"\xef\xbb\xbf" + TEXT.encode(), None),
        (TEXT.replace("\n", "\r\n").encode(), None),
    ],
)
def test_odd_files(tmp_path: Path, content: bytes, key: str | None) -> None:
    file = tmp_path / "study.toml"
    file.write_bytes(content)
    if key is None:
        assert read_study(file) == read_study(EXAMPLE)
        return
    with pytest.raises(InputError) as caught:
        read_study(file)
    assert caught.value.key == key


NEWEST = Path(__file__).resolve().parents[2] / "examples" / "tv-maker" / "study.toml"
TEXTS = {"museum": TEXT.splitlines(), "newest": NEWEST.read_text(encoding="utf-8").splitlines()}
ODD = ["x = 1", "[product]", "[model]", "[[plant]]", "code = 85", '""', "[[firm]]", "line = 'x'"]


@pytest.mark.parametrize("which", TEXTS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_broken_line_never_gives_another_error(
    tmp_path_factory: pytest.TempPathFactory, which: str, data: st.DataObject
) -> None:
    whole = TEXTS[which]
    at = data.draw(st.integers(0, len(whole) - 1))
    text = data.draw(st.text(max_size=30) | st.sampled_from(ODD))
    file = tmp_path_factory.mktemp("study") / "study.toml"
    lines = [*whole[:at], text, *whole[at + 1 :]]
    file.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    try:
        read_study(file)
    except OffingError as error:
        assert str(error)  # noqa: PT017 - any of our errors will do, with words


def test_a_base_year_after_the_day_is_the_future(tmp_path: Path) -> None:
    error = refused(tmp_path, "horizon = 2", "horizon = 2\nyear = 2025")
    assert error.where is not None
    assert error.where.key == "[markets], year"
    assert "2024-12-31" in str(error)
    file = tmp_path / "study.toml"
    file.write_text(TEXT.replace("horizon = 2", "horizon = 2\nyear = 2024"), encoding="utf-8")
    assert read_study(file).markets.year == 2024


def test_missing_key_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path, "cost_cny = 3150.00", "# cost")
    assert error.key == "study.missing_key"
    assert "cost_cny" in str(error)


def test_unknown_tier_method_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path, "horizon = 2", 'horizon = 2\ntiers = "split-2008"')
    assert "split-2007" in str(error)


DOLLAR = Decimal("7.3")


@pytest.mark.parametrize(
    ("day", "rate", "keys"),
    [("2024-12-31", "0.10", set()), ("2018-10-15", "0.15", set()),
     ("2024-12-31", "0.12", {"warn_odd_rate"})],
)  # fmt: skip
def test_a_refund_rate_is_no_levy(tmp_path: Path, day: str, rate: str, keys: set[str]) -> None:
    text = TEXT.replace("refund_rate = 0.13", f"refund_rate = {rate}", 1)
    text = text.replace("levy_rate = 0.13", "levy_rate = 0.16", 1)
    file = tmp_path / "study.toml"
    file.write_text(text.replace("on = 2024-12-31", f"on = {day}", 1), encoding="utf-8")
    said = [key for key, values in keyed(plausibility_findings(read_study(file), DOLLAR))
            if values.get("name") == "refund_rate"]  # fmt: skip
    assert {key.removeprefix("study.") for key in said} == keys


def test_ten_months_are_not_taken_for_a_year_in_silence(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(EXAMPLE.read_bytes())
    head, *lines = (EXAMPLE.parent / "ledger.csv").read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("export_date")
    for first, told in (("2024-01-01", []), ("2024-03-01", [10])):
        kept = [line for line in lines if line.split(",")[at] >= first]
        (tmp_path / "ledger.csv").write_text("\n".join([head, *kept, ""]), encoding="utf-8")
        asked = keyed(ledger_asked(read_inputs(tmp_path, open_warehouse(None))))
        months = [values["months"] for key, values in asked if key == "study.warn_short_year"]
        assert months == told


def test_example_is_read_with_exact_amounts() -> None:
    study = read_study(EXAMPLE)
    assert study.model[0].cost_cny == Decimal("3150.00")
    assert study.firm.made_up
    assert study.model[0].national_codes["USA"] == "85287264"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_study(tmp_path / "none.toml")
    assert caught.value.key == "study.no_file"


LIMIT, SHARE = "limits.worst_twentieth_cny", "limits.likelier_than"


CODES, PRICES = "model.national_codes", "model.market_prices_usd"


OWED, TAKES = "settlement.buyer_limits_cny", "settlement.market_accepts"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("duty", "Mexico 15", "per cent"),
        ("duty", "Mexico", "Mexico"),
        ("duty", "Mexico 15%, MEX 20%", "Mexico and MEX"),
        ("duty", "Mexico 15%, Mexico 20%", "one market"),
        (PRICES, "India 1,450", "450"),
        (CODES, "Atlantis 85287240", "Atlantis"),
        (TAKES, "Germany EUR USD", "Germany EUR"),
        (TAKES, "Germany XQZ", "XQZ"),
        (SHARE, "20%", "0.5"),
        ("model.refund_rate", "45", "17%"),
        ("model.cost_cny", "1.000", "1.000"),
        ("ledger.bands_usd", "500, 5,000", "500, 1200"),
        ("ledger.bands_usd", "1,200", "500, 1200"),
        ("settlement.days", "ninety", "ninety"),
    ],
)
def test_what_cannot_be_is_refused_in_the_schemas_words(key: str, text: str, said: str) -> None:
    with using_language("en"), pytest.raises(InputError) as refused:
        key_at(tuple(key.split("."))).read(text)
    assert said in str(refused.value)


ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "describe-your-firm.md").read_text("utf-8")
ELSEWHERE = {"name", "dataset", "year", "horizon", "tiers", "largest_growth", "caution", "made_up"}
"""Keys whose meaning other pages say, or that the page says in its text."""


def test_the_snippets_are_a_study(tmp_path: Path) -> None:
    snippets = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "study.toml"
    file.write_text(HEAD + "\n".join(snippets), encoding="utf-8")
    study = read_study(file)
    assert study.model[0].elasticity is not None
    assert study.plant[1].duty_preferred("USA") is not None
    assert study.channel_in("DEU").commission > study.channel_in("POL").commission


@pytest.mark.parametrize(
    "section",
    ["ModelFacts", "Plant", "Line", "Makes", "Preference", "Channel", "MarketSums", "Announced",
     "Markets", "Limits", "Ranges", "Asking", "Rates"],
)  # fmt: skip
def test_every_key_is_shown(section: str) -> None:
    keys = set(getattr(schema, section).model_fields) - ELSEWHERE
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", PAGE)] == []


TV = Path(__file__).resolve().parents[1] / "museum/tv-maker-2024/study.toml"


def test_one_figure_changes_and_every_other_line_stays() -> None:
    before = TV.read_text("utf-8")
    after = apply_changes(before, [Change(("model", 0, "cost_cny"), Decimal("2200.50"))])
    lines = [
        pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if len({*pair}) > 1
    ]
    comment = "# materials, labour and overhead of one set, without value-added tax"
    assert lines == [(f"cost_cny = 2130.00 {comment}", f"cost_cny = 2200.50 {comment}")]


def test_tables_are_added_emptied_and_taken_away(tmp_path: Path) -> None:
    before = TV.read_text("utf-8")
    added = [Change(("model", 5, key), value) for key, value in {
        "key": "N", "name": "新", "code": "8528", "cost_cny": Decimal(9),
        "input_vat_cny": Decimal(1), "price_usd": Decimal(3), "kg": Decimal(1),
        "m3": Decimal("0.01"), "line": "main",
    }.items()]  # fmt: skip
    gone = [Change(("model", 1, "market_prices_usd"), None), Change(("model", 2), None)]
    after = apply_changes(before, [*added, Change(("markets", "leave_out"), ["FRA"]), *gone])
    file = tmp_path / "study.toml"
    file.write_text(after, encoding="utf-8")
    study = read_study(file)
    assert [model.key for model in study.model] == ["HC-55Q", "HC-65M", "HC-85M", "HC-L120", "N"]
    assert study.model[1].market_prices_usd == {}
    assert study.markets.leave_out == ["FRA"]
    assert {line for line in after.split("\n") if "#" in line} < set(before.split("\n"))


def test_a_table_that_is_not_there_is_made() -> None:
    after = apply_changes("on = 2024-01-01\n", [Change(("limits", "entry_budget_cny"), Decimal(5))])
    assert tomllib.loads(after)["limits"] == {"entry_budget_cny": 5}
    assert apply_changes(after, [Change(("ledger", "sheet"), None)]) == after


def test_a_figure_of_ones_own_is_not_illustrative_any_more() -> None:
    text = (
        "[shipping]\nfreight = 18 # ILLUSTRATIVE, of a made-up firm: put your forwarder's figure\n"
    )
    assert (
        apply_changes(text, [Change(("shipping", "freight"), Decimal(20))])
        == "[shipping]\nfreight = 20\n"
    )


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        apply_changes("on = 2024-01-01\n", [Change(("on", "day"), Decimal(1))])
    assert refused.value.key == "study.cannot_edit"


def test_an_answer_is_written_at_the_key_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(before := TV.read_text("utf-8"), "utf-8")
    answers = {"model.hc-65m.elasticity": "2.5", "duty.墨西哥": "20%", "firm.city": "宁波"}
    answer_study(file, answers | {"entering.market.DEU.listing_cny": "20万"})
    study = read_study(file)
    assert {m.key: m.elasticity for m in study.model if m.elasticity} == {"HC-65M": Decimal("2.5")}
    assert (study.duty["MEX"], study.firm.city.zh) == (Decimal("0.2"), "宁波")
    assert study.entering.market["DEU"].listing_cny == 200000
    file.write_text(before, "utf-8")
    for name, typed in {
        "model.X.kg": "1",
        "modl.0.kg": "1",
        "duty.MEX": "x",
        "model.0.kg": "-1",
    }.items():
        with pytest.raises(InputError):
            answer_study(tmp_path, {"firm.city": "宁波", name: typed})
    assert file.read_text("utf-8") == before
    with pytest.raises(InputError) as refused:
        answer_study(tmp_path, {"duty.MEX": "2000%"})
    error, next_step = refused.value, say("study.answer_again")
    assert (error.where and error.where.key, error.next_step) == ("[duty], MEX", next_step)


def test_an_answer_fills_what_a_begun_study_waits_for(tmp_path: Path) -> None:
    waits = TV.read_text("utf-8").replace("refund_rate = 0.13", "#? refund_rate = # rate", 1)
    assert "#? refund_rate" in waits
    filled = fill_in(waits, {"refund_rate": "9%", "model.0.kg": "12"})
    assert tomllib.loads(filled)["model"][0]["refund_rate"] == 0.09
    assert tomllib.loads(filled)["model"][0]["kg"] == 12


D = Decimal


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (LIMIT, D(20_000_000), "20,000,000"),
        (LIMIT, -5_000_000, "-5,000,000"),
        ("model.price_usd", D("12345.678"), "12,345.678"),
        ("model.hours", D("0.052"), "0.052"),
        ("settlement.days", 1000, "1000"),
        (SHARE, D("0.7"), "70%"),
        ("ledger.bands_usd", [D("0.5"), D(1200)], "0.5, 1200"),
        ("markets.leave_out", ["HKG", "KOR"], "Hong Kong SAR, South Korea"),
        (CODES, {"EUR": "85287240", "HS": "852872"}, "European Union 85287240, all others 852872"),
        (PRICES, {"IND": D(1450), "HKG": D("3.5")}, "India 1450, Hong Kong SAR 3.5"),
        (OWED, {"Nord GmbH, Kiel 2": D(1_200_000)}, "Nord GmbH, Kiel 2 1,200,000"),
        (TAKES, {"HKG": ["USD", "CNY"], "JPN": ["JPY"]}, "Hong Kong SAR USD/CNY, Japan JPY"),
        ("settlement.volatility", {"NGN": D("0.25")}, "NGN 25%"),
        ("ledger.keep_prices", True, "1"),
    ],
)
def test_what_stands_there_is_shown_and_read_again(key: str, value: Any, text: str) -> None:
    with using_language("en"):
        field = key_at(tuple(key.split(".")))
        assert field.shown(value) == text
        assert field.read(text) == value


@pytest.mark.parametrize(
    ("lang", "key", "text", "value"),
    [
        ("zh", "model.cost_cny", "1.2万", D(12000)),
        ("zh", PRICES, "印度 450美元、波兰为$696.5", {"IND": D(450), "POL": D("696.5")}),
        ("zh", CODES, "德国 85287240，其他：852872", {"EUR": "85287240", "HS": "852872"}),
        ("en", CODES, "EU=8528.72.40; USA 8528.72.64",
         {"EUR": "8528.72.40", "USA": "8528.72.64"}),
        ("zh", OWED, "北方 GmbH 2：120万\nNord, Kiel 50000元",
         {"北方 GmbH 2": D(1_200_000), "Nord, Kiel": D(50000)}),
        ("zh", TAKES, "德国EUR/USD，日本：JPY", {"DEU": ["EUR", "USD"], "JPN": ["JPY"]}),
        ("en", "model.refund_rate", "13", D("0.13")),
        ("en", "model.refund_rate", "0", D(0)),
        ("en", "model.code", "8528 Monitors and televisions", "8528"),
        ("zh", "plant.country", "越南", "VNM"),
        ("en", "rates.credit_insurance", "0.35%", D("0.0035")),
        ("en", "settlement.terms", "sight-LC", "sight_lc"),
    ],
)  # fmt: skip
def test_it_may_be_typed_as_people_type(lang: Language, key: str, text: str, value: Any) -> None:
    with using_language(lang):
        assert key_at(tuple(key.split("."))).read(text) == value
