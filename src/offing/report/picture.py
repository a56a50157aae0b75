"""A chart that stands alone, as SVG or PNG.

PNGs are drawn by Typst, which needs no browser; its fonts are the machine's own.
"""

import re
from functools import cache
from typing import Literal

from offing.report.drawing import style, themes
from offing.terms.errors import InputError
from offing.terms.messages import Language, language

PPI = 96 * 2.7
"""Pixels of an inch: 2.7 of a unit of a chart, 1,080 across a phone's page."""
SETTING = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.told), format: "svg")"""
LETTER = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><desc></desc>'


@cache
def _rules() -> tuple[tuple[str, str], ...]:
    """Selector and declarations of the plain rules of a page's style, in the light colours."""
    colours, _ = themes()
    light = re.sub(r"var\(--([\w-]+)\)", lambda found: colours.get(found[1], found[0]), style())
    rules = (rule.partition("{") for rule in light.split("@media print")[0].split("}"))
    found = [(selector.strip(), said) for selector, _, said in rules if "@" not in selector + said]
    return tuple(found)


def standing_svg(svg: str, *, narrow: bool = False) -> str:
    """A chart with its own style and ground; of two widths, the wide one or that of a phone."""
    one, _, other = svg.removesuffix("</div>").partition('</div><div class="pic-wide">')
    svg = one.removeprefix('<div class="pic-narrow">') if narrow or not other else other
    classes = {name for value in re.findall(r'class="([^"]+)"', svg) for name in value.split()}
    style = "".join(
        f"{selector}{{{declared}}}"
        for selector, declared in _rules()
        if selector == "svg text" or classes & {*re.findall(r"\.([\w-]+)", selector)}
    )
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    ground = f'<style>{style}</style><rect width="{width}" height="{height}" fill="#fff"/>'
    sized = svg.replace(" viewBox=", f' width="{width}" height="{height}" viewBox=', 1)
    return sized.replace("</desc>", f"</desc>{ground}", 1)


def png(svg: str) -> bytes:
    """A chart as PNG, as :func:`typeset`."""
    return typeset(SETTING, standing_svg(svg))


def typeset(style: bytes, told: str, form: Literal["pdf", "png"] = "png") -> bytes:
    """A page in a style of Typst, which has what is told as its input of that name.

    Raises:
        InputError: ``report.no_fonts`` where the machine has none with letters of the language: a
            picture would have no words.
    """
    if not has_fonts(language()):
        raise InputError("report.no_fonts", lang=language())
    return _drawn(style, told, form)


def _drawn(style: bytes, told: str, form: Literal["pdf", "png"] = "png") -> bytes:
    import typst

    return typst.compile(style, format=form, ppi=PPI, sys_inputs={"told": told})


@cache
def has_fonts(lang: Language) -> bool:
    """Whether two letters of a language look different: where there is no font nothing is drawn."""
    one, other = (
        _drawn(SETTING, standing_svg(f"{LETTER}<text y='15'>{letter}</text></svg>"))
        for letter in {"en": "ab", "zh": "中国"}[lang]
    )
    return one != other
