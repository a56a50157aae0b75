"""Lay a study out as one HTML page that needs nothing else: no script, no font, no network."""

from dataclasses import replace
from typing import Any

from offing.report.decision import NamedDecision
from offing.report.layout import lay_out
from offing.report.sections import section_of, sections
from offing.report.views import plan, run, whatif
from offing.study.result import StudyResult
from offing.terms.messages import Language, language, say, speaking
from offing.terms.numbers import day


def _about(result: StudyResult) -> dict[str, Any]:
    return {
        "firm": result.firm.name(language()),
        "about": say(
            "report.for_firm",
            firm=result.firm.name(language()),
            city=result.firm.city(language()),
            on=day(result.on),
        ),
        "made_up": result.firm.made_up,
    }


def write_report(result: StudyResult, lang: Language) -> str:
    """The report as the text of an HTML file. The same result gives the same text.

    Args:
        result: a finished study.
        lang: the language of every sentence.
    """
    with speaking(lang):
        decision = NamedDecision.of_result(result)
        return lay_out(
            title=result.title(lang),
            answer=plan.what_to_do(result.plan, decision, result.warnings),
            picture=run.picture(result),
            facts=plan.facts(result.plan, decision),
            past=run.past(result),
            rests=run.rests(result),
            sections=list(sections(result)),
            **_about(result),
        )


def write_what_if(result: StudyResult, lang: Language) -> str:
    """The page of a what-if alone, as the text of an HTML file.

    Args:
        result: a finished study with its ``what_if``.
        lang: the language of every sentence.
    """
    with speaking(lang):
        section = section_of("what-if", result)
        assert section is not None, "a what-if has a comparison"
        return lay_out(
            title=say("policy.title", title=result.title(lang)),
            answer=section.blocks[:1],
            facts=whatif.facts(result),
            sections=[replace(section, blocks=section.blocks[1:])],
            **_about(result),
        )
