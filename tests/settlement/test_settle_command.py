"""The settle command: what it prints and writes, books from files, reforms, and careless input."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.cli.app import run
from offing.sources.deals import read_deals
from offing.terms.errors import InputError
from written import written

D = Decimal


def settle(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["settle", *arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--book"), (("100000", "USD", "--days", "-3"), "-3"),
        (("ten", "USD"), "ten"),
        (("1e20", "USD"), "more than any deal"),
        (("100000", "USD", "--market", "XX"), "no currency"),
        (("100000", "USD", "--deliverable", "BLR"), "BLR"),
    ],
)  # fmt: skip
def test_careless_input_is_told(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = settle(capsys, *arguments)
    assert code == 2
    assert words in err


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
    return str(written(tmp_path, text))


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


GOOD_OPTIONS = {
    "--days": ["0", "1", "1080"], "--terms": ["D/P", "Usance LC", "prepaid"],
    "--on": ["2026-10-25", "2015-06-01", "2022-03-02"], "--cost-cny": ["1e9", "-5"],
    "--risk": ["0%", "100%"], "--hedge": ["0", "33.3%"], "--interest": ["USD=-1%", "TRY=45%"],
    "--spread": ["USD=0", "BRL=99%"], "--rate": ["VND=26300", "BRL=5", "CNY=7"],
    "--volatility": ["VND=4%"], "--cover": ["1", "90%"], "--pd": ["50%"],
    "--cny-discount": ["99%"], "--ndf-basis": ["BRL=-5%"], "--deliverable": ["KRW"],
    "--market": ["BRA", "德国", "VNM", "KOR"], "--invoice": ["BRL", "VND", "CNY"],
}  # fmt: skip
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
accepts = "EUX"
"""


def test_good_deals_are_settled_and_bad_ones_put_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "book.toml"
    path.write_text(BAD_BOOK, encoding="utf-8")
    code, out, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30", "--json")
    assert code == 2
    found = json.loads(out)
    assert len(found["book"]["lines"]) == 1
    assert [error["where"]["row"] for error in found["aside"]] == [6, 10, 14, 18, 22]
    _, words, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30")
    assert "5 of 6 rows are in quarantine" in words
    assert "a three-letter ISO 4217 code, such as USD" in " ".join(words.split())


@pytest.mark.parametrize("name", ["book.csv", "book.toml"])
def test_a_deal_in_a_currency_without_history_is_put_aside(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the riyal the rate is known and how it moves is not; of the Taiwan dollar neither is."""
    deals = [("USD", ""), ("SAR", ""), ("TWD", ""), ("EUR", "SAR")]
    rows = [f"250000,{code},60,{accepts}" for code, accepts in deals]
    tables = [f'[[deal]]\namount = 250000\ncurrency = "{code}"\ndays = 60\naccepts = "{accepts}"'
              for code, accepts in deals]  # fmt: skip
    table = "\n".join(["amount,currency,days,accepts", *rows] if name == "book.csv" else tables)
    (path := tmp_path / name).write_text(table, encoding="utf-8")
    asked = ("--book", str(path), "--on", "2026-10-30", "--json")
    code, out, _ = settle(capsys, *asked)
    found = json.loads(out)
    assert (code, len(found["book"]["lines"])) == (2, 1)
    places = [error["where"]["row"] for error in found["aside"]]
    assert places == ([3, 4, 5] if name == "book.csv" else [6, 11, 16])
    code, out, _ = settle(capsys, *asked, "--volatility", "SAR=0%")
    assert len(json.loads(out)["book"]["lines"]) == 3


@pytest.mark.parametrize(
    ("heading", "cell", "amount", "key"),
    [
        ("name", "面板采购款 应付", "250000", "settle.other_sign"),
        ("成本(美元)", "35000", "250000", "sources.foreign_heading"),
        ("name", "付款保函客户", "250000", None),
        ("成本(元)", "1500000", "250000", None),
    ],
)
def test_a_deal_is_what_its_words_say(
    heading: str, cell: str, amount: str, key: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "book.csv"
    path.write_text(f"amount,currency,days,{heading}\n{amount},EUR,90,{cell}\n", encoding="utf-8")
    if key is None:
        assert not read_deals(path).quarantined
        return
    with pytest.raises(InputError) as found:
        read_deals(path)
    assert found.value.key == key


@pytest.mark.parametrize(
    ("table", "deals", "refused"),
    [
        ("类型,金额\n应收,100\n应付,40", [("", 100, 30), ("", -40, 30)], []),
        ("类型,金额\n应付,-100\n应付,40", [("", -100, 30)], ["settle.other_sign"]),
        ("到期日,账期\n2026-11-29,90", [("", 1, 30)], []),
        ("到期日,天数\n2026-11-29,30", [("", 1, 30)], []),
        ("到期日,天数\n2026-11-29,90", [], ["settle.other_due"]),
        ("到期日,账期,付款方式\n2026-11-29,60,T/T 90天", [("", 1, 30)], []),
        ("客户,合同号\n汉堡,HT-01\n汉堡,HT-02", [("汉堡 HT-01", 1, 30), ("汉堡 HT-02", 1, 30)], []),
    ],
)
def test_a_list_of_receivables_is_read_as_it_is_kept(
    table: str, deals: list[tuple[str, int, int]], refused: list[str], tmp_path: Path
) -> None:
    usual = {"金额": "1", "币种": "EUR", "天数": "30"}
    head, *rows = table.splitlines()
    more = {k: v for k, v in usual.items() if k not in head.split(",")}
    if "到期日" in head:
        more.pop("天数", None)
    lines = [",".join([head, *more]), *(",".join([row, *more.values()]) for row in rows)]
    (file := tmp_path / "book.csv").write_text("\n".join(lines), encoding="utf-8")
    if not deals:
        with pytest.raises(InputError) as error:
            read_deals(file, date(2026, 10, 30))
        assert [error.value.key] == refused
        return
    read = read_deals(file, date(2026, 10, 30))
    assert [(d.name, int(d.amount), d.days) for d in read.rows] == deals
    assert [error.key for error in read.quarantined] == refused


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["EUR", "USD", "欧元", "90", "-1", "1e400", "25万", "１２", "sight_lc", "="]),
)


@settings(deadline=None, max_examples=100)
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
        found = read_deals(path)
    except InputError as error:
        assert error.where is not None  # noqa: PT017
        return
    assert found.rows
    for deal in found.rows:
        assert deal.amount
        assert 0 <= deal.days <= 1080


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
    assert code == 2
    found = json.loads(out)
    deals = [line["deal"] for line in found["book"]["lines"]]
    assert [d["name"] for d in deals] == ["汉堡", "圣保罗", "韩国面板"]
    assert [float(d["amount"]) for d in deals] == [1_250_000, 3_500_000, -900_000]
    assert [d["days"] for d in deals] == [90, 120, 45]
    assert deals[0]["terms"] == "sight_lc"
    assert deals[0]["accepts"] == ["USD", "CNY"]
    assert [error["where"]["row"] for error in found["aside"]] == [5]


def test_a_hedge_of_the_users_own_is_not_called_all_that_is_possible(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = settle(capsys, "250000", "USD", "--hedge", "0", "--lang", "en")
    assert "* beyond the risk limit, with the hedge shown" in " ".join(out.split())


def test_a_large_amount_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = settle(capsys, "1e13", "CNY", "--lang", "en")
    assert "CNY 10,000,000,000,000" in out


def test_a_negative_amount_is_said_to_be_a_payable(capsys: pytest.CaptureFixture[str]) -> None:
    assert "USD 500 to pay (a negative amount is a payable)" in settle(capsys, "-500", "USD")[1]
    assert "应付款（负数金额表示应付）" in settle(capsys, "-500", "USD", "--lang", "zh")[1]
    assert "to pay" not in settle(capsys, "500", "USD")[1]


@pytest.mark.parametrize(
    ("deal", "line"),
    [
        (("10000000", "JPY", "--interest", "JPY=1%"), "JPY 10,000,000 ×"),
        (("100000000", "KRW", "--interest", "KRW=2.5%"), "KRW 100,000,000 ×"),
        (("-100000", "USD"), "100% bought at"),
    ],
)
def test_the_steps_are_of_the_deals_own_amount(
    deal: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    day = "--on", "2026-10-30"
    assert line in settle(capsys, *deal, *day, "--hedge", "100%", "--explain")[1]


def test_a_book_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        '[[deal]]\nname = "汉堡"\namount = "25万"\ncurrency = "EUR"\ndays = 90\n'
        '[[deal]]\namount = "-120000"\ncurrency = "EUR"\ndays = 60\nterms = "sight_lc"\n',
        encoding="utf-8",
    )
    code, out, _ = settle(capsys, "--book", str(path), "--on", "2026-10-30")
    assert code == 0
    assert "48%" in out
    _, out, _ = settle(
        capsys, "--book", str(path), "--on", "2026-10-30", "--hedge", "0", "--explain"
    )
    for said in (
        "汉堡, EUR: from the price",
        "2, EUR: from the price",
        "fall of the rate",
        "rise of",
    ):
        assert out.count(said) == 1
    path.write_text("[[deal]]\namont = 1\n", encoding="utf-8")  # no good deal at all
    code, _, err = settle(capsys, "--book", str(path))
    assert (code, "amount" in err) == (2, True)


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
        "100000", "BRL", "--invoice", "BRL", "--on", "2026-10-30", "--hedge", "0", "--json",
    )  # fmt: skip
    _, ours, _ = settle(capsys, *arguments)
    code, theirs, _ = settle(capsys, *arguments, "--rate", "BRL=5")
    assert code == 0
    shares = []
    for text in (ours, theirs):
        it = option_of(text, "BRL")
        shares.append((float(it["expected"]) - float(it["low"])) / float(it["at_mid"]))
    assert shares[0] == pytest.approx(shares[1], rel=1e-4)


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


def test_a_row_of_a_book_with_too_many_cells_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text(
        "name,amount,currency,days,accepts\nA,250000,EUR,９０,\nB,250000,EUR,90,USD,CNY\n",
        encoding="utf-8",
    )
    book = read_deals(path)
    assert [deal.days for deal in book.rows] == [90]
    (error,) = book.quarantined
    assert error.key == "refund.too_many_cells"
    assert error.where is not None
    assert error.where.row == 3


def test_a_gain_is_measured_against_the_deals_own_currency(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A euro deal in yuan: the gain is the yuan's expected sum less the bare euro's."""
    deal = ("100000", "EUR", "--on", "2026-10-30")
    _, out, _ = settle(capsys, *deal)
    assert "Against EUR without a hedge" in out
    _, text, _ = settle(capsys, *deal, "--json")
    choices = json.loads(text)["choices"]
    best = max(choices, key=lambda one: D(one["option"]["low"]))
    bare = next(one["frontier"][0] for one in choices if one["option"]["currency"] == "EUR")
    gain = D(best["option"]["expected"]) - D(bare["expected"])
    assert f"{gain:+,.0f} expected" in out
