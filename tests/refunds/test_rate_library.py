"""The official rate library's format, written here byte by byte from the dBase description."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautions import keyed
from offing.cli.app import run
from offing.refunds.months_file import months_of
from offing.refunds.rates import (
    _stem,
    dated_rate,
    effective_levy,
    library_rate,
    rate_of,
    reformed_rates,
)
from offing.refunds.rules import dated_rates
from offing.rules.reform import read_reform
from offing.rules.rule_use import READ
from offing.sources import rate_library
from offing.sources.month_lines import read_months
from offing.sources.rate_library import read_library
from offing.terms.errors import InputError, OffingError, RuleError, Where
from offing.terms.messages import using_language
from rate_library_file import table

ROWS = [
    ("8507600090", "锂离子蓄电池", "个", "13", "9", "20241201", "20260331", ""),
    ("8507600090", "锂离子蓄电池", "个", "13", "6.00", "20260401", "20261231", ""),
    ("6203424090", "棉制男式长裤", "条", "13", "13", "20190401", "", ""),
    ("6203424010", "棉制男童长裤", "条", "13", "13", "20190401", "", ""),
    ("0101210010", "改良种用马", "头", "9,13", "9", "20190401", "99991231", ""),
    ("7606112000", "铝合金板", "千克", "13", "13", "20190401", "", ""),
    ("7606112000", "铝合金板", "千克", "13", "0", "20241201", "", ""),
]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(ROWS))
    return path


def test_rate_by_code_and_day(library: Path) -> None:
    read = read_library(library)
    assert library_rate(read, "8507600090", date(2026, 3, 31)).refund_rate == Decimal("0.09")
    assert library_rate(read, "8507600090", date(2026, 4, 1)).refund_rate == Decimal("0.06")
    assert library_rate(read, "620342", date(2026, 4, 1)).refund_rate == Decimal("0.13")
    assert library_rate(read, "0101210010", date(2026, 4, 1), Decimal("0.09")).levy_rate == Decimal(
        "0.09"
    )
    assert "sha256:" in read.source


@pytest.mark.parametrize(
    ("code", "day", "key"),
    [
        ("8507600090", date(2027, 1, 1), "refund.not_in_library"),
        ("9999999999", date(2026, 1, 1), "refund.not_in_library"),
        ("", date(2026, 1, 1), "refund.not_in_library"),
        ("0101210010", date(2026, 1, 1), "refund.several_levies"),
        ("7606112000", date(2025, 1, 1), "refund.two_rates"),
    ],
)
def test_it_asks_and_does_not_guess(library: Path, code: str, day: date, key: str) -> None:
    with pytest.raises(RuleError) as caught:
        library_rate(read_library(library), code, day)
    assert caught.value.key == key
    told = re.search(r"(?<![\d.])9%", str(caught.value)) is not None
    assert told == (key == "refund.several_levies")


def test_who_answers_for_a_code_that_the_library_has_not(library: Path) -> None:
    """A library that was given has the last word, one that is only remembered has not; and what
    else is unclear in it is asked of either."""
    whole, day = read_library(library), date(2025, 3, 1)
    last = replace(whole, remembered=True)
    cells = dated_rate(day, code="8541420000", rates=None)
    assert rate_of(last, "8541420000", day, book=None) == cells
    assert rate_of(None, "8541420000", day, book=None) == cells
    assert rate_of(last, "8507600090", day, book=None) == library_rate(whole, "8507600090", day)
    for asked, code, key in (
        (whole, "8541420000", "refund.not_in_library"),
        (whole, "0101210010", "refund.several_levies"),
        (last, "0101210010", "refund.several_levies"),
    ):
        with pytest.raises(RuleError) as caught:
            rate_of(asked, code, day, book=None)
        assert caught.value.key == key
    assert rate_of(last, "0101210010", day, Decimal("0.09"), book=None).levy_rate == Decimal("0.09")


def test_months_take_their_rates_from_it(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "month,export_date,fob_cny,code,levy_rate\n"
        "2026-03,2026-03-02,1000,8507600090,\n2026-03,2026-03-02,1000,0101210010,9%\n"
        "2026-03,2026-03-02,1000,0101210010,\n",
        encoding="utf-8",
    )
    read = months_of(read_months(path), library=read_library(library))
    rates = {(line.levy_rate, line.refund_rate) for line in read.months[0].exports}
    assert rates == {(Decimal("0.13"), Decimal("0.09")), (Decimal("0.09"), Decimal("0.09"))}
    assert [error.key for error in read.quarantined] == ["refund.several_levies"]
    assert all("sha256" in rule.source for rule in read.rules)


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_lead_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.dbf"
    whole = table(ROWS)
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    try:
        read_library(path)
    except OffingError:
        return


def test_a_folder_has_the_library_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "cmcode.DBF").write_bytes(table(ROWS))
    assert read_library(tmp_path) == read_library(tmp_path / "cmcode.DBF")


FLAGGED = [
    ("7604210000", "铝型材", "千克", "13", "0", "20241201", "", "1"),
    ("7108120000", "黄金", "克", "13", "0", "20190401", "", "2"),
    ("850760", "锂电池", "个", "13", "9", "20241201", "20260331", ""),
    ("8507600030", "锂电池", "个", "13", "6", "20241201", "20251231", ""),
    ("8528724000", "电视", "台", "13", "13", "20190401", "", ""),
]


def test_flags_are_outcomes_and_the_longest_stem_counts(tmp_path: Path) -> None:
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(FLAGGED))
    read = read_library(path)
    taxed = library_rate(read, "7604210000", date(2025, 1, 1))
    exempt = library_rate(read, "7108120000", date(2025, 1, 1))
    assert (taxed.cancelled, taxed.exempt, str(taxed.refund_rate)) == (True, False, "0")
    assert (exempt.cancelled, exempt.exempt, str(exempt.refund_rate)) == (False, True, "0")
    assert library_rate(read, "8507600030", date(2025, 1, 1)).refund_rate == Decimal("0.06")
    assert library_rate(read, "8507600030", date(2026, 1, 1)).refund_rate == Decimal("0.09")
    assert library_rate(read, "8507600090", date(2026, 1, 1)).refund_rate == Decimal("0.09")
    with pytest.raises(RuleError) as caught:
        library_rate(read, "850760", date(2025, 1, 1))
    assert caught.value.key == "refund.two_rates"
    path.write_bytes(table([(*FLAGGED[0][:-1], "7")]))
    with pytest.raises(InputError) as bad:
        read_library(path)
    assert bad.value.key == "refund.bad_flag"


def test_taxed_and_exempt_goods_in_a_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CNY 113,000 taxed at home owe 13,000; exempt ones owe and get nothing; a trader's consumption
    tax comes back with goods that are refunded, 5,000, and not with taxed ones."""
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(FLAGGED))
    months = tmp_path / "months.csv"
    months.write_text(
        "period,export_date,fob_cny,code,input_tax\n2025-03,2025-03-02,113000,7604210000,20000\n"
        "2025-03,2025-03-02,70000,7108120000,\n2025-03,2025-03-02,100000,8528724000,\n",
        encoding="utf-8",
    )
    assert run(["refund", str(months), "--rates", str(path), "--json", "--on", "2025-06-01"]) == 0
    told = json.loads(capsys.readouterr().out)
    (month,) = told["months"]
    assert Decimal(month["fob_cny"]) == 100000
    assert Decimal(month["tax_raw"]) == -7000  # 13,000 less 20,000
    assert Decimal(month["refund"]) == 7000
    assert [Decimal(one["fob_cny"]) for one in told["exempt"]] == [70000]
    months.write_text(
        "period,invoice_net,invoice_rate,code,消费税\n2025-03,100000,13%,8528724000,5000\n"
        "2025-03,10000,13%,7604210000,700\n",
        encoding="utf-8",
    )
    assert run(["refund", str(months), "--json", "--on", "2025-06-01"]) == 0  # remembered
    told = json.loads(capsys.readouterr().out)
    (month,) = told["trading"]
    assert Decimal(month["refund"]) == 13000
    assert Decimal(month["consumption_refund"]) == 5000
    notes = {note["key"]: note["values"] for note in told["notes"]}
    assert notes["refund.note_consumption_kept"] == {"tax": "700.00"}
    assert notes["refund.note_library"]["path"].endswith("CMCODE.DBF")


def test_consumption_tax_comes_back_where_only_the_vat_refund_was_cancelled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Announcement 2026 No. 2, art. 3, of e-cigarettes and batteries: by the rulebook, and by a
    library whose row only says that the goods are taxed."""
    months = tmp_path / "months.csv"
    months.write_text(
        "period,export_date,invoice_net,invoice_rate,code,消费税\n"
        "2026-05,2026-05-20,100000,13%,2404120000,36000\n"
        "2026-05,2026-05-20,10000,13%,7604210000,700\n",
        encoding="utf-8",
    )
    path = tmp_path / "CMCODE.DBF"
    smoke = ("2404120000", "电子烟", "个", "13", "0", "20260401", "", "1")
    path.write_bytes(table([smoke, FLAGGED[0]]))
    for more in ((), ("--rates", str(path))):
        assert run(["refund", str(months), "--json", "--on", "2026-06-01", *more]) == 0
        told = json.loads(capsys.readouterr().out)
        (month,) = told["trading"]
        assert Decimal(month["refund"]) == 0
        assert Decimal(month["consumption_refund"]) == 36000
        notes = {note["key"]: note["values"] for note in told["notes"]}
        assert notes["refund.note_consumption_back"] == {"tax": "36,000.00"}
        assert notes["refund.note_consumption_kept"] == {"tax": "700.00"}


def test_a_library_is_remembered_until_it_is_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, months = tmp_path / "CMCODE.DBF", tmp_path / "months.csv"
    path.write_bytes(table(FLAGGED))
    months.write_text(
        "period,export_date,fob_cny,code,input_tax\n2025-03,2025-03-02,100000,8528724000,1\n"
        "2025-03,2025-03-02,100,7604210000,\n",
        encoding="utf-8",
    )
    asked = ["refund", str(months), "--on", "2025-06-01", "--lang", "en"]
    assert run(asked) == 2  # nobody knows 8528724000
    capsys.readouterr()
    assert run([*asked, "--rates", str(path)]) == 0
    capsys.readouterr()
    assert run(asked) == 0
    assert "used last" in capsys.readouterr().out
    path.write_bytes(table(FLAGGED[:1] + FLAGGED[4:]))
    assert run(asked) == 0
    assert "has changed" in capsys.readouterr().out
    path.unlink()
    assert run(asked) == 2
    assert "cannot be read any more" in capsys.readouterr().out
    assert run([*asked, "--rates", "none"]) == 2
    capsys.readouterr()
    run(asked)
    assert "used last" not in capsys.readouterr().out


def test_a_reform_can_exempt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    months, reform = tmp_path / "months.csv", tmp_path / "reform.toml"
    months.write_text(
        "period,export_date,fob_cny,group,input_tax\n2026-05,2026-05-02,100000,battery,500\n",
        encoding="utf-8",
    )
    reform.write_text(
        '[reform]\nname = "x"\n[[rate]]\nid = "chn.refund.battery"\nvalue = "exempt"\n',
        encoding="utf-8",
    )
    run(["refund", str(months), "--reform", str(reform), "--json", "--on", "2026-06-01"])
    told = json.loads(capsys.readouterr().out)
    assert [Decimal(one["fob_cny"]) for one in told["exempt"]] == [100000]


def test_a_rate_of_nought_and_a_rate_that_differs_are_pointed_out(tmp_path: Path) -> None:
    rows = [*ROWS, ("6403999000", "鞋", "双", "13", "0.00", "20190401", "", "")]
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(rows))
    months = tmp_path / "months.csv"
    head = "period,export_date,fob_cny,levy_rate,refund_rate,code,input_tax\n"
    months.write_text(
        f"{head}2026-05,2026-05-05,100,,,6403999000,5\n2026-05,2026-05-05,9,13%,9%,8507600090,\n",
        encoding="utf-8",
    )
    library = read_library(path)
    assert str(library_rate(library, "6403999000", date(2026, 5, 5)).refund_rate) == "0"
    notes = dict(keyed(months_of(read_months(months), library=library).notes))
    assert notes["refund.note_nought"]["row"] == "2"
    assert notes["refund.note_given_other"]["row"] == "3"
    assert notes["refund.note_given_other"]["known"] == "6 %"


def test_deleted_records_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "CMCODE.DBF"
    path.write_bytes(table(ROWS, deleted=(5,)))
    assert library_rate(read_library(path), "7606112000", date(2025, 1, 1)).refund_rate == 0


def test_a_cut_file_is_refused(library: Path) -> None:
    library.write_bytes(library.read_bytes()[:-5])
    with pytest.raises(InputError) as caught:
        read_library(library)
    assert caught.value.key == "refund.cut_dbf"


def test_no_rate_at_all_says_what_to_do_next(tmp_path: Path) -> None:
    """A file whose only code is unknown tells the same as a single such row does."""
    file = tmp_path / "months.csv"
    file.write_text(
        "所属期,出口日期,离岸价,商品编码\n2026-05,2026-05-05,1000,62034290\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as found:
        months_of(read_months(file, lambda currency, day: None), on=date(2026, 6, 1))
    assert found.value.key == "refund.no_good_rows"
    assert found.value.next_step is not None
    assert "rates=FILE" in found.value.next_step


@pytest.mark.parametrize(("text", "share"), [("0", "0"), ("13.0", "0.13"), ("99.99", "0.9999")])
def test_a_rate_is_a_percentage_below_a_hundred(text: str, share: str) -> None:
    assert rate_library._percent(text, Where("l.dbf", 2, "TSL")) == Decimal(share)
    for wrong in ("100", "113", "-1", "x", "NaN", "0.13"):
        with pytest.raises(InputError):
            rate_library._percent(wrong, Where("l.dbf", 2, "TSL"))


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
