"""Everything that is text can be read: contrast after WCAG 2.2, computed."""

import pytest

from offing.report.palette import DARK, LIGHT, SHAPES_ON, TEXT_ON, Theme, contrast


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
