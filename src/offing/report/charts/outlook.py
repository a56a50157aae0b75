"""What all exporters of the origin may sell in a segment h years on: a fan from today."""

from collections.abc import Sequence

from offing.market.shape import Segment
from offing.report import words
from offing.report.drawing import Drawing, fits
from offing.report.numbers import money
from offing.terms.countries import country_name
from offing.terms.messages import say

PANEL_WIDTH, PANEL_HEIGHT, GAP = 172.0, 132.0, 16.0


def draw(name: str, product: str, segments: Sequence[Segment]) -> str:
    """Small fans, two in a row, each on its own scale from nothing."""
    rows = (len(segments) + 1) // 2
    said = "; ".join(
        say(
            "report.outlook_desc_row",
            segment=words.segment(s.market, s.tier),
            base=money(s.outlook.base_usd),
            expected=money(s.outlook.expected_usd),
            low=money(s.outlook.low80),
            high=money(s.outlook.high80),
        )
        for s in segments
    )
    pen = Drawing(
        name,
        rows * (PANEL_HEIGHT + GAP),
        say("report.outlook_title", product=product),
        said,
    )
    for number, segment in enumerate(segments):
        left = (number % 2) * (PANEL_WIDTH + GAP)
        _fan(pen, segment, left, number // 2 * (PANEL_HEIGHT + GAP))
    return pen.svg()


def _fan(pen: Drawing, segment: Segment, left: float, top: float) -> None:
    look = segment.outlook
    bottom, roof = top + PANEL_HEIGHT - 18, top + 38
    high = max(look.high80, look.base_usd, look.expected_usd) or 1.0
    start, end = left + 14, left + PANEL_WIDTH - 90

    def y(value: float) -> float:
        return bottom - (bottom - roof) * max(value, 0) / high

    tier = words.tier(segment.tier)
    name = fits(country_name(segment.market), PANEL_WIDTH, words.short_name(segment.market))
    pen.text(left, top + 12, name, "strong")
    pen.text(left, top + 26, tier, "soft")
    pen.line(left, bottom, left + PANEL_WIDTH, bottom, "axis")
    a, mid, low, top80 = (y(v) for v in (look.base_usd, look.expected_usd, look.low80, look.high80))
    pen.path(f"M{start:.1f} {a:.1f}L{end:.1f} {top80:.1f}V{low:.1f}Z", "fan")
    pen.path(f"M{start:.1f} {a:.1f}L{end:.1f} {mid:.1f}", "fan-line")
    pen.circle(start, a, 4.5, "today")
    pen.circle(end, mid, 5, "rival")
    pen.text(end + 9, min(max(mid + 4.2, roof + 6), bottom - 3), money(look.expected_usd))
    pen.text(start, bottom + 14, str(look.base_year), "soft", "middle")
    pen.text(end, bottom + 14, str(look.base_year + look.horizon), "soft", "middle")
