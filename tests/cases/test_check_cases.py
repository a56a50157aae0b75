"""The case checker: the given cases hold, wrong public answers do not, careless files are told."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.cases.checking import check_file, compare_answer
from offing.cli.app import run
from offing.terms.errors import OffingError, Where
from shared_data import shared

NOWHERE = Where()


def written(folder: Path, text: str, name: str = "cases.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def one_case(method: str, inputs: str, expected: str, rounding: str = "exact") -> str:
    return (
        f"cases:\n- id: ONE\n  method: {method}\n  inputs: {{{inputs}}}\n"
        f"  expected: {{{expected}}}\n  rounding: {rounding}\n"
    )


@pytest.mark.parametrize(
    "name", ["rebate_cases.yaml", "settlement_cases.yaml", "landed_cost_cases.yaml"]
)
def test_given_cases_hold(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared("..", "cases", name)
    assert run(["check", str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"passed", "failed", "cases"}
    assert report["failed"] == 0
    assert report["passed"] == len(report["cases"]) >= 9
    assert all(set(case) == {"id", "ok", "expected", "got"} for case in report["cases"])


WRONG = {
    # electedteal.com xt/6049873: no 剔税, refunds 10 where tax of 4 is due
    "no-nondeductible": one_case(
        "ecr",
        "levy_rate: 0.17, rebate_rate: 0.13, export_fob_cny: 350, domestic_sales: 400,"
        " domestic_rate: 0.17, input_tax: 68, opening_credit: 10",
        "refund: 10",
    ),
    # bbs.car136.com: adds 剔税 to the input tax, so credit comes out too large (CPA figures)
    "added-to-input": one_case(
        "ecr",
        "levy_rate: 0.17, rebate_rate: 0.13, export_fob_cny: 200, domestic_sales: 100,"
        " domestic_rate: 0.17, input_tax: 68, opening_credit: 5",
        "tax_raw: -64",
    ),
    # electedteal.com xt/5229104: bonded material is not taken off the ceiling
    "ceiling-not-reduced": one_case(
        "ecr",
        "levy_rate: 0.13, rebate_rate: 0.10, export_fob_cny: 260, exempt_material: 100,"
        " domestic_sales: 100, domestic_rate: 0.13, input_tax: 26, opening_credit: 6",
        "ecr: 26",
    ),
    # gantiao.com.cn: the refund of a trading company as export amount × rate
    "trader-on-export-amount": one_case(
        "er",
        "lines: [{invoice_gross: 11300, invoice_rate: 0.13, rebate_rate: 0.13}],"
        " export_fob_cny: 15000",
        "refund: 1950",
        "half_up_2",
    ),
    # qiqiwenku 82143, problem 2: the fee is taken off the cost, so a loss looks like a profit
    "fee-taken-off": """cases:
- id: ONE
  model: export_margin
  inputs: {cif: 325, freight: 30, insurance: 2.25, purchase_gross_cny: 2060, vat_rate: 0.17,
           rebate_rate: 0.09, fee_rate_on_purchase: 0.10, fx_bid: 6.28}
  expected: {margin_on_cost: 0.0842}
  rounding: half_up_4
""",
    # public code: the gap written as refund rate less levy rate, so the input tax grows
    "gap-upside-down": one_case(
        "ecr",
        "levy_rate: 0.13, rebate_rate: 0.10, export_fob_cny: 200, domestic_sales: 100,"
        " domestic_rate: 0.13, input_tax: 26, opening_credit: 3",
        "nondeductible: -6, tax_raw: -22",
    ),
    # public code: claims within 90 days of export, repealed long ago
    "ninety-days": one_case("deadline", "export_date: 2026-01-15", "ordinary_claim_by: 2026-04-15"),
    # landed-cost-calculator 0.3.1, README: duty of Germany on the goods alone
    "duty-without-freight": """cases:
- id: ONE
  model: DE
  inputs: {goods_value: 1294.95, freight: 410, duty_rate: 0.065, vat_rate: 0.19}
  expected: {duty: 84.17}
  rounding: half_up_2
""",
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_public_answers_do_not_hold(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(written(tmp_path, WRONG[name]))]) == 1
    assert "ONE" in capsys.readouterr().out


FILES = ("refunds.yaml", "landed.yaml", "settlement.yaml")


@pytest.mark.parametrize("name", FILES)
def test_cases_in_the_words_of_accountants_and_forwarders(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(Path(__file__).with_name(name))]) == 0, capsys.readouterr()


GOOD = one_case("er", "invoice_net: 1, invoice_rate: 0.13, rebate_rate: 0.13", "refund: 0.13")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (one_case("ecrr", "a: 1", "refund: 1"), ["'ecrr'", "ecr"]),
        (
            one_case("ecr", "levy_rate: 0.13, rebate_rate: 0.13, export_fob_cny: 1", "refund: 1"),
            ["'input_tax'"],
        ),
        (
            one_case("ecr", "levy_rate: 0.13, rebat_rate: 0.1, export_fob_cny: 1", "refund: 1"),
            ["mean rebate_rate?", "rebat_rate"],
        ),
        (
            one_case(
                "money_market_receivable",
                "receivable_fc: 1, borrow_rate_period: 0,"
                " deposit_rate_period: 0, spot_fc_per_home: 0",
                "home_now: 1",
            ),
            ["0 < spot"],
        ),
        (one_case("deadline", "export_date: 1992-02-28", "status: 1"), ["1994"]),
    ],
)
def test_a_case_that_cannot_be_run_is_named_and_the_others_still_run(
    text: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, text + GOOD.removeprefix("cases:\n").replace("ONE", "TWO"))
    assert run(["check", str(file), "--json"]) == 2
    out = capsys.readouterr()
    report = json.loads(out.out)
    assert (report["passed"], report["failed"]) == (1, 1)
    for word in words:
        assert word in out.err


def test_an_answer_that_the_inputs_do_not_lead_to_does_not_hold(tmp_path: Path) -> None:
    text = one_case("fob_conversion", "terms: FOB, amount: 5", "fob_cny: 1")
    (case,) = check_file(written(tmp_path, text))
    assert (case.ok, case.got, case.error) == (False, {"fob_cny": None}, None)


@pytest.mark.parametrize(
    ("expected", "got", "rounding", "ok"),
    [
        ("8.89", "8.8888", "half_up_2", True),
        ("2.68", "2.675", "half_up_2", True),
        ("100", "100.6", "tol_0.5", False),
        ("-0.0202", "-0.01998", "half_up_3", False),  # more places than its rounding: its own count
        ("10000000000000.01", "10000000000000.02", "exact", False),
    ],
)
def test_rounding(expected: str, got: str, rounding: str, ok: bool) -> None:
    assert compare_answer(Decimal(expected), Decimal(got), rounding, "a", NOWHERE)[0] is ok


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_no_bytes_lead_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(data)
    with pytest.raises(OffingError):
        check_file(path)
