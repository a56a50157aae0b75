"""What all exporters of the origin may sell in a segment h years on: a fan from today."""

from collections.abc import Sequence

from offing.forecast.results import Segment
from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, fits
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import money, moneys

PANEL_HEIGHT, GAP = 132.0, 16.0
STEPS = 12
"""Of an edge of the fan: uncertainty grows with the root of time, so edges are bent."""


def _description(segment: Segment) -> str:
    outlook = segment.outlook
    amount = moneys([outlook.base_usd, outlook.expected_usd, outlook.low80, outlook.high80])
    name, ends = (
        words.segment(segment.market, segment.tier),
        (outlook.base_usd, outlook.expected_usd),
    )
    told = " → ".join(map(amount, ends))
    return f"{name} {told} ({amount.between(outlook.low80, outlook.high80)})"


def draw(
    name: str, product: str, segments: Sequence[Segment], width: float = WIDTH, across: int = 2
) -> str:
    """Small fans, ``across`` in a row, each on its own scale from nothing."""
    rows = -(-len(segments) // across)
    panel = (width - GAP * (across - 1)) / across
    described = words.series(_description(s) for s in segments)
    pen = Drawing(
        name,
        rows * (PANEL_HEIGHT + GAP),
        say("report.outlook_title", product=product),
        described,
        width=width,
    )
    for number, segment in enumerate(segments):
        left = (number % across) * (panel + GAP)
        pen.open(_description(segment))
        _fan(pen, segment, (left, number // across * (PANEL_HEIGHT + GAP)), panel)
        pen.close()
    return pen.svg()


def _fan(pen: Drawing, segment: Segment, corner: tuple[float, float], panel: float) -> None:
    left, top = corner
    outlook = segment.outlook
    bottom, roof = top + PANEL_HEIGHT - 18, top + 38
    ends = [v for v in (outlook.high80, outlook.base_usd, outlook.expected_usd) if v is not None]
    high = max(ends) or 1.0
    start, end = left + 14, left + panel - 90
    y = Axis(0.0, high, bottom, roof)
    tier = words.tier(segment.tier)
    name = fits(country_name(segment.market), panel, words.short_name(segment.market))
    pen.text(left, top + 12, name, "strong")
    pen.text(left, top + 26, tier, "soft")
    pen.line(left, bottom, left + panel, bottom, "axis")
    mid = y(max(outlook.expected_usd, 0))

    def edge(later: float, power: float, steps: range = range(STEPS + 1)) -> str:
        """From today's sales to later ones, or back, as a path."""
        points = []
        for step in steps:
            passed = step / STEPS
            value = outlook.base_usd + (later - outlook.base_usd) * passed**power
            points.append(f"{start + (end - start) * passed:.1f} {y(max(value, 0)):.1f}")
        return "L".join(points)

    back = range(STEPS, -1, -1)
    fans: tuple[tuple[float | None, float | None, str], ...] = (
        (outlook.low80, outlook.high80, "fan"),
        (outlook.low50, outlook.high50, "fan-inner"),
    )
    for lower, upper, cls in fans:
        if lower is None or upper is None:
            continue
        pen.path(f"M{edge(upper, 0.5)}L{edge(lower, 0.5, back)}Z", cls)
    pen.path(f"M{edge(outlook.expected_usd, 1.0)}", "fan-line")
    pen.circle(start, y(max(outlook.base_usd, 0)), 4.5, "today")
    pen.circle(end, mid, 5, "rival")
    pen.text(end + 9, min(max(mid + 4.2, roof + 6), bottom - 3), money(outlook.expected_usd))
    pen.text(start, bottom + 14, str(outlook.base_year), "soft", "middle")
    pen.text(end, bottom + 14, str(outlook.base_year + outlook.horizon), "soft", "middle")
