"""Lay a study out as one HTML page that needs nothing else: no script, no font, no network."""

from importlib import resources
from typing import Any

from offing.report import palette
from offing.report.numbers import day
from offing.report.sections import SECTIONS, answer
from offing.study.shape import StudyResult
from offing.terms.messages import Language, say, speaking

HTML_LANG = {"en": "en", "zh": "zh-Hans"}


def _template() -> Any:
    from jinja2 import Environment, PackageLoader

    return Environment(
        loader=PackageLoader("offing.report", "templates"), autoescape=True
    ).get_template("page.html")


def write_report(result: StudyResult, lang: Language) -> str:
    """The report as the text of an HTML file. The same result gives the same text.

    Args:
        result: a finished study.
        lang: the language of every sentence.
    """
    style = resources.files("offing.report").joinpath("templates/page.css")
    with speaking(lang):
        sections = [made for section in SECTIONS if (made := section(result)) is not None]
        text: str = _template().render(
            say=say,
            html_lang=HTML_LANG[lang],
            title=result.title(lang),
            firm=result.firm.name(lang),
            about=say(
                "report.for_firm",
                firm=result.firm.name(lang),
                city=result.firm.city(lang),
                on=day(result.on),
            ),
            made_up=result.firm.made_up,
            css=palette.css() + "\n" + style.read_text(encoding="utf-8"),
            answer=answer.sentences(result),
            facts=answer.facts(result),
            sections=sections,
        )
    return text + "\n"
