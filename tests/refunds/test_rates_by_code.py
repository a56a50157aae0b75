"""No refund rate is assumed: what the lists by code say, and what they do not.

The expected outcomes are those of MoF/STA announcements 2021 Nos. 16 and 25, 2024 No. 15 and 2026
No. 2, as pages of others report them; the lists name the page of each row.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offing.refunds.rates import _stem, dated_rate, effective_levy, reformed_rates
from offing.refunds.rules import dated_rates
from offing.rules.reform import read_reform
from offing.rules.rule_use import READ
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import using_language

D = Decimal


@pytest.mark.parametrize(
    ("code", "on"),
    [
        ("7604210000", "2024-12-05"), ("72104100", "2022-05-05"), ("68029110", "2026-05-05"),
        ("28269020", "2026-05-05"), ("29053100", "2026-05-05"), ("24041200", "2026-05-05"),
        ("854143", "2026-04-01"), ("8507.60", "2027-01-01"),
    ],
)  # fmt: skip
def test_a_cancelled_refund_is_cancelled(code: str, on: str) -> None:
    found = dated_rate(date.fromisoformat(on), code=code)
    assert found.cancelled
    assert found.refund_rate == 0


@pytest.mark.parametrize(
    ("code", "on", "key"),
    [
        ("62113310", "2026-05-05", "refund.no_known_rate"),
        ("68029110", "2026-03-31", "refund.no_known_rate"),
        ("", "2026-05-05", "refund.no_known_rate"),
        ("73063011", "2022-05-05", "refund.listed_part"),
        ("72299999", "2022-05-05", "refund.listed_part"),
        ("85071000", "2025-05-05", "refund.listed_zero"),
        ("71081200", "2025-05-05", "refund.listed_exempt"),
        ("7604", "2025-05-05", "refund.part_of_heading"),
    ],
)
def test_what_nobody_read_is_asked(code: str, on: str, key: str) -> None:
    with pytest.raises(OffingError) as asked:
        dated_rate(date.fromisoformat(on), code=code)
    assert asked.value.key == key
    assert asked.value.next_step


def test_exports_until_june_2019_keep_the_old_rate_without_a_gap() -> None:
    """Announcement 2019 No. 39, art. 3: levy 13 %, refund 16 %, and no gap below nothing."""
    levy, back = D("0.13"), D("0.16")
    assert effective_levy(levy, back, date(2019, 6, 30)) == back
    assert effective_levy(levy, back, date(2019, 7, 1)) == levy
    assert dated_rate(date(2019, 6, 30), group="garments").refund_rate == back
    assert dated_rate(date(2019, 7, 1), group="garments").refund_rate == levy


REFORM = """[reform]
name = "television sets lose the refund"
[[rate]]
id = "chn.refund.8528"
value = "{value}"
since = 2026-01-01
"""


def test_a_reform_cancels_a_refund_or_sets_the_rate_of_a_code(tmp_path: Path) -> None:
    file = tmp_path / "reform.toml"
    file.write_text(REFORM.format(value="cancelled"), encoding="utf-8")
    rates = reformed_rates(read_reform(file))
    assert dated_rate(date(2026, 5, 5), code="85287292", rates=rates).cancelled
    file.write_text(REFORM.format(value="9%"), encoding="utf-8")
    rates = reformed_rates(read_reform(file))
    found = dated_rate(date(2026, 5, 5), code="85287292", rates=rates)
    assert (found.refund_rate, found.cancelled, found.status) == (D("0.09"), False, "user")
    assert found.levy_rate == D("0.13")
    with pytest.raises(InputError, match="none is assumed"):
        dated_rate(date(2025, 12, 31), code="85287292", rates=rates)


@pytest.mark.parametrize(
    ("name", "value", "may"),
    [
        ("8528", "13%", True), ("8528", "13.01%", False), ("8528", "0%", True),
        ("8528", "exempt", True), ("8528", "1.2 CNY/kg", False),
        ("8528729100", "9%", True), ("85287291001", "9%", False), ("852", "9%", False),
    ],
)  # fmt: skip
def test_a_reform_is_of_four_to_ten_digits_and_refunds_no_more_than_was_levied(
    name: str, value: str, may: bool, tmp_path: Path
) -> None:
    file = tmp_path / "reform.toml"
    file.write_text(REFORM.replace("8528", name).format(value=value), encoding="utf-8")
    if may:
        assert reformed_rates(read_reform(file))
        return
    with pytest.raises(InputError):
        reformed_rates(read_reform(file))


def test_consumption_tax_is_left_by_the_act_that_cancelled_the_other_refund() -> None:
    """Announcement 2026 No. 2, where it cancels, and no act before it."""
    act = "2026 No. 2"
    by_code = [rate for rate in dated_rates() if rate.group.isdigit()]
    assert {rate.consumption_back for rate in by_code if rate.cancelled} == {True, False}
    assert {rate.refund_rate for rate in by_code} == {D(0), D("0.09"), D("0.10"), D("0.13")}
    for rate in by_code:
        assert rate.consumption_back == (rate.cancelled and act in rate.source), rate
        assert rate.cancelled == (rate.refund_rate == 0), rate


@pytest.mark.parametrize(
    ("code", "before", "rate", "cancelled"),
    [
        ("72104900", "2021-07-31", "0.13", "2021-08-01"),  # Announcement 2021 No. 25: 23 codes
        ("72091690", "2021-06-15", "0.13", "2021-08-01"),
        ("72251100", "2021-05-01", "0.13", "2021-08-01"),
        ("73042910", "2021-06-15", "0.13", "2021-08-01"),
        ("72092500", "2021-04-30", "0.13", "2021-05-01"),  # 2021 No. 16: 146 codes
        ("72210000", "2020-12-31", "0.13", "2021-05-01"),
        ("28539030", "2026-03-31", "0.13", "2026-04-01"),  # 2026 No. 2, annex 1
        ("28429030", "2024-01-18", "0.13", "2026-04-01"),
    ],
)
def test_until_the_day_before_a_cancellation_there_is_a_refund(
    code: str, before: str, rate: str, cancelled: str
) -> None:
    """The pages of the lists say what ended: 13 %. A day between two lists is no gap."""
    found = dated_rate(date.fromisoformat(before), code=code)
    assert (found.refund_rate, found.cancelled) == (D(rate), False)
    assert found.looked_at
    assert dated_rate(date.fromisoformat(cancelled), code=code).cancelled


def test_all_codes_of_a_list_have_what_it_ended() -> None:
    """No code cancelled in 2021 is without the rate of the day before."""
    ended = {
        rate.codes[0]: rate.when.since
        for rate in dated_rates()
        if rate.cancelled and "2021 No." in rate.source and rate.when.since is not None
    }
    assert sum(day == date(2021, 8, 1) for day in ended.values()) == 23
    for code, day in ended.items():
        assert dated_rate(date.fromordinal(day.toordinal() - 1), code=code).refund_rate == D("0.13")


@pytest.mark.parametrize(
    ("code", "until", "since"),
    [
        ("29337100", "0.10", "0.13"),  # caprolactam, ccfgroup.com 2020-03-18
        ("29291010", "0.10", "0.13"),  # toluene diisocyanate
        ("390330", "0.09", "0.13"),  # ABS
    ],
)
def test_what_was_raised_in_march_2020(code: str, until: str, since: str) -> None:
    assert dated_rate(date(2020, 3, 19), code=code).refund_rate == D(until)
    assert dated_rate(date(2020, 3, 20), code=code).refund_rate == D(since)
    with pytest.raises(OffingError) as asked:  # the list of 249 codes was not read to its end
        dated_rate(date(2026, 4, 1), code=code)
    assert asked.value.key == "refund.no_known_rate"


@pytest.mark.parametrize(
    ("code", "on", "seen"),
    [
        ("87036023", "2024-01-18", "2024-01-18"),  # cars
        ("8415101000", "2025-12-31", "2024-01-18"),  # appliances
        ("40111000", "2024-05-05", "2025-01-08"),  # tyres of cars
        ("9503002100", "2023-06-01", "2024-01-25"),  # toys
        ("8477101000", "2026-03-31", "2026-01-18"),
    ],
)
def test_a_code_that_was_seen_at_a_rate_has_it_and_the_day(code: str, on: str, seen: str) -> None:
    found = dated_rate(date.fromisoformat(on), code=code)
    assert found.refund_rate == D("0.13")
    assert found.still_valid_on == date.fromisoformat(seen)
    for day in ("2018-06-01", "2020-03-19", "2026-11-30"):  # no list of these days was found
        with pytest.raises(OffingError):
            dated_rate(date.fromisoformat(day), code=code)


@pytest.mark.parametrize(
    ("value", "said"), [("20%", "rate 0.2 is above the levy rate 0.13"), ("5 CNY/kg", "5 CNY/kg")]
)
def test_a_refund_above_the_levy_is_told_as_a_share_or_as_it_is_written(
    value: str, said: str, tmp_path: Path
) -> None:
    """A fifth of a price that is taxed at 13 %; a sum by weight is no share at all."""
    file = tmp_path / "reform.toml"
    file.write_text(
        f'[reform]\nname = "x"\n\n[[rate]]\nid = "chn.refund.battery"\nvalue = "{value}"\n'
        "since = 2026-01-01\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=said) as refused:
        reformed_rates(read_reform(file))
    assert refused.value.key == "refund.rate_above_levy"


def test_a_reform_of_a_group_keeps_the_levy_rate_of_its_days(tmp_path: Path) -> None:
    file = tmp_path / "reform.toml"
    text = REFORM.replace("8528", "general").format(value="9%")
    file.write_text(text, encoding="utf-8")
    rates = reformed_rates(read_reform(file))
    assert dated_rate(date(2026, 5, 5), group="general", rates=rates).levy_rate == D("0.13")


def test_what_a_list_has_of_a_code_is_named_with_its_outcome() -> None:
    """MoF/STA Announcement 2024 No. 15, list 1, has ten digits of this code of eight."""
    with pytest.raises(OffingError) as asked, using_language("en"):
        dated_rate(date(2025, 5, 5), code="76042910")
    assert "has 7604291010: its refund is cancelled" in str(asked.value)


@pytest.mark.parametrize("on", ["2024-11-30", "2024-12-01"])
def test_group_and_code_give_one_answer(on: str) -> None:
    day = date.fromisoformat(on)
    by_code, by_group = (dated_rate(day, code="7604210000"), dated_rate(day, group="aluminium"))
    assert by_code == by_group
    assert by_code.cancelled == (on == "2024-12-01")


def test_a_code_from_memory_is_called_so() -> None:
    day = date(2025, 1, 1)
    assert dated_rate(day, code="76071190").status == "recalled"
    assert dated_rate(day, code="76042100").status in READ


@pytest.mark.parametrize(
    ("code", "stem"),
    [
        ("2404120000", "240412"), ("2404129000", "24041290"), ("2404120001", "2404120001"),
        ("24041200", "240412"), ("24040000", "240400"), ("240412000", "240412000"),
        ("24041290", "24041290"), ("2404", "2404"), ("240400", "240400"), ("2400", "2400"),
    ],
)  # fmt: skip
def test_noughts_that_only_fill_up_a_code(code: str, stem: str) -> None:
    """Ten digits are a code of eight, and those one of six, where nothing but noughts is added."""
    assert _stem(code) == stem
