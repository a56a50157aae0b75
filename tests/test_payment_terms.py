"""Terms of payment as contracts write them, in both languages."""

from datetime import date
from pathlib import Path

import pytest

from offing.sources.deals import read_deals
from offing.terms.errors import InputError
from offing.terms.sale_terms import payment_term

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
    """A T/T with days of credit comes after shipment; a deal is called by its customer."""
    path = tmp_path / "deals.csv"
    head = "客户,合同号,金额,币种,天数,付款方式"
    path.write_text(f"{head}\n汉堡,C-118,250000,EUR,{days},{words}\n", encoding="utf-8")
    (deal,) = read_deals(path).rows
    number = int("".join(filter(str.isdigit, days or words)))
    assert (deal.name, deal.terms, deal.days) == ("汉堡", term, number)


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
