"""What offsets in a book: for each currency what comes in, what goes out, and what stays open."""

from collections.abc import Mapping, Sequence

from offing.report.drawing import WIDTH, Drawing
from offing.settlement.portfolio import Netting
from offing.terms.messages import say
from offing.terms.numbers import fixed_decimals, money

LEFT, RIGHT = 12.0, WIDTH - 12.0
HEAD, GROUP, BAR = 12.0, 78.0, 15.0


def draw(name: str, nettings: Sequence[Netting], worth: Mapping[str, float]) -> str:
    """Bars to the right for what comes in, to the left for what goes out, on one CNY scale.

    Args:
        name: unique on the page.
        nettings: each currency.
        worth: CNY for one unit.
    """
    middle = (LEFT + RIGHT) / 2
    largest = max(
        (worth[n.currency] * float(max(n.receivable, n.payable)) for n in nettings), default=1.0
    )

    def width(amount: float, code: str) -> float:
        return (RIGHT - middle) * amount * worth[code] / (largest or 1.0)

    told = [
        say(
            "settle.natural_desc",
            currency=n.currency,
            receivable=fixed_decimals(n.receivable, 0),
            payable=fixed_decimals(n.payable, 0),
            open=fixed_decimals(n.open, 0),
        )
        for n in nettings
    ]
    height = HEAD + GROUP * len(nettings)
    pen = Drawing(name, height, say("settle.natural_heading"), "; ".join(told))
    for number, n in enumerate(nettings):
        y, code = HEAD + GROUP * number, n.currency
        pen.open(told[number])
        received, paid, offset, hedged, open_ = (
            float(v) for v in (n.receivable, n.payable, n.offset, n.hedged, n.open)
        )
        pen.text(LEFT - 6, y + 10, code, "strong")
        pen.text(RIGHT + 6, y + 10, say("settle.natural_in", amount=money(received, code)), "soft",
                 "end")  # fmt: skip
        if paid:
            pen.text(middle - 8, y + 10, say("settle.natural_out", amount=money(paid, code)),
                     "soft", "end")  # fmt: skip
        top = y + 18
        pen.rect(middle, top, width(received, code), BAR, "tier-low")
        pen.rect(middle - width(paid, code), top, width(paid, code), BAR, "tier-low")
        for start in (middle, middle - width(offset, code)):
            pen.rect(start, top, width(offset, code), BAR, "back-bar")
        start, sign = (offset, 1.0) if received >= paid else (-offset, -1.0)
        for amount, kind in ((abs(hedged), "cost-bar"), (abs(open_), "gain-bar")):
            size = width(amount, code)
            at = middle + width(start, code)
            pen.rect(at if sign > 0 else at - size, top, size, BAR, kind)
            start += sign * amount
        pen.line(middle, top - 4, middle, top + BAR + 4, "axis")
        stays = say("settle.natural_open", amount=money(abs(open_), code))
        pen.text(RIGHT + 6, top + BAR + 16, stays, "strong", "end")
        pen.close()
    return pen.svg()
