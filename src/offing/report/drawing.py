"""A small pen for SVG: shapes with classes, so that one style sheet colours page and pictures.

Pictures are drawn ``WIDTH`` units wide, about the width of a phone. So their text stays legible
there, and on a wide screen several stand side by side. A picture that stands alone is drawn once
more, ``PAGE`` units wide; the style sheet shows the one that fits.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from importlib import resources
from math import ceil, floor, fsum, log10
from typing import Any

from offing.terms.messages import set_inside

WIDTH = 360
"""Units across a picture; text is 12 units high."""

PAGE = 960
"""Units across a picture that has a wide screen to itself."""

TEXT = 12.0

Scale = Callable[[float], float]
"""From a value to a place in the picture."""


@dataclass(frozen=True)
class Axis:
    """A :data:`Scale` on which ``low`` stands at ``start`` and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Lanes:
    """Where the label, the line and the value of a row stand.

    Attributes:
        width: of the picture.
        left: where the lines begin.
        right: where they end.
        row: height of a row.
        label: left end of the labels.
        label_at: how far their baseline lies under the top of the row.
        label_room: width of a label.
        value: right end of the values.
        line_at: how far the line lies under the top of the row.
    """

    width: float
    left: float
    right: float
    row: float
    label: float
    label_at: float
    label_room: float
    value: float
    line_at: float


STACKED = Lanes(WIDTH, 10, WIDTH - 10, 44, 4, 18, 230, WIDTH - 4, 31)
"""The label and the value over the line, for a phone."""

BESIDE = Lanes(PAGE, 220, PAGE - 110, 28, 4, 18, 200, PAGE - 4, 14)
"""The label to the left of the line and the value to its right, for a wide screen."""


def two_sizes(narrow: str, wide: str) -> str:
    """A picture in both widths; the style sheet shows one of them."""
    return f'<div class="pic-narrow">{narrow}</div><div class="pic-wide">{wide}</div>'


def draw_twice(draw: Callable[..., str], name: str, *of: Any, **wide: Any) -> str:
    """A picture for a phone, and beside it one for a wide screen.

    Args:
        draw: from a name that is unique on the page, and ``of`` what it is drawn.
        name: of the first; the other's ends with ``-wide``.
        *of: what both show.
        **wide: how the wide one is drawn.
    """
    return two_sizes(draw(name, *of), draw(f"{name}-wide", *of, **wide))


BOLD = 1.1
"""How much wider a bold text is set."""


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    """About how wide a text is set: a Chinese character, or an arrow, is as wide as it is high."""
    wide = fsum(
        size if ord(c) > 0x2E80 or c == "→" else size * (0.62 if c.isupper() else 0.54)
        for c in text
    )
    return wide * BOLD if bold else wide


def fits(text: str, width: float, instead: str) -> str:
    """The text where it fits into ``width``, else a shorter one; never a text that is cut."""
    return text if text_width(text) <= width else instead


def _number(value: float | int | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


_rows: ContextVar[Mapping[str, str]] = ContextVar("offing_rows", default={})  # noqa: B039


def leading_to(rows: Mapping[str, str]) -> AbstractContextManager[None]:
    """A group drawn inside the block leads to the row with whose name it begins: name → address."""
    return set_inside(_rows, rows)


class Drawing:
    """One picture. Attributes are given as keywords; ``cls`` is the class."""

    def __init__(self, name: str, height: float, title: str, desc: str, width: float = WIDTH):
        self.name, self.width, self.height = name, width, height
        self.title, self.desc = title, desc
        self.parts: list[str] = []
        self._ends: list[str] = []
        self._role = "img"

    def _add(self, tag: str, attributes: dict[str, float | int | str], inner: str = "") -> None:
        written = "".join(
            f' {"class" if key == "cls" else key.replace("_", "-")}="{escape(_number(value))}"'
            for key, value in attributes.items()
            if value != ""
        )
        self.parts.append(f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>")

    def rect(
        self, x: float, y: float, width: float, height: float, cls: str, rx: float = 0
    ) -> None:
        """A rectangle; negative sizes are drawn as none."""
        size = {"width": max(width, 0), "height": max(height, 0)}
        self._add("rect", {"x": x, "y": y, **size, "cls": cls, "rx": rx or ""})

    def line(self, x1: float, y1: float, x2: float, y2: float, cls: str) -> None:
        """A straight line."""
        self._add("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "cls": cls})

    def whisker(self, low: float, high: float, y: float, cls: str) -> None:
        """An interval: a line with an end at each side."""
        self.line(low, y, high, y, cls)
        for end in (low, high):
            self.line(end, y - 4, end, y + 4, cls)

    def circle(self, x: float, y: float, radius: float, cls: str) -> None:
        """A circle."""
        self._add("circle", {"cx": x, "cy": y, "r": radius, "cls": cls})

    def path(self, d: str, cls: str, transform: str = "") -> None:
        """A path."""
        self._add("path", {"d": d, "cls": cls, "transform": transform})

    def text(
        self, x: float, y: float, text: str, cls: str = "", anchor: str = "", size: float = 0
    ) -> None:
        """A line of text with its baseline at ``y``; ``anchor`` is ``middle`` or ``end``."""
        self._add(
            "text",
            {"x": x, "y": y, "cls": cls, "text-anchor": anchor, "font-size": size or ""},
            escape(text, quote=False),
        )

    def open(self, told: str) -> None:
        """Begin a group that says its value, on hover or where the keyboard has stepped to."""
        names = [name for name in _rows.get() if f"{told} ".startswith(f"{name} ")]
        tag, end, self._role = "<g>", "</g>", "group" if names else self._role
        if names:
            tag, end = f'<a href="#{_rows.get()[max(names, key=len)]}">', "</a>"
        self._ends.append(end)
        self.parts.append(f"{tag}<title>{escape(told, quote=False)}</title>")

    def close(self) -> None:
        """End a group."""
        self.parts.append(self._ends.pop())

    def svg(self) -> str:
        """The picture with its title and description, for a screen reader."""
        size = f"0 0 {_number(self.width)} {_number(self.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="{self._role}" '
            f'aria-labelledby="{self.name}-t {self.name}-d">'
            f'<title id="{self.name}-t">{escape(self.title, quote=False)}</title>'
            f'<desc id="{self.name}-d">{escape(self.desc, quote=False)}</desc>'
            f"{''.join(self.parts)}</svg>"
        )


def linear_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round values from ``low`` to ``high``.

    >>> linear_ticks(0, 70, about=4)
    [0.0, 20.0, 40.0, 60.0]
    """
    if high <= low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = ceil(low / step - 1e-9)
    count = floor(high / step + 1e-9) - first + 1
    return [round((first + i) * step, 10) for i in range(max(count, 0))]


def log_ticks(low: float, high: float) -> list[float]:
    """Values 1, 2, 5, 10 … from ``low`` to ``high``; only every decade over a wide range.

    >>> log_ticks(80, 1100)
    [100.0, 200.0, 500.0, 1000.0]
    """
    steps = (1, 2, 5) if high / low < 300 else (1,)
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    values = [round(m * 10.0**d, 10) for d in decades for m in steps]
    return [v for v in values if low <= v <= high]


def space_apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, in their order, at least ``gap`` apart, between the ends.

    >>> space_apart([10, 11, 95], 10, 0, 100), space_apart([95, 97], 10, 0, 100)
    ([10, 20, 95], [90, 100])
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed, least, most = list(wanted), low, high
    for i in order:
        placed[i] = max(placed[i], least)
        least = placed[i] + gap
    for i in reversed(order):
        placed[i] = min(placed[i], most)
        most = placed[i] - gap
    return placed


Theme = dict[str, str]


@cache
def style() -> str:
    """The style sheet of pages and pictures; it begins with the colours, paper always light."""
    return resources.files("offing.report").joinpath("templates/page.css").read_text("utf-8")


@cache
def themes() -> tuple[Theme, Theme]:
    """The colours by name, light and dark, as the style sheet has them."""
    light, dark, *_ = (
        dict(re.findall(r"(?<!-)--([\w-]+):(#\w+)", rule))
        for rule in re.findall(r":root\{(.*?)\}", style())
    )
    return light, dark
