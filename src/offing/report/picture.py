"""Pictures that stand alone: a chart as SVG or PNG, a plan as one long PNG for a phone's messenger.

PNGs are drawn by resvg (1.4 MB, for every system, no browser); its fonts are the machine's own.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from offing.planning.plan import Plan
from offing.report.blocks import Actions, Block, Callout, Heading, Text
from offing.report.charts.waterfall import wrap_lines
from offing.report.decision import NamedDecision
from offing.report.drawing import LIGHT, TEXT, Drawing
from offing.report.views import plan as plan_views
from offing.report.views.run import picture as chart_of
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import Language, language, say
from offing.terms.numbers import day, hiding_prices

ACROSS, EDGE, ZOOM = 400.0, 16.0, 2.7
"""Units across the long picture, its margin, and pixels of a unit: 1,080 across."""
LAST_FONT = "DejaVu Sans"
"""Where a machine has none of the fonts of the page's style; Debian has it."""
LETTER = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><desc></desc>'
SIZES = {"title": 19.0, "head": 15.5, "strong": 13.0, "body": 13.0, "soft": 11.5}
"""Heights of its texts."""


@cache
def _rules() -> tuple[tuple[str, str], ...]:
    """Selector and declarations of the plain rules of a page's style, in the light colours."""
    text = resources.files("offing.report").joinpath("templates/page.css").read_text("utf-8")
    light = re.sub(r"var\(--([\w-]+)\)", lambda found: LIGHT.get(found[1], found[0]), text)
    rules = (rule.partition("{") for rule in light.split("@media print")[0].split("}"))
    found = [(selector.strip(), said) for selector, _, said in rules if "@" not in selector + said]
    sizes = ((f"svg .size-{name}", f"font-size:{size}px") for name, size in SIZES.items())
    return (*found, *sizes, ("svg .size-title,svg .size-head", "font-weight:700"))


def standing_svg(svg: str) -> str:
    """A chart with its own style and ground; of two widths, the wide one."""
    svg = svg.rpartition('<div class="pic-wide">')[2].removesuffix("</div>")
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
    """A chart as PNG.

    Raises:
        InputError: ``report.no_fonts`` where the machine has none with letters of the language: a
            picture would have no words.
    """
    if not has_fonts(language()):
        raise InputError("report.no_fonts", lang=language())
    return _drawn(standing_svg(svg))


def _drawn(svg: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM, sans_serif_family=LAST_FONT))


@cache
def has_fonts(lang: Language) -> bool:
    """Whether two letters of a language look different: where there is no font nothing is drawn."""
    one, other = (
        _drawn(standing_svg(f"{LETTER}<text y='15'>{letter}</text></svg>"))
        for letter in {"en": "ab", "zh": "中国"}[lang]
    )
    return one != other


def plan_picture(
    plan: Plan,
    decision: NamedDecision,
    cautions: Iterable[Caution],
    *,
    title: str = "",
    made_up: bool = False,
) -> bytes:
    """What to do, how sure, and the markets, as a long PNG.

    Args:
        plan: of a study.
        decision: that made it.
        cautions: of the study.
        title: with the firm's name and the day, which asks for the names of models and for prices
            too; without it each model has a letter, and a price is left out.
        made_up: whether its sales are invented, which is said.
    """
    with hiding_prices(hidden=not title):
        told = plan_views.what_to_do(plan, decision, cautions)
        facts = plan_views.facts(plan, decision)
    letters = {} if title else _letters(decision.products)
    pen = _LongPicture(letters)
    pen.write(title or say("report.answer_heading"), "title")
    pen.write(say("report.made_up") if made_up else "", "soft")
    pen.write("" if title else day(decision.on), "soft")
    for block in told:
        pen.tell(block)
    for fact in facts:
        pen.write(f"{fact.name}{say('report.colon')}{fact.value}", "strong")
        pen.write(fact.remark, "soft", 14)
    if (chart := chart_of(plan, decision.figures)) is not None:
        pen.write(chart.heading, "head")
        pen.place(chart.svg)
        pen.write(chart.caption, "soft")
    return png(pen.svg())


def _letters(products: Mapping[str, str]) -> dict[str, str]:
    """Name or key of a model → its letter, the longest first."""
    letters = dict[str, str]()
    for at, (key, name) in enumerate(products.items()):
        letter = say("report.model_letter", letter=chr(ord("A") + at % 26) * (at // 26 + 1))
        letters |= dict.fromkeys((name, name.removesuffix(f" ({key})"), key), letter)
    return {word: letters[word] for word in sorted(letters, key=len, reverse=True)}


class _LongPicture(Drawing):
    """A drawing that grows downwards, with words in the place of others."""

    def __init__(self, instead: Mapping[str, str]) -> None:
        super().__init__("long", EDGE, say("report.answer_heading"), "", ACROSS)
        self._instead = instead

    def write(self, text: str, size: str = "body", indent: float = 0) -> None:
        """A text in lines that fit, below what is there."""
        for word, other in self._instead.items():
            text = re.sub(re.escape(word), other, text, flags=re.IGNORECASE)
        room = (ACROSS - 2 * EDGE - indent) * TEXT / SIZES[size]
        for line in wrap_lines(text, room) if text else ():
            self.height += SIZES[size] * 1.4
            kind = {"strong": "strong ours-text", "soft": "soft"}.get(size, "")
            self.text(EDGE + indent, self.height, line, f"size-{size} {kind}".strip())
        self.height += 5

    def tell(self, block: Block) -> None:
        """A block of what to do, below what is there."""
        match block:
            case Text(sentences, kind):
                for sentence in sentences:
                    self.write(sentence, "soft" if kind == "note" else "body")
            case Heading(text):
                self.write(text, "head")
            case Callout(text):
                self.write(f"! {text}", "soft")
            case Actions(items):
                for item in items:
                    self.write(item.text)
                    self.write(item.gain, "strong")
                    self.write(item.remark, "soft", 14)

    def place(self, svg: str) -> None:
        """A chart, below what is there."""
        width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
        across, down = ACROSS - 2 * EDGE, height * (ACROSS - 2 * EDGE) / width
        where = f'x="{EDGE}" y="{self.height + 8}" width="{across}" height="{down}"'
        self.parts.append(svg.replace("<svg", f"<svg {where}", 1))
        self.height += down + 16
