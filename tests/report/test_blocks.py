"""A picture is drawn where it is shown, and nowhere else."""

from collections.abc import Iterator

from offing.report.blocks import Figure
from offing.terms.messages import language, speaking


def figure(drawn: list[str]) -> Figure:
    def draw() -> str:
        drawn.append(language())
        return f"<svg>{language()}</svg>"

    return Figure("one", "One", draw, "")


def test_a_picture_speaks_as_its_caption_and_is_drawn_once() -> None:
    drawn: list[str] = []
    with speaking("zh"):
        told = figure(drawn)

    def shown() -> Iterator[str]:
        for _ in range(2):
            with speaking("en"):
                yield told.svg

    assert list(shown()) == ["<svg>zh</svg>"] * 2
    assert drawn == ["zh"]
