"""Study files: what is right is read, and what is wrong is named with its place."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautions import keyed
from offing.api.asking import open_warehouse
from offing.study.checks import plausibility_findings
from offing.study.file import read_study
from offing.study.inputs import read_inputs
from offing.study.sales import ledger_asked
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import LANGUAGES, using_language

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


def test_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    error = refused(tmp_path, "hours = 130_000", "hors = 150_000")
    assert error.key == "errors.unknown_name"
    assert "hours" in str(error)
    assert error.where is not None
    assert error.where.row is not None
    assert "hors" in TEXT.replace("hours", "hors").splitlines()[error.where.row - 1]


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
        ('price_term = "FOB"', 'price_term = "FOBB"', "price_term"),
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


STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"
DOLLAR = Decimal("7.3")


@pytest.mark.parametrize(
    ("day", "rate", "keys"),
    [("2024-12-31", "0.10", set()), ("2018-10-15", "0.15", set()),
     ("2024-12-31", "0.12", {"warn_odd_rate"})],
)  # fmt: skip
def test_a_refund_rate_is_no_levy(tmp_path: Path, day: str, rate: str, keys: set[str]) -> None:
    text = STUDY.read_text(encoding="utf-8")
    text = text.replace("refund_rate = 0.13", f"refund_rate = {rate}", 1)
    text = text.replace("levy_rate = 0.13", "levy_rate = 0.16", 1)
    file = tmp_path / "study.toml"
    file.write_text(text.replace("on = 2024-12-31", f"on = {day}", 1), encoding="utf-8")
    said = [key for key, values in keyed(plausibility_findings(read_study(file), DOLLAR))
            if values.get("name") == "refund_rate"]  # fmt: skip
    assert {key.removeprefix("study.") for key in said} == keys


def test_ten_months_are_not_taken_for_a_year_in_silence(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(STUDY.read_bytes())
    head, *lines = (STUDY.parent / "ledger.csv").read_text(encoding="utf-8").splitlines()
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


def test_choices_are_plain_words(tmp_path: Path) -> None:
    error = refused(tmp_path, 'price_term = "FOB"', 'price_term = "FOBB"')
    assert "EXW, FCA, FAS, FOB" in str(error)
    assert "'EXW'" not in str(error)
