"""A firm's months from files as people keep them: both languages, careless rows."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offing
from cautions import keyed
from offing.cli.app import run
from offing.refunds.calendar import deadlines, lapses, refund_expected_on
from offing.refunds.methods import solve_months
from offing.refunds.months_file import MonthsFile, months_of
from offing.refunds.rates import dated_rate
from offing.sources.month_lines import read_months as read_lines
from offing.terms.errors import InputError, OffingError, RuleError
from offing.terms.exchange import DayRate
from shared_data import ROOT

D = Decimal
ON = date(2026, 11, 24)

CHINESE = """所属期,出口日期,离岸价（人民币）,征税率,退税率,商品组,免税料件,销项,进项税额,上期留抵
2026-01,2026-01-15,"5,000,000.00",13%,13%,,,260000,910000,30000
2026-01,2026-01-20,1200000,,,battery,,,,
2026年2月,2026-02-10,４００万元,0.13,0.13,,600000,900000,500000,
2026-02,2026-02-11,-50000,0.13,0.13,,,,,
202604,2026-04-03,1200000,,,battery,,100000,200000,
2026-04,2026-04-05,800000,,,pv,,,,
2026-04,2026-13-05,1200000,,,battery,,,,
2026-04,2026-04-09,12..5,,,battery,,,,
2026-12,2026-12-01,100,,,battery,,,,
"""


def read_months(path: Path, on: date | None = None) -> MonthsFile:
    return months_of(read_lines(path), on=on)


def file(folder: Path, text: str, name: str = "months.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


@pytest.fixture(params=["utf-8", "utf-8-sig", "gb18030"])
def chinese(tmp_path: Path, request: pytest.FixtureRequest) -> MonthsFile:
    return read_months(file(tmp_path, CHINESE, encoding=str(request.param)), on=ON)


def test_a_chinese_ledger(chinese: MonthsFile) -> None:
    """By hand: January 1.2 million of batteries at 13/9 leaves 48,000; 758,000 is the ceiling."""
    january, february, april = solve_months(chinese.months, places=2)
    assert january.nondeductible == 48000
    assert january.ecr == 758000
    assert january.refund == 632000
    assert february.fob_cny == 3950000
    assert february.reduction_ecr == 78000
    assert april.nondeductible == 84000


def test_cancelled_goods_are_taxed_like_sales_at_home(chinese: MonthsFile) -> None:
    (sale,) = chinese.deemed
    assert sale.output_tax == D("92035.40")  # 800,000 ÷ 1.13 × 13 %
    assert chinese.months[-1].domestic_output_tax_cny == D("192035.40")


def test_bad_rows_are_put_aside_with_their_place(chinese: MonthsFile) -> None:
    assert [(error.key, error.where and error.where.row) for error in chinese.quarantined] == [
        ("refund.bad_date", 8),
        ("refund.bad_amount", 9),
        ("refund.export_in_future", 10),
    ]
    assert "离岸价" in str(chinese.quarantined[1])
    assert [key for key, _ in keyed(chinese.notes)] == ["refund.note_gap", "refund.note_cancelled"]
    assert chinese.rows == 9


def test_toml_months_say_the_same(tmp_path: Path) -> None:
    text = """
[[month]]
period = "2026-03"
input_tax = "120"
domestic_output_tax = 20
opening_credit = 5
[[month.export]]
fob_fc = 100
fx = "7.1"
group = "battery"
export_date = 2026-03-31
[[month]]
period = "2026-04"
[[month.export]]
fob_cny = 1000
group = "battery"
"""
    months = read_months(file(tmp_path, text, "m.toml")).months
    march, april = solve_months(months)
    assert march.nondeductible == D("28.4")  # 710 × (13 % − 9 %)
    assert (march.ecr, march.refund) == (D("63.9"), D("63.9"))
    assert april.nondeductible == 70  # 6 % from April on


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_lead_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(b"month,fob_cny,levy_rate,refund_rate\n" + data)
    with suppress(OffingError):
        assert read_months(path).rows > 0


def test_a_study_shows_its_month_and_one_more_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example's own figures: credit 8.3 + 0.4 − 3.9 million is below 13 % of 60 million."""
    example = Path(__file__).parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"
    assert run(["refund", "--study", str(example), "--json"]) == 0
    (product,) = json.loads(capsys.readouterr().out)
    assert D(product["month"]["refund"]) == 4_800_000
    assert D(product["marginal"]["refund"]) == 355
    assert "355.00" in product["marginal"]["why"]
    text = example.read_text(encoding="utf-8").replace('price_term = "FOB"', 'price_term = "CIF"')
    assert run(["refund", "--study", str(file(tmp_path, text, "study.toml"))]) == 2
    assert "CIF" in capsys.readouterr().err


def test_a_handbook_is_reconciled_in_its_month(tmp_path: Path) -> None:
    """实际分配率 25 % in place of 30 % on 1,000,000: material is 50,000 less than was assumed.

    The tax that is not deducted rises by 4 % of it, the exempt-credit amount by 9 %.
    """
    path = tmp_path / "months.csv"
    path.write_text(
        "month,fob_cny,processing_fob_cny,plan_ratio,actual_ratio,levy_rate,refund_rate,input_tax\n"
        "2026-03,1000000,1000000,30%,,13%,9%,90000\n"
        "2026-04,500000,,,,13%,9%,20000\n"
        "2026-04,,1000000,30%,25%,13%,9%,\n",
        encoding="utf-8",
    )
    march, april = solve_months(read_months(path).months)
    assert (march.nondeductible, march.ecr) == (D(28000), D(63000))
    assert (april.nondeductible, april.ecr) == (D(20000 + 2000), D(45000 + 4500))
    toml = tmp_path / "months.toml"
    toml.write_text(
        '[[month]]\nperiod = "2026-04"\ninput_tax = "20000"\nopening_reduction_nd = "1000"\n'
        '[[month.export]]\nfob_cny = "500000"\nlevy_rate = "13%"\nrefund_rate = "9%"\n'
        '[[month.reconciliation]]\nprocessing_fob_cny = "1000000"\nplan_ratio = "30%"\n'
        'actual_ratio = "25%"\nlevy_rate = "13%"\nrefund_rate = "9%"\n',
        encoding="utf-8",
    )
    (same,) = solve_months(read_months(toml).months)
    assert (same.nondeductible, same.ecr) == (D(22000 - 1000), D(49500))


def test_a_line_that_the_bureau_taxes_like_a_sale_at_home(tmp_path: Path) -> None:
    path = tmp_path / "months.csv"
    path.write_text(
        "month,fob_cny,levy_rate,refund_rate,视同内销,input_tax\n"
        "2026-03,113000,13%,13%,是,5000\n2026-03,100,13%,13%,maybe,\n",
        encoding="utf-8",
    )
    read = read_months(path)
    assert [sale.output_tax for sale in read.deemed] == [13000]
    assert [error.key for error in read.quarantined] == ["refund.bad_yes"]
    (month,) = solve_months(read.months)
    assert (month.vat_payable, month.refund) == (D(8000), D(0))


HEAD = "period,export_date,fob_cny,levy_rate,refund_rate,code,deemed_domestic,input_tax\n"


@pytest.mark.parametrize(
    ("row", "key", "column"),
    [
        ("2026-05,2026-05-05,1000,,,trousers,,5", "refund.bad_code", "code"),
        ("2026-05,2026-07-30,1000,13%,13%,,,5", "refund.export_after_period", "export_date"),
        ("2026-05,2026-05-05,1,000,13%,13%,,,5", "refund.too_many_cells", None),
    ],
)
def test_a_row_that_cannot_be_is_put_aside_with_its_place(
    row: str, key: str, column: str | None, tmp_path: Path
) -> None:
    good = "2026-05,2026-05-05,1000,13%,13%,,,5\n"
    (error,) = read_months(file(tmp_path, f"{HEAD}{good}{row}\n"), on=ON).quarantined
    assert error.where is not None
    assert (error.key, error.where.row, error.where.column) == (key, 3, column)
    with pytest.raises(InputError) as only:
        read_months(file(tmp_path, f"{HEAD}{row}\n"), on=ON)
    assert only.value.where is not None
    assert (only.value.where.row, only.value.where.column) == (2, column)


REFORM = """[reform]
name = "what if"
[[rate]]
id = "chn.refund.general"
value = "9%"
"""


@pytest.mark.parametrize(
    ("goods", "nondeductible", "unused"), [("620342", "40", False), ("", "0", True)]
)
def test_a_reform_wins_over_the_rate_of_a_row(
    goods: str, nondeductible: str, unused: bool, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """1,000 at 13 % / 13 % has nothing that is not deductible; at 13 % / 9 % it has 40."""
    months = file(tmp_path, f"{HEAD}2026-05,2026-05-05,1000,13%,13%,{goods},,200\n")
    reform = file(tmp_path, REFORM, "reform.toml")
    words = ["refund", "--months", str(months), "--reform", str(reform), "--json", "--lang", "en"]
    assert run(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert D(said["months"][0]["nondeductible"]) == D(nondeductible)
    assert ("refund.note_reform_unused" in {note["key"] for note in said["notes"]}) == unused


FOREIGN = """month,FOB (USD),汇率,levy_rate,refund_rate,export_date
2026-07,100000,{july},13%,13%,2026-07-22
2026-07,50000,{july},13%,13%,2026-07-23
2026-08,100000,{august},13%,13%,2026-08-22
"""


def test_a_month_without_a_rate_takes_that_of_its_first_day_and_says_so(tmp_path: Path) -> None:
    """150,000 × 6.7945 and 100,000 × 6.7513, by hand."""
    rates = {date(2026, 7, 1): DayRate(D("6.7945")), date(2026, 8, 1): DayRate(D("6.7513"))}
    text = FOREIGN.replace(",{july}", "").replace(",{august}", "").replace(",汇率", "")
    path = file(tmp_path, text)

    def rate_of(currency: str, day: date) -> DayRate | None:
        return rates.get(day) if currency == "USD" else None

    found = months_of(read_lines(path, rate_of), on=ON)
    sums = [sum(line.fob_cny for line in month.exports) for month in found.months]
    assert sums == [D("1019175.0000"), D("675130.0000")]
    said = dict(keyed(found.notes))["refund.note_fx_first_day"]
    assert said == {"rates": "2026-07 USD 6.7945; 2026-08 USD 6.7513"}
    with pytest.raises(InputError) as caught:
        read_lines(path)
    assert caught.value.key == "refund.no_fx"
    # A currency or a month that nobody knows is put aside, not guessed.
    del rates[date(2026, 8, 1)]
    part = months_of(read_lines(path, rate_of), on=ON)
    assert [month.period for month in part.months] == ["2026-07"]
    assert [error.key for error in part.quarantined] == ["refund.no_fx_of"]
    assert "no rate of USD for 2026-08-01 is loaded" in str(part.quarantined[0])


def test_a_rate_that_is_missing_is_named(tmp_path: Path) -> None:
    path = file(
        tmp_path, "month,export_fob_cny,refund_rate,export_date\n2026-07,100000,13%,2026-07-22\n"
    )
    with pytest.raises(InputError, match="There is no levy rate \\(征税率\\)"):
        months_of(read_lines(path), on=ON)


@pytest.mark.parametrize("code", ["8507", "85.07", "85", "8541"])
def test_a_heading_with_goods_of_different_rates_asks(code: str, tmp_path: Path) -> None:
    """8507 has lithium batteries at 6 % and lead ones: the usual 13 % would be a guess."""
    with pytest.raises(RuleError, match="another refund rate"):
        dated_rate(date(2026, 5, 5), code=code)
    with pytest.raises(RuleError, match="another refund rate"):
        dated_rate(date(2024, 5, 5), code=code)  # the rest had no known rate then either
    rows = f"2026-05,2026-05-05,1,,,{code},,\n2026-05,2026-05-05,1,,,850760,,5\n"
    read = read_months(file(tmp_path, HEAD + rows), on=ON)
    assert [error.key for error in read.quarantined] == ["refund.part_of_heading"]
    assert read.months[0].exports[0].refund_rate == D("0.06")


STUDY = (ROOT / "examples" / "workwear" / "study.toml").read_text("utf-8")
TERM = 'price_term = "FOB"'


def asked(folder: Path, text: str) -> Any:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return offing.refund(study=file)


def test_a_model_that_is_not_priced_on_board_is_left_out_and_named(tmp_path: Path) -> None:
    answer = asked(tmp_path, STUDY.replace(TERM, 'price_term = "CIF"', 1))
    keys = [one.facts.key for one in answer.products]
    assert "TR-OEM" not in keys
    assert keys
    said = dict(keyed(answer.cautions))["refund.not_on_board"]
    assert said == {"models": "TR-OEM", "terms": "CIF"}
    with pytest.raises(InputError) as refused:
        asked(tmp_path, STUDY.replace(TERM, 'price_term = "CIF"'))
    assert refused.value.key == "refund.study_term"


@pytest.mark.parametrize("code", ["8507600090", "8507.60.00.90", "８５０７６０", "8507 6000"])
def test_a_code_has_its_rate_however_it_is_written(code: str, tmp_path: Path) -> None:
    read = read_months(file(tmp_path, f"{HEAD}2026-05,2026-05-05,1000,,,{code},,5\n"), on=ON)
    assert read.months[0].exports[0].refund_rate == D("0.06")


def notes_of(folder: Path, rows: str) -> dict[str, dict[str, Any]]:
    return dict(keyed(read_months(file(folder, HEAD + rows), on=ON).notes))


def test_trading_company(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "month,invoice_net,invoice_rate,refund_rate\n"
        "2026-03,10000,13%,9%\n2026-03,-1000,13%,9%\n2026-03,5000,3%,13%\n"
    )
    assert run(["refund", "--months", str(file(tmp_path, text)), "--json"]) == 0
    (month,) = json.loads(capsys.readouterr().out)["trading"]
    assert D(month["refund"]) == 810 + 150
    assert D(month["cost_addition"]) == 360


def test_a_trading_company_s_goods_without_a_refund_are_taxed_and_no_cost(tmp_path: Path) -> None:
    """Batteries from 2027 on: 1,300 of 11,300 are deducted; of the others 13 % of 1,000 comes back.

    It carries no credit over a gap, and its calendar has what is refunded.
    """
    text = (
        "month,export_date,code,invoice_gross,invoice_rate,refund_rate,deemed_domestic\n"
        "2027-01,2027-01-05,8507600090,11300,13%,,\n2027-01,2027-01-06,,1130,13%,13%,\n"
        "2027-03,2027-03-06,,1130,13%,13%,是\n"
    )
    answer = offing.refund(months=file(tmp_path, text), on=date(2027, 5, 1))
    assert answer.months is not None
    (_, first), (_, marked) = answer.months.traded
    sums = [(one.refund, one.deducted, one.cost_addition) for one in (first, marked)]
    assert [list(map(int, one)) for one in sums] == [[130, 1300, 0], [0, 130, 0]]
    said = dict(keyed(answer.months.cautions))
    assert "refund.note_trader_taxed" in said
    assert "refund.note_gap" not in said
    (item,) = answer.months.calendar
    assert (item.month, item.fob_cny, item.state) == ("2027-01", None, "open")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "sources.empty"),
        ("a,b\n1,2\n", "sources.no_headings"),
        ("month,fob_cny\n", "refund.no_good_rows"),
        ("month,fob_cny\n2026-13,1\n", "refund.no_good_rows"),
        ("month,fob_cny,离岸价\n2026-01,1,2\n", "sources.same_meaning"),
        ("month,input_tax,opening_credit\n2026-01,1,1\n2026-02,1,1\n", "refund.opening_twice"),
    ],
)
def test_unusable_files(text: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_months(file(tmp_path, text))
    assert caught.value.key == key


def test_a_rate_that_has_run_out_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(RuleError):
        dated_rate(date(2028, 6, 1), group="general")
    text = "month,fob_cny,group\n2027-12,1,general\n2028-01,1,general\n"
    (error,) = read_months(file(tmp_path, text)).quarantined
    assert error.key == "refund.no_rate"


def test_claim_calendar() -> None:
    """STA 2026 No. 5 art. 48; exports before 2026 have no end."""
    old, new = deadlines(date(2025, 12, 31)), deadlines(date(2026, 1, 15))
    assert old.deemed_domestic_on is None
    assert new.absolute_claim_by == date(2029, 1, 15)
    late = deadlines(date(2026, 1, 15), receipt_due=date(2030, 1, 1))
    assert late.fx_receipt_by == date(2029, 1, 15)
    states = lapses(
        [
            (date(2026, 1, 15), "2029-01", D(5)),
            (date(2028, 3, 1), "2029-01", D(7)),
            (date(2026, 1, 20), "2029-01", D(1)),
        ],
        on=date(2029, 1, 16),
        class_number=2,
    )
    assert [item.month for item in states] == ["2026-01", "2028-03"]
    assert [item.fob_cny for item in states] == [6, 7]
    assert [item.state for item in states] == ["lapsed", "open"]


def test_the_better_class_is_paid_sooner() -> None:
    days = [refund_expected_on(date(2026, 3, 10), number) for number in (1, 2, 3, 4)]
    assert days == sorted(set(days))
    with pytest.raises(InputError):
        refund_expected_on(date(2026, 3, 10), 5)


def test_a_month_that_models_share_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Five models at one refund rate have one month; a model at another has its own."""
    example = Path(__file__).parents[2] / "examples" / "tv-maker" / "study.toml"
    assert run(["refund", "--study", str(example)]) == 0
    said = capsys.readouterr().out
    assert said.count("closing credit") == 1
    assert said.count("One more unit in this month") == 1, "side by side"
    [heads] = [
        line.split() for line in said.splitlines() if line.split()[:2] == ["Figure", "HC-55Q"]
    ]
    assert heads == ["Figure", "HC-55Q", "HC-65M", "HC-75M", "HC-85M", "HC-L120"]
    assert "HC-L120  120-inch laser television: Unused input tax limits the refund" in said


def test_a_what_if_lays_other_rates_over_the_rulebook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    months = str(file(tmp_path, "month,fob_cny,input_tax,group\n2026-05,1000,200,battery\n"))

    def refund(*more: str) -> Decimal:
        assert run(["refund", "--months", months, "--on", "2026-11-24", "--json", *more]) == 0
        return D(json.loads(capsys.readouterr().out)["months"][0]["refund"])

    def reform(text: str) -> tuple[str, str]:
        head = '[reform]\nname = "what if"\n'
        return "--reform", str(file(tmp_path, head + text, "reform.toml"))

    rate = '[[rate]]\nid = "chn.refund.battery"\nvalue = "9%"\nsince = {}\nuntil = {}\n'
    assert refund() == 60
    assert refund(*reform("")) == 60
    assert refund(*reform(rate.format("2026-04-01", "2027-01-01"))) == 90
    assert refund(*reform(rate.format("2026-06-01", "2027-01-01"))) == 60
    bad = reform(rate.replace("battery", "batery").format("2026-06-01", "2027-01-01"))
    assert run(["refund", "--months", months, *bad]) == 2
    assert "battery" in capsys.readouterr().err


def test_an_impossible_day_puts_its_row_aside_and_not_the_file(tmp_path: Path) -> None:
    path = tmp_path / "months.csv"
    path.write_text(
        "month,export_date,fob_cny,levy_rate,refund_rate,input_tax\n"
        "2026-03,1993-12-31,1000,13%,13%,10\n2026-03,2026-03-05,1000,13%,9%,130\n",
        encoding="utf-8",
    )
    read = read_months(path, on=date(2026, 11, 24))
    assert [(e.key, e.where and e.where.row) for e in read.quarantined] == [
        ("refund.before_1994", 2)
    ]
    assert [month.exports[0].fob_cny for month in read.months] == [1000]


def test_a_rate_that_has_lapsed_is_pointed_out(tmp_path: Path) -> None:
    """Batteries exported from 2026-04-01 get 6 %; who still writes 9 % is told so."""
    row = "2026-05,2026-05-05,1000,13%,9%,8507.60.00.90,,5\n"
    said = notes_of(tmp_path, row * 2)["refund.note_given_other"]
    assert (said["given"], said["known"], said["row"], said["count"]) == ("9 %", "6 %", "2", 2)
    assert not notes_of(tmp_path, row.replace("9%", "6%"))
    assert not notes_of(tmp_path, row.replace("05-05", "03-31"))
    assert not notes_of(tmp_path, row.replace("8507.60.00.90", "620342"))  # nobody read that rate


def test_a_rate_for_goods_whose_refund_was_cancelled_is_pointed_out(tmp_path: Path) -> None:
    row = "2026-05,2026-05-05,1000,13%,9%,854143,,5\n"
    assert "refund.note_given_cancelled" in notes_of(tmp_path, row)
    assert "refund.note_given_cancelled" not in notes_of(tmp_path, row.replace(",,5", ",yes,5"))


def test_a_refund_rate_of_nought_is_pointed_out(tmp_path: Path) -> None:
    row = "2026-05,2026-05-05,1000,13%,0,,,5\n"
    assert notes_of(tmp_path, row)["refund.note_nought"] == {"row": "2", "count": 1}
    assert "refund.note_nought" not in notes_of(tmp_path, row.replace(",,5", ",yes,5"))


MONTH = "export_fob_cny = 9_648_500\n"


def test_a_month_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A table of noughts is of a firm that exports nothing; a 0 that was written is meant."""
    assert MONTH in STUDY
    keys = {key for key, _ in keyed(asked(tmp_path, STUDY).cautions)}
    assert "refund.no_month" not in keys
    assert "refund.no_month" in {
        k for k, _ in keyed(asked(tmp_path, STUDY.replace(MONTH, "")).cautions)
    }
    nought = STUDY.replace(MONTH, "export_fob_cny = 0\n")
    assert "refund.no_month" not in {k for k, _ in keyed(asked(tmp_path, nought).cautions)}
    for text, silent in ((STUDY, False), (STUDY.replace(MONTH, ""), True)):
        (file := tmp_path / "study.toml").write_text(text, encoding="utf-8")
        taxed = offing.quote("TR-OEM", "DEU", study=file)
        untaxed = offing.quote("TR-OEM", "DEU", study=file, refund_cny=0)
        said = [[c.key for c in one.warnings] for one in (taxed.quote, untaxed.quote)]
        assert ["refund.no_month" in keys for keys in said] == [silent, False]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2026-04,,400000,8507600090\n", {"row": "2", "count": 1}),  # 9 % until March, then 6 %
        ("2026-02,,400000,8507600090\n", None),
        ("2026-02,2026-02-03,1,8507600090\n2026-02,,400000,8507600090\n", {"row": "3", "count": 1}),
    ],
)
def test_a_row_without_a_date_is_said_where_that_matters(
    rows: str, said: dict[str, Any] | None, tmp_path: Path
) -> None:
    read = read_months(file(tmp_path, "month,export_date,fob_cny,code\n" + rows))
    assert dict(keyed(read.notes)).get("refund.note_undated") == said
