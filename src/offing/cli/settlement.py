"""Print what ``offing settle`` found: a deal, a book, the figures behind them, the back-test."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from offing.report import settle_words as words
from offing.report.settle_words import money, percent
from offing.report.terminal import console, print_line, table
from offing.report.words import joined
from offing.settlement.advice import BookAdvice, DealAdvice
from offing.settlement.backtest import BASKET, Coverage
from offing.terms.firm_records import Deal, Records
from offing.terms.messages import say

WIDTH = 20


def print_deal(advice: DealAdvice) -> None:
    """The currencies side by side, and the answer."""
    columns = [
        say(f"settle.column_{name}")
        for name in ("currency", "instrument", "hedge", "expected", "low", "cost", "at_risk")
    ]
    rows = [
        [
            it.currency + ("" if choice.within else " *"),
            words.instrument(it),
            "—" if it.currency == "CNY" else percent(it.hedge_ratio, 0),
            money(it.expected),
            money(it.low),
            money(it.cost),
            percent(it.at_risk),
        ]
        for choice in advice.choices
        for it in [choice.option]
    ]
    out = console()
    out.print(table(words.title(advice), columns, rows, text_columns=(0, 1), wrapped=(1, 2, 6)))
    if not all(choice.within for choice in advice.choices):
        print_line(say("settle.beyond"))
    answer = list(words.deal_answer(advice))
    if answer:
        print_line(joined(answer))


def print_frontier(advice: DealAdvice) -> None:
    """Each hedge ratio as a bar: how far the limit lies below what is expected."""
    for choice in advice.choices:
        if len(choice.frontier) == 1:
            continue
        widest = max(each.at_risk for each in choice.frontier) or Decimal(1)
        rows = [
            [
                percent(each.hedge_ratio, 0),
                money(each.expected),
                money(each.low),
                percent(each.at_risk),
                ("█" * round(each.at_risk / widest * WIDTH)).ljust(WIDTH)
                + (" ←" if each is choice.option else "  "),
            ]
            for each in choice.frontier
        ]
        columns = [
            *(say(f"settle.column_{name}") for name in ("hedge", "expected", "low", "at_risk")),
            "",
        ]
        title = say("settle.title_frontier", currency=choice.option.currency)
        console().print(table(title, columns, rows, text_columns=(0, 4)))


def print_book(advice: BookAdvice) -> None:
    """Each deal, what offsets in each currency, and the whole."""
    book = advice.book
    columns = [
        say(f"settle.column_{name}")
        for name in ("deal", "days", "amount", "currency", "natural", "hedge", "expected")
    ]
    rows = [
        [
            line.deal.name or "—",
            str(line.deal.days),
            f"{line.deal.currency} {line.deal.amount:,}",
            line.option.currency,
            percent(line.natural, 0),
            percent(line.option.hedge_ratio, 0),
            money(line.option.expected),
        ]
        for line in book.lines
    ]
    out = console()
    title = say("settle.title_book", on=advice.market.on)
    out.print(table(title, columns, rows, text_columns=(0, 3), wrapped=(0, 3, 4, 5)))
    if book.nettings:
        names = ("invoiced", "receivable", "payable", "offset", "hedge", "open", "apart")
        netted = [
            [
                each.currency,
                f"{each.receivable:,.0f}",
                f"{each.payable:,.0f}",
                f"{each.offset:,.0f}",
                percent(each.hedge_ratio, 0),
                f"{each.open:,.0f}",
                str(each.days_apart) if each.offset else "—",
            ]
            for each in book.nettings
        ]
        columns = [say(f"settle.column_{name}") for name in names]
        out.print(table(say("settle.natural_table"), columns, netted, wrapped=range(7)))
    sums = [
        [say("settle.book_expected"), money(book.expected)],
        [say("settle.book_low"), money(book.low)],
        [say("settle.book_added"), money(book.low_added)],
    ]
    out.print(table(None, [say("settle.column_sum"), "CNY"], sums))
    print_line(joined(words.book_answer(advice)))
    if not book.within:
        print_line(say("settle.beyond"))


def print_notes(advice: DealAdvice | BookAdvice) -> None:
    """What is assumed, and the facts beside it."""
    for note in words.notes(advice):
        print_line("• " + note)


def print_explained(advice: DealAdvice | BookAdvice) -> None:
    """How each expected figure came about, and every figure and fact behind it."""
    out = console()
    for it in advice.options:
        title = say("settle.title_steps", currency=it.currency)
        columns = [say("settle.column_step"), "CNY"]
        out.print(table(title, columns, words.steps(it)))
    for sentence in words.risk_steps(advice):
        print_line(sentence)
    print_line(say("settle.title_rules"), "bold")
    for use in advice.rules:
        print_line(words.rule(use), indent=2)


def print_aside(file: Records[Deal]) -> None:
    """What to look at in the file, and the deals that could not be used."""
    for key, values in file.notes:
        print_line(("! " if ".caution_" in key else "• ") + say(key, **values))
    if not file.aside:
        return
    count, all_ = len(file.aside), len(file.aside) + len(file.rows)
    print_line(say("settle.aside", count=count, all=all_), "bold")
    for error in file.aside:
        print_line("• " + " ".join(str(error).split("\n")))


def print_backtest(results: Sequence[Coverage], title: str) -> None:
    """How often each limit was exceeded, and whether it holds."""
    columns = [
        say(f"settle.column_{name}")
        for name in ("pair", "horizon", "limits", "hits", "share", "p", "holds")
    ]
    rows = [
        [
            say("settle.basket") if each.currency == BASKET else each.currency,
            str(each.horizon),
            str(each.outcomes),
            str(each.hits),
            f"{each.share * 100:.1f} %",
            f"{each.p_value:.2f}",
            say("settle.yes") if each.holds else say("settle.no"),
        ]
        for each in results
    ]
    out = console()
    out.print(table(title, columns, rows))
    held = sum(each.holds for each in results)
    print_line(say("settle.test_sum", held=held, count=len(results)))
    print_line(say("settle.test_note"))


def backtest_data(results: Sequence[Coverage]) -> list[dict[str, Any]]:
    """The back-test for ``--json``."""
    return [
        {
            "currency": "basket" if each.currency == BASKET else each.currency,
            "horizon_trading_days": each.horizon,
            "limits": each.outcomes,
            "hits": each.hits,
            "share": each.share,
            "p_value": each.p_value,
            "separate_rejected": each.separate_rejected,
            "holds": each.holds,
        }
        for each in results
    ]
