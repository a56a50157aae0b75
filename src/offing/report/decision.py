"""A decision in words: what to do, what it brings, how sure that is, and why not more.

Amounts are in the firm's currency, over the horizon and discounted, as
:class:`PlanDecision` has them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum

from offing.planning.plan import (
    NO_SALES,
    SMALL_MOVE,
    Lead,
    MoveSummary,
    OpenFigure,
    Plan,
    PlanDecision,
    RefundCorrection,
    UnclaimedPreference,
)
from offing.report import words
from offing.report.blocks import Action, Actions, Block, Heading, Text
from offing.report.move_words import (
    hours_sentence,
    pilot_sentence,
    summarise_money_moves,
    terms_sentence,
)
from offing.study.file import Study
from offing.study.result import StudyResult
from offing.terms.caution import Caution, ranks
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.numbers import (
    count,
    currency_name,
    day,
    digits,
    likelihood,
    money,
    percent,
    price,
    signed_money,
)

CNY = "CNY"
ASKS = 3
"""Asked prices that the first sentence names."""
MOST = 5
"""Moves of the first screen."""
FIND = 3
"""Figures to find out that it names."""
NEXT_TO = 0.05
"""A part of an amount below which another is next to it."""
DECISIVE = 3
"""Cautions beside the conclusion."""
WEIGHTY = 0.02
"""Sales that the plan does not know count from this part of all that the firm sells or plans."""
OF_SALES = ("study.warn_no_model", "study.warn_other_unit", "study.warn_other_markets")
LONG = 3.0
"""Years from which on a pay-back is told in years."""


@dataclass(frozen=True)
class NamedDecision:
    """A decision with the names that its sentences use.

    Attributes:
        figures: the decision.
        products: model → its name.
        plants: plant → where it is, in words.
        lines: production line → its name.
        units: model → ``item`` or ``kg``.
        on: the plan's day, of whose rates prices are.
    """

    figures: PlanDecision
    products: Mapping[str, str]
    plants: Mapping[str, str]
    lines: Mapping[str, str]
    units: Mapping[str, str]
    on: date

    @classmethod
    def from_result(cls, result: StudyResult) -> "NamedDecision":
        """That of a finished study."""
        return cls(
            result.decided,
            _names({product.product: words.product(product) for product in result.products}),
            _places({line.plant: line.country for line in result.lines}),
            {line.key: line.name(language()) for line in result.lines},
            {product.product: product.unit for product in result.products},
            result.on,
        )

    @classmethod
    def from_study(cls, study: Study, figures: PlanDecision) -> "NamedDecision":
        """That of a study of which the plan alone was made."""
        chinese = language() == "zh"
        names = {m.key: m.name.zh if chinese else m.name.en for m in study.model}
        countries = {plant.key: plant.country for plant, _ in study.lines.values()}
        lines = {
            line.key: (line.name.zh if chinese else line.name.en) if line.name else line.key
            for _, line in study.lines.values()
        }
        units = {m.key: m.unit for m in study.model}
        return cls(figures, _names(names), _places(countries), lines, units, study.on)

    @property
    def years(self) -> str:
        """The horizon: ``2025–2026``."""
        first, last = self.figures.years[0], self.figures.years[-1]
        return f"{first}–{last}" if last > first else str(first)

    def fact_remark(self, remark: str, computed: str) -> str:
        """With the figure as computed, where the record of such plans lowers or raises it."""
        if self.figures.level is None:
            return remark
        return say("report.fact_level", remark=remark, computed=computed)

    @property
    def several_plants(self) -> bool:
        """Whether a row must say where it is made."""
        return len(self.plants) > 1

    def price_text(self, usd: float | None, currency: str) -> str:
        """An FOB price in the currency of its invoice, at the day's rate."""
        if usd is None:
            return ""
        rate = self.figures.cny_per_usd / self.figures.cny_per(currency)
        return price(usd * rate, currency)

    def text(self, move: MoveSummary) -> str:
        """A move in one sentence: its first change, then what else changes with it."""
        values = self._values(move)
        first = say(f"planning.move_{self.kind(move.kind)}{_brand(move.kind, move)}", **values)
        others = [
            say(f"planning.also_{kind}{_brand(kind, move)}", **values) for kind in move.kinds[1:]
        ]
        return (
            say("planning.also", move=first, others=words.join_words(others)) if others else first
        )

    def kind(self, kind: str) -> str:
        """What a move is called: nobody is told to enter a market on an assumed share alone."""
        return "visit" if kind == "enter" and self.figures.without_sales else kind

    def _values(self, move: MoveSummary) -> dict[str, str]:
        before = move.currency_before or move.currency
        last = len(self.figures.years) - 1
        return {
            "market": words.within(move.market),
            "product": self.products.get(move.product, move.product),
            "price": self.price_text(move.price_after_usd, move.currency),
            "price_before": self.price_text(move.price_before_usd, before),
            "plant": self.plants.get(move.plant, move.plant),
            "currency": currency_name(move.currency),
            "currency_before": currency_name(before),
            "year": str(self.figures.years[-1]),
            "units": count(move.units_after[last]),
            "units_before": count(move.units_before[last]),
        }

    def gain(self, move: MoveSummary) -> str:
        """What a move brings, with its sign."""
        if move.gain_cny is None:
            return say("planning.gain_forced")
        if self.figures.without_sales:
            return say("planning.gain_supposed", money=signed_money(move.own_cny or 0.0))
        return signed_money((move.mean_cny or 0.0) if move.replaceable else move.gain_cny)

    def own(self, move: MoveSummary) -> str:
        """What a move earns itself: what the moves of a target cost adds up of these."""
        return signed_money(move.own_cny or 0.0)

    def remark(self, move: MoveSummary, *, odds: bool = True) -> str:
        """How sure a move is, what it costs, and what rivals could do to it.

        Without ``odds`` nothing is said of the plan without it: one that misses a target is none.
        """
        sentences = []
        if move.supposed:
            sentences.append(self.supposed(move))
            sentences += [] if self.figures.without_sales else [say("planning.supposed_so")]
        elif move.payback_chance is not None:
            sentences.append(self._pays_back(move))
        if odds and move.low_cny is not None and not move.supposed:
            # no percentage: no kind of move is calibrated (docs/record/planted-firms-2026-12-01.md)
            sentences.append(say("planning.worst", low=signed_money(move.low_cny)))
        if odds and move.replaceable:
            sentences.append(say("planning.replaceable", money=money(move.gain_cny or 0.0, CNY)))
        if move.matched_cny is not None and self._matters(move, move.matched_cny):
            sentences.append(say("planning.matched", money=signed_money(move.matched_cny)))
        if move.lead is not None:
            sentences.append(_first(move.lead))
        return words.join_sentences(sentences)

    def supposed(self, move: MoveSummary) -> str:
        """What an entry of an assumed size costs, and how many sold would bear it."""
        values = {
            "cost": money(move.entry_cny, CNY),
            "units": self._item_count(move, sum(move.units_after)),
            "years": self.years,
        }
        if move.least_units is None:
            return say("planning.supposed_never", **values)
        return say("planning.supposed", least=self._item_count(move, move.least_units), **values)

    def _item_count(self, move: MoveSummary, value: float) -> str:
        """So many of a model: ``1,170 items``, ``39,900 kg``."""
        return say(f"planning.count_{self.units[move.product]}", count=count(value))

    def _matters(self, move: MoveSummary, matched: float) -> bool:
        """Whether rivals' answer changes what is told of a move."""
        own = move.own_cny or 0.0
        return abs(matched - own) >= NEXT_TO * abs(own)

    def payback(self, move: MoveSummary) -> str:
        """When what is paid comes back, and in how many worlds; empty where nothing is paid."""
        share = move.payback_chance
        if share is None:
            return ""
        if move.payback_years is None:
            return say("planning.never")
        return say("planning.payback", time=_time(move.payback_years), often=of(share))

    def _pays_back(self, move: MoveSummary) -> str:
        cost, year = money(move.entry_cny, CNY), str(self.figures.years[-1])
        if move.payback_years is None or not move.payback_chance:
            return say("planning.pays_back_never", cost=cost, year=year)
        return say("planning.pays_back", cost=cost, when=self.payback(move))

    def answer(self) -> list[Block]:
        """By certainty: what rests on no forecast, what to find out, what to try, what to do.

        Before it what it rests on where that is no record of the firm, and that no change is
        proposed where none is.
        """
        lead, gain, moves = self.without_sales(), self.figures.money_gain, self.figures.weighty
        settling = [] if gain is None else [summarise_money_moves(self.figures, gain)]
        sure = gain is None or round(gain.worst_cny) >= 0
        groups = {
            "certain": [
                *self._claims(known=True),
                *map(self._refund, self.figures.refund_corrections),
                *(settling if sure else ()),
            ],
            "find": [*self._to_find_out(), *self._claims(known=False)][:FIND],
            "try": [self._trial(move) for move in self._entries()],
            "do": [*map(self._action, self._steps()), *(() if sure else settling)],
        }
        blocks: list[Block] = [Text((lead,), "lead")] if lead else []
        blocks += [] if moves else [Actions((self._stay(),))]
        for name, actions in groups.items():
            if actions:
                blocks.append(Heading(say(f"planning.group_{name}")))
                blocks.append(Actions(tuple(actions)))
        return blocks

    def _action(self, move: MoveSummary) -> Action:
        own = terms_sentence(self, move), hours_sentence(self, move)
        remark = words.join_sentences((*own, self.remark(move)))
        return Action(self.text(move), self.gain(move), remark)

    def _steps(self) -> list[MoveSummary]:
        return [move for move in self.figures.weighty if move.kind != "enter"][:MOST]

    def _entries(self) -> list[MoveSummary]:
        """Entries worth a pilot, whether the plan makes them or not, and those that it makes."""
        figures = self.figures
        entries = [m for m in (*figures.moves, *figures.not_yet) if m.kind == "enter"]
        order = {key: place for place, key in enumerate(figures.pilots)}
        tried = [m for m in entries if m in figures.moves or (m.product, m.market) in order]
        tried.sort(key=lambda m: order.get((m.product, m.market), len(order)))
        return tried[:FIND]

    def _trial(self, move: MoveSummary) -> Action:
        """An entry as a pilot with a stop, where one is worth something."""
        if move.pilot is None:
            return Action(self.text(move), self.gain(move), self.remark(move))
        lead = "" if move.lead is None else _first(move.lead)
        worth = signed_money(move.pilot.worth_cny)
        return Action(
            self.text(move), worth, words.join_sentences((pilot_sentence(self, move), lead))
        )

    def _claims(self, *, known: bool) -> list[Action]:
        """The agreement that would take most off the duty, all its models in a market together."""
        groups: dict[tuple[str, str], list[UnclaimedPreference]] = defaultdict(list)
        for one in self.figures.preferences:
            if known == (one.duty_claimed is not None):
                groups[one.market, one.regime].append(one)
        if not groups:
            return []
        largest = max(groups.values(), key=lambda group: fsum(one.saved_usd for one in group))
        saved = fsum(one.saved_usd for one in largest) * self.figures.cny_per_usd
        if saved < SMALL_MOVE * abs(self.figures.today.mean) / len(self.figures.years):
            return []
        first, models = largest[0], [self.products.get(m.product, m.product) for m in largest]
        if len(models) > 2:
            models = [say("planning.claim_products", count=len(models))]
        values = {
            "market": country_name(first.market),
            "products": words.join_words(models),
            "agreement": first.regime or first.names[language()],
            "before": _duty(first.duty),
            "after": _duty(first.duty_claimed or 0.0),
        }
        key = "planning.claim" if known else "planning.claim_open"
        gain = say(f"{key}_saves", money=money(saved, CNY))
        return [Action(say(key, **values), gain, say(f"{key}_how", **values))]

    def _refund(self, one: RefundCorrection) -> Action:
        """A refund rate to be put right, and what a year of today's sales earns by it."""
        after = say("landed.refund_cancelled") if one.by_law is None else percent(one.by_law)
        product = self.products.get(one.product, one.product)
        lead = say("planning.refund_rate", product=product, before=percent(one.given), after=after)
        gain = say("planning.refund_rate_brings", money=signed_money(one.yearly_cny))
        return Action(lead, gain, say("planning.refund_rate_how"))

    def _to_find_out(self) -> Iterator[Action]:
        """The most valuable figures; where to get one and to write it is said once a kind."""
        told: set[str] = set()
        unclaimed = any(one.duty_claimed is None for one in self.figures.preferences)
        for figure in self.figures.open_figures[: FIND - unclaimed]:
            how = "" if figure.kind in told else say(f"plan.open_how_{figure.kind}")
            told.add(figure.kind)
            worth, cost = money(figure.value_cny, CNY), self.asking_cost(figure)
            yield Action(
                self.open_figure(figure), say("planning.worth", money=worth, cost=cost), how
            )

    def asking_cost(self, figure: OpenFigure) -> str:
        """What finding a figure out costs; what nobody said is not known."""
        if figure.cost_cny is not None:
            return say("plan.open_costs", money=money(figure.cost_cny, CNY))
        return say(f"plan.open_cost_{figure.kind}")

    def open_figure(self, figure: OpenFigure) -> str:
        """What is not known, in words."""
        return say(
            f"plan.open_{figure.kind}",
            product=self.products.get(figure.product, figure.product),
            market=country_name(figure.market) if figure.market else "",
        )

    def without_sales(self) -> str:
        """What a plan without sales of the firm rests on; empty of any other."""
        for one in self.figures.assumed:
            if one.key in NO_SALES:
                return words.caution_text(one)
        return ""

    def asks(self) -> str:
        """Prices that the study moves, and that they are not the plan's."""
        moved = self.figures.asked
        shown = [
            say(
                "planning.asks_one",
                product=self.products.get(row.product, row.product),
                market=words.within(row.market),
                asked=price(row.asked_usd),
                ledger=price(row.ledger_usd),
                times=digits(row.times, 2),
            )
            for row in moved[:ASKS]
        ]
        more = len(moved) - len(shown)
        listed = words.series(shown)
        if more:
            listed = say("planning.asks_more", rows=listed, count=more)
        elasticity = say(f"planning.rests_sigma_{moved[0].source}")
        told = say("planning.asks_other", rows=listed, elasticity=elasticity)
        return words.join_sentences((told, say("planning.asks_note")))

    def more(self) -> str:
        """How many moves are not told, and what the small ones bring; empty where all are."""
        figures, told = self.figures, (*self._steps(), *self._entries())
        untold = sum(move not in told for move in figures.weighty)
        rest = [say("planning.more_moves", count=untold)] if untold > 0 else []
        if figures.small:
            share, brings = percent(SMALL_MOVE, 0), signed_money(figures.small_cny)
            small = len(figures.small)
            rest.append(say("planning.more_small", count=small, share=share, money=brings))
        return words.join_sentences(rest)

    def _stay(self) -> Action:
        if self.figures.without_sales:
            return Action(say("planning.stay_no_sales"), "", "")
        key = "stay_try" if self._entries() else "stay"
        stay = say("planning.stay_settle" if self.figures.money_gain else f"planning.{key}")
        if not self.figures.not_yet:
            return Action(stay, "", say("planning.stay_nothing"))
        best = self.figures.not_yet[0]
        why = say(
            "planning.stay_best",
            count=len(self.figures.not_yet),
            move=self.text(best),
            money=signed_money(best.mean_cny or 0.0),
            years=self.years,
            reason=words.message_or_last(best.reason),
        )
        return Action(stay, "", why)


def _names(named: Mapping[str, str]) -> dict[str, str]:
    """Model → its name, with its key where another has the same."""
    several = Counter(named.values())
    return {key: f"{name} ({key})" if several[name] > 1 else name for key, name in named.items()}


def _places(countries: Mapping[str, str]) -> dict[str, str]:
    """Plant → its country; with its key where the country has several."""
    several = Counter(countries.values())
    return {
        key: words.within(country) + (f" ({key})" if several[country] > 1 else "")
        for key, country in countries.items()
    }


def _first(lead: Lead) -> str:
    """What must come before the first sale; unknown is "not checked", never "none"."""
    if lead.ready_on is None:
        return say("planning.lead_none" if lead.checked else "planning.lead_unchecked")
    sentence = say(
        "planning.lead_several" if lead.others else "planning.lead",
        scheme=lead.scheme_zh if language() == "zh" else lead.scheme_en,
        weeks=lead.weeks,
        status=words.status(lead.status),
        count=lead.others,
        day=day(lead.ready_on),
    )
    return sentence if lead.checked else words.join_sentences((sentence, say("planning.lead_more")))


def _duty(rate: float) -> str:
    """A duty with a decimal where it has one: ``12.5%``, ``25%``."""
    return percent(rate, 1).replace(".0%", "%")


def _brand(kind: str, move: MoveSummary) -> str:
    return f"_{move.brand}" if kind == "other_brand" else ""


def of(share: float) -> str:
    """A share of the worlds: ``7 of 10 worlds``; per cent where that would say none or all."""
    tenths = round(10 * share)
    if 0 < tenths < 10:
        return say("planning.of_ten", count=tenths)
    return say("planning.of_all", share=likelihood(share))


def _time(years: float) -> str:
    if years < LONG:
        return say("planning.months", count=max(round(12 * years), 1))
    return say("planning.years", count=round(years))


def decisive_cautions(
    plan: Plan, decision: NamedDecision, cautions: Iterable[Caution]
) -> tuple[str, ...]:
    """What could turn a decision, in words, told beside it: the prices that a person asks first."""
    asks = [decision.asks()] if decision.figures.asked else []
    weighty = _weighty(plan, (*decision.figures.assumed, *cautions))
    ranked = sorted(weighty, key=lambda one: (ranks()[one.key], -float(one.values.get("usd", 0))))  # type: ignore[arg-type]
    rate = decision.figures.cny_per_usd
    return (*asks, *(words.caution_text(one, rate) for one in ranked))[:DECISIVE]


def further_cautions(
    plan: Plan, decision: NamedDecision, cautions: Iterable[Caution]
) -> tuple[str, ...]:
    """All other cautions in words, in the order in which they were given."""
    given = tuple(cautions)
    beside, rate = decisive_cautions(plan, decision, given), decision.figures.cny_per_usd
    told = dict.fromkeys(words.caution_text(one, rate) for one in given)
    return tuple(text for text in told if text not in beside)


def _weighty(plan: Plan, cautions: Iterable[Caution]) -> Iterator[Caution]:
    """Those that can turn a decision and touch this plan."""
    least = WEIGHTY * max(plan.sales_usd, plan.sales_now_usd)
    planned = {row.market for row in plan.rows if row.sales_usd > 0}
    for caution in cautions:
        if caution.severity != "turning":
            continue
        if caution.key in OF_SALES and caution["usd"] < least:
            continue
        remedy = caution.key.startswith("landed.warn_remedy")
        if not remedy or not planned.isdisjoint(caution["destination"]):
            yield caution
