"""A study's run, told: the plan, how it is settled, and what to be careful about."""

from offing.api.run import RunAnswer
from offing.report import words
from offing.report.blocks import Block, Heading, Text
from offing.report.decision import Decision
from offing.report.doubts import Doubts
from offing.report.sections import stress
from offing.report.sections.answer import past, rests
from offing.report.sections.settlement import sentences
from offing.report.views import explain
from offing.report.views.plan import SHOWN, told_plan
from offing.study.result import ProductResult, StudyResult
from offing.study.template import key_of
from offing.terms.messages import language, say
from offing.terms.numbers import day


def view(answer: RunAnswer) -> tuple[Block, ...]:
    """The plan in short; the report says the rest."""
    result = answer.result
    blocks: list[Block] = [Text(_heading(result), "lead")]
    decision = Decision.of_result(result)
    doubts = Doubts.of(result.plan, decision, answer.cautions)
    blocks += told_plan(result.plan, decision, doubts, SHOWN, "run")
    if result.settlement is not None:
        heading = say("settle.section_plan")
        blocks.append(Text((heading, *sentences(result)), "lead"))
    if result.stress is not None:
        dollar = result.decided.cny_per_usd
        told = (say("policy.stress_heading"), *stress.sentences(result.stress, dollar))
        blocks += [Text(told, "lead"), *stress.blocks(result.stress, dollar)]
    blocks += [*past(result), *rests(result)]
    return (*blocks, *doubts.further())


def _heading(result: StudyResult) -> tuple[str, str]:
    lang, several = language(), len(result.products) > 1
    names = words.listed(_called(product, lang, several) for product in result.products)
    return result.title(lang), f"{result.firm.name(lang)} · {day(result.on)} · {names}"


def _called(product: ProductResult, lang: str, several: bool) -> str:
    """A model's name, after its key where there are several and the key is another."""
    name = product.name(lang)
    return f"{product.product} {name}" if several and product.product != key_of(name) else name


def explained(answer: RunAnswer) -> tuple[Block, ...]:
    """How each row of the plan came about, and the data and rules behind it."""
    planned, result = answer.planned, answer.result
    rows, settling = result.plan.rows, result.settlement.rules if result.settlement else ()
    blocks: list[Block] = [
        Heading(say("run.title_explain")),
        *explain.explained(planned, Decision.of_result(result)),
    ]
    example = next((row.market for row in rows if row.sales_usd), "DEU")
    margin = say("run.explain_margin", study=planned.world.file, market=example)
    return (
        *blocks,
        Text((margin, say("run.explain_rounding"))),
        Heading(say("report.sources_heading")),
        Text(
            tuple(
                say(
                    "run.source",
                    title=words.named(source.title),
                    publisher=words.named(source.publisher),
                    covers=words.covers(source.covers) or "—",
                    loaded=day(source.loaded),
                )
                for source in result.sources
            ),
            "list",
        ),
        Heading(say("run.title_rules")),
        Text(tuple(map(words.rule, (*result.rules, *settling))), "list"),
    )
