"""Deals and books: what a hedge does, what offsets offsets, and what is asked for."""

import csv
import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.cli.app import run
from offing.costing.settlement.book import hedge_book, natural_shares
from offing.costing.settlement.book_file import read_book
from offing.costing.settlement.deal import (
    Credit,
    Deal,
    Market,
    Ndf,
    choose,
    option,
)
from offing.costing.settlement.defaults import given as user_rate
from offing.terms.errors import InputError

D = Decimal
RNG = np.random.default_rng(7)
COMMON = RNG.standard_normal(4000)
PATHS = {
    "USD": 7 * np.exp(0.02 * COMMON),
    "EUR": 8 * np.exp(0.04 * (0.6 * COMMON + 0.8 * RNG.standard_normal(4000))),
}
MARKET = Market(
    on=date(2026, 10, 30),
    spot={"USD": D(7), "EUR": D(8), "CNY": D(1)},
    interest={
        code: user_rate("interest", D(rate))
        for code, rate in (("CNY", "0.015"), ("USD", "0.04"), ("EUR", "0.02"))
    },
    spreads={code: user_rate("spread", D(rate)) for code, rate in (("USD", "0.004"),
             ("EUR", "0.004"), ("CNY", "0"))},
)  # fmt: skip
NO_CREDIT = Credit()


@settings(deadline=None)
@given(
    st.decimals(min_value=1000, max_value=10**7, places=2),
    st.integers(0, 360),
    st.sampled_from(["USD", "EUR"]),
)
def test_a_full_hedge_leaves_no_risk(amount: Decimal, days: int, currency: str) -> None:
    deal = Deal(amount, "USD", days)
    options = [
        option(deal, currency, D(step) / 4, MARKET, NO_CREDIT, PATHS[currency]) for step in range(5)
    ]
    risks = [each.at_risk for each in options]
    assert risks == sorted(risks, reverse=True)
    assert options[-1].low == options[-1].expected
    for each in options:
        assert each.expected == (
            each.at_mid
            - each.discount
            - each.spread_cost
            + each.carry
            - each.fees
            - each.finance
            - each.insurance
            - each.credit_loss
        )


def test_selling_a_dear_currency_forward_costs_carry() -> None:
    deal = Deal(D(100000), "USD", 180)
    hedged = option(deal, "USD", D(1), MARKET, NO_CREDIT, PATHS["USD"])
    assert hedged.carry < 0
    payable = option(Deal(D(-100000), "USD", 180), "USD", D(1), MARKET, NO_CREDIT, PATHS["USD"])
    assert payable.carry == -hedged.carry
    assert payable.expected < -700000 - hedged.carry


def test_the_choice_keeps_the_risk_limit_at_the_least_cost() -> None:
    choices = choose(
        Deal(D(100000), "USD", 90), ["USD", "EUR"], MARKET, NO_CREDIT, PATHS, risk=D("0.02")
    )
    for choice in choices:
        assert choice.within
        assert choice.option.at_risk <= D("0.02")
        cheaper = [each for each in choice.frontier if each.expected > choice.option.expected]
        assert all(each.at_risk > D("0.02") for each in cheaper)


def test_a_discount_for_cny_can_cost_more_than_the_hedge() -> None:
    deal = Deal(D(100000), "USD", 90)
    dear = Market(**{**MARKET.__dict__, "cny_discount": D("0.03")})
    best = choose(deal, ["CNY", "USD"], MARKET, NO_CREDIT, PATHS, risk=D("0.02"))[0]
    other = choose(deal, ["CNY", "USD"], dear, NO_CREDIT, PATHS, risk=D("0.02"))[0]
    assert (best.option.currency, other.option.currency) == ("CNY", "USD")


@pytest.mark.parametrize("ratio", ["3", "-0.1"])
def test_a_hedge_ratio_of_300_per_cent_is_refused(ratio: str) -> None:
    with pytest.raises(InputError) as caught:
        option(Deal(D(1000), "USD", 90), "USD", D(ratio), MARKET, NO_CREDIT, PATHS["USD"])
    assert caught.value.key == "settle.bad_hedge"


def test_fees_above_the_amount_are_refused() -> None:
    deal = Deal(D(50), "USD", 90, "confirmed_lc")
    with pytest.raises(InputError) as caught:
        option(deal, "USD", D(0), MARKET, NO_CREDIT, PATHS["USD"])
    assert caught.value.key == "settle.fees_above_amount"


def test_insurance_trades_loss_for_premium() -> None:
    risky = Credit(default_probability=D("0.02"), loss_given_default=D("0.6"))
    insured = Credit(D("0.005"), D("0.9"), D("0.02"), D("0.6"))
    deal = Deal(D(100000), "USD", 90)
    bare, covered = (
        option(deal, "USD", D(0), MARKET, credit, PATHS["USD"]) for credit in (risky, insured)
    )
    assert bare.credit_loss == 8400  # 700,000 × 2 % × 60 %
    assert covered.credit_loss == 840
    assert covered.insurance == 3500
    prepaid = option(Deal(D(100000), "USD", 0, "prepaid"), "USD", D(0), MARKET, risky, PATHS["USD"])
    assert prepaid.credit_loss == 0


def test_what_offsets_in_a_book_offsets() -> None:
    deals = [Deal(D(250000), "EUR", 90), Deal(D(-250000), "EUR", 60), Deal(D(90000), "USD", 90)]
    assert list(natural_shares(deals)) == [1, 1, 0]
    book = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.5"))
    assert dict(book.exposures) == {"EUR": 0, "USD": 90000}
    assert book.low > book.low_added
    alone = option(deals[2], "USD", D(0), MARKET, NO_CREDIT, PATHS["USD"])
    assert abs((book.expected - book.low) - (alone.expected - alone.low)) <= D("0.02")


def test_a_book_is_hedged_until_its_joint_limit_holds() -> None:
    deals = [Deal(D(250000), "EUR", 90), Deal(D(90000), "USD", 90)]
    loose = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.5"))
    tight = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.005"))
    assert all(each.hedge_ratio == 0 for each in loose.nettings)
    ratios = {each.currency: each.hedge_ratio for each in tight.nettings}
    assert ratios["EUR"] > ratios["USD"]  # the euro moves more, and costs less to sell forward
    assert tight.within
    assert tight.expected - tight.low <= D("0.005") * (2_000_000 + 630_000)


def test_a_buyer_who_accepts_another_currency_is_asked_for_it() -> None:
    """In USD it must be sold forward at a loss; in EUR the book's own payable offsets it."""
    agreed = [Deal(D(800000), "USD", 90), Deal(D(-700000), "EUR", 60)]
    kept = hedge_book(agreed, MARKET, NO_CREDIT, PATHS, risk=D("0.005"))
    free = [Deal(D(800000), "USD", 90, accepts=("EUR",)), agreed[1]]
    moved = hedge_book(free, MARKET, NO_CREDIT, PATHS, risk=D("0.005"))
    assert [line.option.currency for line in kept.lines] == ["USD", "EUR"]
    assert [line.option.currency for line in moved.lines] == ["EUR", "EUR"]
    assert moved.expected > kept.expected
    (netting,) = moved.nettings
    assert netting.receivable == netting.payable == netting.offset == 700000
    assert netting.open == 0
    assert netting.days_apart == 30


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.decimals(-(10**7), 10**7, places=0).filter(lambda a: abs(a) > 5000),
            st.sampled_from(["USD", "EUR", "CNY"]),
            st.integers(0, 180),
            st.lists(st.sampled_from(["USD", "EUR", "CNY"]), max_size=2).map(tuple),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_books_add_up(rows: list[tuple[Decimal, str, int, tuple[str, ...]]]) -> None:
    """What comes in less what goes out is hedged or open; choosing among more never brings less."""
    deals = [Deal(a, c, d, accepts=accepts) for a, c, d, accepts in rows]
    book = hedge_book(deals, MARKET, NO_CREDIT, PATHS, risk=D("0.02"))
    for each in book.nettings:
        assert each.receivable - each.payable == each.hedged + each.open
        assert 0 <= each.offset <= max(each.receivable, each.payable)
    assert book.expected == sum(line.option.expected for line in book.lines)
    assert book.low <= book.expected
    bound = hedge_book([Deal(a, c, d) for a, c, d, _ in rows], MARKET, NO_CREDIT, PATHS,
                       risk=D("0.02"))  # fmt: skip
    assert (book.within, book.expected) >= (bound.within, bound.expected)


BRL_MARKET = Market(
    on=date(2026, 10, 30),
    spot={**MARKET.spot, "BRL": D("1.3")},
    interest={**MARKET.interest, "BRL": user_rate("interest", D("0.15"))},
    spreads={**MARKET.spreads, "BRL": user_rate("spread", D("0.01"))},
    ndf={
        "BRL": Ndf(
            user_rate("ndf.brl.spread", D("0.003")),
            user_rate("ndf.brl.basis", D("0.005")),
            0.013 * RNG.standard_normal(4000),
        )
    },
)
BRL_PATHS = 1.3 * np.exp(0.09 * RNG.standard_normal(4000))


def test_an_ndf_costs_its_basis_and_two_more_spreads() -> None:
    """By hand: F = 1.3 × (1 + 1.5 % × ¼) / (1 + (15 % + 0.5 %) × ¼) = 1.256197…"""
    deal = Deal(D(1_000_000), "BRL", 90)
    made = option(deal, "BRL", D(1), BRL_MARKET, NO_CREDIT, BRL_PATHS)
    assert made.instrument == "ndf"
    assert made.forward == D("1.25619735")
    assert made.carry == D("-43802.65")
    # half of 1 % of the real, 0.3 % of the NDF, 0.4 % of the dollar
    assert made.spread_cost == D("10677.68")
    delivered = Market(**{**BRL_MARKET.__dict__, "ndf": {}})
    plain = option(deal, "BRL", D(1), delivered, NO_CREDIT, BRL_PATHS)
    assert plain.instrument == "forward"
    assert plain.expected > made.expected
    assert plain.low == plain.expected


def test_a_full_ndf_leaves_the_fixing_open() -> None:
    deal = Deal(D(1_000_000), "BRL", 90)
    made = option(deal, "BRL", D(1), BRL_MARKET, NO_CREDIT, BRL_PATHS)
    # the 5 % quantile of a normal move of 1.3 %
    assert float(made.at_risk) == pytest.approx(1.645 * 0.013, rel=0.06)
    payable = option(Deal(D(-1_000_000), "BRL", 90), "BRL", D(1), BRL_MARKET, NO_CREDIT, BRL_PATHS)
    assert float(payable.at_risk) == pytest.approx(1.645 * 0.013, rel=0.06)


def settle(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["settle", *arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--book"),
        (("100000", "USD", "--invoice", "VND"), "--volatility VND"),
        (("100000", "USD", "--invoice", "AED", "--rate", "AED=3.6725"), "--volatility AED"),
        (("100000", "USD", "--hedge", "300%"), "300"),
        (("100000", "USD", "--days", "-3"), "-3"),
        (("100000", "USD", "--terms", "cash"), "prepaid"),
        (("100000", "DOLLAR"), "DOLLAR"),
        (("ten", "USD"), "ten"),
        (("100000", "USD", "--interest", "USD"), "USD=4.1%"),
        (("100000", "USD", "--on", "1999-06-01"), "1999-06-01"),
        (("0", "USD"), "negative for a payable"),
        (("1e20", "USD"), "more than any deal"),
        (("nan", "USD"), "not an amount"),
        (("100000", "USD", "--on", "2030-01-01"), "2026-10-30"),
        (("100000", "USD", "--seed", "-1"), "from 0"),
        (("100000", "RUB"), "2022-03-01"),
        (("100000", "USD", "--market", "XX"), "no currency"),
        (("100000", "USD", "--book", "book.toml"), "leave out one"),
        (("--book", "nowhere.toml"), "nowhere.toml"),
        (("100000", "USD", "--ndf-basis", "BRL"), "USD=4.1%"),
        (("100000", "USD", "--deliverable", "BLR"), "BLR"),
        (("100000", "USD", "--reform", "none.toml"), "none.toml"),
        (("100000", "USD", "--out", "page.pdf"), ".html"),
        (("100000", "USD", "--out", "/no/such/folder/page.html"), "page.html"),
    ],
)
def test_careless_input_is_told(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = settle(capsys, *arguments)
    assert code == 2
    assert words in err


def test_the_command_in_both_languages_and_the_same_bytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ("250000", "USD", "--market", "IDN", "--on", "2026-10-30")
    _, english, _ = settle(capsys, *arguments, "--frontier", "--explain")
    _, chinese, _ = settle(capsys, *arguments, "--lang", "zh")
    assert "Bank Indonesia" in english
    assert "计价货币" in chinese
    one, two = (settle(capsys, *arguments, "--json")[1] for _ in range(2))
    assert one == two
    found = json.loads(one)
    assert {each["option"]["currency"] for each in found["choices"]} == {
        "USD",
        "EUR",
        "CNY",
        "IDR",
    }


def test_a_currency_of_the_users_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    own = ("--rate", "AED=3.6725", "--volatility", "AED=0%", "--interest", "AED=4%")
    code, out, _ = settle(capsys, "100000", "USD", "--invoice", "AED", "--invoice", "USD", *own,
                          "--on", "2026-10-30", "--json", "--hedge", "0")  # fmt: skip
    assert code == 0
    by = {each["option"]["currency"]: each["option"] for each in json.loads(out)["choices"]}
    # A peg: the same fall of the dollar, plus the wider spread that is assumed for it.
    assert abs(
        D(by["AED"]["at_mid"]) - D(by["AED"]["low"]) - D(by["USD"]["at_mid"]) + D(by["USD"]["low"])
    ) < D(5000)


def test_a_book_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        '[[deal]]\nname = "汉堡"\namount = "25万"\ncurrency = "EUR"\ndays = 90\n'
        '[[deal]]\namount = "-120000"\ncurrency = "EUR"\ndays = 60\nterms = "sight_lc"\n',
        encoding="utf-8",
    )
    code, out, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30")
    assert code == 0
    assert "48\u00a0%" in out
    path.write_text("[[deal]]\namont = 1\n", encoding="utf-8")  # no good deal at all
    code, _, err = settle(capsys, "--book", str(path))
    assert (code, "amount" in err) == (2, True)


REFORM = """
[reform]
name = "the bank halves its spread and drops its minimum"
[[rate]]
id = "settlement.spread.usd"
value = "0.2%"
[[rate]]
id = "settlement.fees.inward.minimum"
value = 0
[[framework]]
currency = "USD"
counterparty = "Bank of the Moon"
kind = "swap_line"
"""


def reform(tmp_path: Path, text: str = REFORM) -> str:
    path = tmp_path / "reform.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def option_of(out: str, currency: str) -> dict[str, str]:
    found: dict[str, str] = next(
        choice["frontier"][0]
        for choice in json.loads(out)["choices"]
        if choice["option"]["currency"] == currency
    )
    return found


def test_a_reform_changes_spread_fees_and_facts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("20000", "USD", "--on", "2026-10-30", "--json")
    _, today, _ = settle(capsys, *arguments)
    code, after, _ = settle(capsys, *arguments, "--reform", reform(tmp_path))
    assert code == 0
    was, now = option_of(today, "USD"), option_of(after, "USD")
    assert D(now["spread_cost"]) * 2 == pytest.approx(D(was["spread_cost"]), abs=D("0.02"))
    assert D(was["fees"]) == D("66.53")  # 0.05 % of 133,057: above the minimum of 50
    assert D(now["fees"]) == D("66.53")
    rules = {rule["id"]: rule for rule in json.loads(after)["rules"]}
    assert rules["settlement.spread.usd"]["status"] == "user"
    assert rules["settlement.framework.usd.swap_line"]["value"] == "Bank of the Moon"
    small = ("2000", "USD", "--on", "2026-10-30", "--json")
    assert D(option_of(settle(capsys, *small)[1], "USD")["fees"]) == 50
    free = settle(capsys, *small, "--reform", reform(tmp_path))[1]
    assert D(option_of(free, "USD")["fees"]) == D("6.65")


def test_a_dollar_that_falls_brings_less(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("20000", "USD", "--on", "2026-10-30", "--json")
    _, today, _ = settle(capsys, *arguments)
    text = '[reform]\nname = "x"\n[[exchange]]\ncurrency = "USD"\nchange = "-5%"\n'
    _, after, _ = settle(capsys, *arguments, "--reform", reform(tmp_path, text))
    was, now = option_of(today, "USD"), option_of(after, "USD")
    assert D(now["at_mid"]) == pytest.approx(D(was["at_mid"]) * D("0.95"), abs=D("0.02"))
    # The fall at the limit is a share of the rate, so it shrinks alike.
    fall_was, fall_now = (D(x["expected"]) - D(x["low"]) for x in (was, now))
    assert fall_now == pytest.approx(fall_was * D("0.95"), rel=D("0.001"))


def test_a_rate_of_the_users_moves_the_paths_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The share at risk of an open invoice does not hang on where the rate stands."""
    arguments = (
        "100000",
        "BRL",
        "--invoice",
        "BRL",
        "--on",
        "2026-10-30",
        "--hedge",
        "0",
        "--json",
    )
    _, ours, _ = settle(capsys, *arguments)
    code, theirs, _ = settle(capsys, *arguments, "--rate", "BRL=5")
    assert code == 0
    shares = []
    for text in (ours, theirs):
        it = option_of(text, "BRL")
        shares.append((float(it["expected"]) - float(it["low"])) / float(it["at_mid"]))
    assert shares[0] == pytest.approx(shares[1], rel=1e-4)


GOOD_OPTIONS = {
    "--days": ["0", "1", "1080"],
    "--terms": ["D/P", "Usance LC", "prepaid"],
    "--on": ["2026-10-25", "2015-06-01", "2022-03-02"],
    "--cost-cny": ["1e9", "-5"],
    "--risk": ["0%", "100%"],
    "--hedge": ["0", "33.3%"],
    "--interest": ["USD=-1%", "TRY=45%"],
    "--spread": ["USD=0", "BRL=99%"],
    "--rate": ["VND=26300", "BRL=5", "CNY=7"],
    "--volatility": ["VND=4%"],
    "--cover": ["1", "90%"],
    "--pd": ["50%"],
    "--cny-discount": ["99%"],
    "--ndf-basis": ["BRL=-5%"],
    "--deliverable": ["KRW"],
    "--market": ["BRA", "德国", "VNM", "KOR"],
    "--invoice": ["BRL", "VND", "CNY"],
}
OPTION = st.sampled_from(sorted(GOOD_OPTIONS)).flatmap(
    lambda name: st.tuples(
        st.just(name), st.one_of(st.sampled_from(GOOD_OPTIONS[name]), st.text(max_size=5))
    )
)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["250000", "-250000", "1e15", "3万", "0.01"]),
    st.sampled_from(["USD", "EUR", "CNY", "BRL", "VND", "TRY"]),
    st.lists(OPTION, max_size=4),
)
def test_any_options_are_settled_or_told(
    price: str, currency: str, options: list[tuple[str, str]]
) -> None:
    words = [word for pair in options for word in pair]
    assert run(["settle", price, currency, *words]) in (0, 2)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("spread.usd", "spraed.usd", "settlement.spread.usd"),
        ("fees.inward.minimum", "fees.inwrd.minimum", "settlement.fees.inward.minimum"),
        ("0.2%", "20 per cent", "20 per cent"),
        ("value = 0\n", 'value = "-5"\n', "-5"),
        ("[[framework]]", "[[frameworks]]", "framework"),
        ('kind = "swap_line"', 'kind = "swap"', "swap"),
        ('currency = "USD"', 'currency = "USX"', "USX"),
    ],
)
def test_careless_reforms_are_told(
    old: str, new: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = settle(
        capsys, "20000", "USD", "--reform", reform(tmp_path, REFORM.replace(old, new))
    )
    assert code == 2
    assert words in err


def test_the_page_of_a_deal_and_of_a_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "deal.html"
    code, out, _ = settle(capsys, "250000", "USD", "--market", "BRA", "--on", "2026-10-30",
                          "--out", str(page))  # fmt: skip
    assert code == 0
    assert str(page.name) in out.replace("\n", "")
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 1
    assert "PTAX" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    book = tmp_path / "book.toml"
    book.write_text(
        '[[deal]]\namount = "25万"\ncurrency = "EUR"\ndays = 90\naccepts = ["USD"]\n'
        '[[deal]]\namount = "-120000"\ncurrency = "USD"\ndays = 60\n',
        encoding="utf-8",
    )
    code, out, _ = settle(capsys, "--book", str(book), "--on", "2026-10-30", "--lang", "zh",
                          "--out", str(page))  # fmt: skip
    assert code == 0
    assert "自然对冲" in out
    text = page.read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in text
    assert text.count("<svg") == 2


BAD_BOOK = """
[[deal]]
amount = "250000"
currency = "EUR"
days = 90
[[deal]]
amount = "250000"
currency = "EUX"
days = 90
[[deal]]
amount = "12o00"
currency = "USD"
days = 90
[[deal]]
amount = "-12000"
currency = "USD"
days = -3
[[deal]]
amount = 0
currency = "USD"
days = 0
[[deal]]
amount = 1
currency = "USD"
days = 0
accepts = "EUR"
"""


def test_good_deals_are_settled_and_bad_ones_put_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "book.toml"
    path.write_text(BAD_BOOK, encoding="utf-8")
    code, out, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30", "--json")
    assert code == 1
    found = json.loads(out)
    assert len(found["book"]["lines"]) == 1
    assert [error["where"]["row"] for error in found["aside"]] == [6, 10, 14, 18, 22]
    _, words, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30")
    assert "5 of 6 deals are put aside" in words
    assert "did you mean" in words


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_book_from_a_table(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "book.csv"
    path.write_text(
        "名称,金额,币种,天数,付款方式,可接受币种\n"
        '汉堡,"1,250,000",EUR,90,sight-lc,USD CNY\n\n'
        "圣保罗,350万,BRL,120,,USD\n洛杉矶,2000000,USD,ninety,,\n韩国面板,-900000,USD,45,,\n",
        encoding=encoding,
    )
    code, out, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30", "--json")
    assert code == 1
    found = json.loads(out)
    deals = [line["deal"] for line in found["book"]["lines"]]
    assert [d["name"] for d in deals] == ["汉堡", "圣保罗", "韩国面板"]
    assert [float(d["amount"]) for d in deals] == [1_250_000, 3_500_000, -900_000]
    assert [d["days"] for d in deals] == [90, 120, 45]
    assert deals[0]["terms"] == "sight_lc"
    assert deals[0]["accepts"] == ["USD", "CNY"]
    assert [error["where"]["row"] for error in found["aside"]] == [5]


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["EUR", "USD", "欧元", "90", "-1", "1e400", "25万", "１２", "sight_lc", "="]),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(CELL, max_size=7), max_size=5), st.booleans())
def test_any_table_is_a_book_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], headed: bool
) -> None:
    head = (
        [["name", "amount", "currency", "days", "terms", "cost_cny", "accepts"]] if headed else []
    )
    path = tmp_path_factory.mktemp("any") / "book.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows(head + rows)
    try:
        found = read_book(path)
    except InputError as error:
        assert error.where is not None  # noqa: PT017
        return
    assert found.deals
    for deal in found.deals:
        assert deal.amount
        assert 0 <= deal.days <= 1080


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80))
def test_any_text_is_a_book_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "book.toml"
    path.write_text("[[deal]]\n" + text, encoding="utf-8", errors="replace")
    with suppress(InputError):
        assert read_book(path).deals
