"""Everything that is text can be read: contrast after WCAG 2.2, computed."""

import pytest

from offing.report.drawing import Theme, themes

LIGHT, DARK = themes()

TEXT_ON: tuple[tuple[str, str], ...] = (
    ("ink", "paper"), ("ink", "panel"), ("ink", "low"), ("ink", "medium"), ("ink", "high"),
    ("ink", "land"), ("ink", "bar"), ("soft", "paper"), ("soft", "panel"), ("ours", "paper"),
    ("ours", "panel"), ("on-ours", "ours"), ("other", "paper"), ("other", "panel"),
    ("good", "paper"), ("bad", "paper"), ("bad", "panel"), ("bad", "bar"), ("care", "care-panel"),
    ("care", "paper"),
)  # fmt: skip
"""Which colour is text on which: each must have a contrast of 4.5 at least (WCAG 2.2, 1.4.3)."""

SHAPES_ON: tuple[tuple[str, str], ...] = (
    ("ours", "land"), ("other", "land"), ("other", "low"), ("ours", "high"),
)  # fmt: skip
"""Which colour is a shape on which: a contrast of 2.2 at least, since each is labelled too."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours after WCAG 2.2, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_has_contrast(theme: Theme, text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES_ON)
def test_shapes_stand_out(theme: Theme, shape: str, ground: str) -> None:
    assert contrast(theme[shape], theme[ground]) >= 2.2


def test_contrast_is_that_of_the_standard() -> None:
    # #767676 on white is the often quoted lightest grey that passes: 4.54.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_tiers_keep_their_order_in_grey_print() -> None:
    steps = [contrast(LIGHT[tier], "#000000") for tier in ("low", "medium", "high")]
    assert steps == sorted(steps, reverse=True)


def test_both_themes_have_the_same_names() -> None:
    assert set(LIGHT) == set(DARK)
