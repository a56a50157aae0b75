"""All rules that a figure may rest on, and a reform laid over them at once.

A reform file names rules of several rooms: importers' charges and rates, tariff lines, the Chinese
refund, settlement, exchange rates. :func:`under` lays each part where it belongs; a name that no
room knows is refused with the nearest one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from offing.refunds.reformed import reformed_rates
from offing.refunds.rules import DatedRate, dated_rates
from offing.rules.duty import share_of
from offing.rules.reform import Reform, check_known, with_overlay
from offing.rules.regime_file import shipped
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Rulebook
from offing.settlement import defaults as settlement
from offing.settlement.reformed import reformed
from offing.terms.amounts import rate
from offing.terms.caution import Caution
from offing.terms.exchange import FxTable, moved
from offing.terms.messages import enumerated
from offing.terms.usual_rates import USUAL


@dataclass(frozen=True)
class Rules:
    """What holds: today's rules, or today's with reforms laid over them.

    ``exchange`` is currency → change of its value against all others.
    """

    rulebook: Rulebook
    refund_rates: tuple[DatedRate, ...]
    settlement: settlement.Defaults
    exchange: dict[str, Decimal] = field(default_factory=dict)
    reforms: tuple[str, ...] = ()

    def fx(self, table: FxTable) -> FxTable:
        """A day's exchange rates under these rules."""
        return moved(table, self.exchange)


def today() -> Rules:
    """The rules that come with the package."""
    return Rules(shipped(), dated_rates(), settlement.shipped())


def under(rules: Rules, reform: Reform) -> Rules:
    """The rules under a reform. One that changes nothing changes nothing.

    Raises:
        InputError: ``landed.unknown_rule`` or ``refund.unknown_group`` with the nearest name.
        RuleError: two rules would hold on one day.
    """
    book = with_overlay(rules.rulebook, reform)
    check_known(book, reform)
    exchange = dict(rules.exchange)
    for move in reform.exchange:
        exchange[move.currency] = (1 + exchange.get(move.currency, Decimal(0))) * (
            1 + move.change
        ) - 1
    return replace(
        rules,
        rulebook=book,
        refund_rates=reformed_rates(reform, rules.refund_rates),
        settlement=reformed(rules.settlement, reform),
        exchange=exchange,
        reforms=(*rules.reforms, reform.name),
    )


def unused(reforms: Sequence[Reform], uses: Iterable[RuleUse]) -> list[Caution]:
    """What to say of reforms on whose rates none of these figures rest: another market's or day's.

    A figure may rest on a rule that the reform changes from a later day on. Reforms that end a rule
    or move a currency are not judged: what is gone leaves no trace.
    """
    used = {use.id for use in uses if use.status == "user"}
    return [
        Caution("landed.warn_reform_unused", {"name": reform.name, "ids": enumerated(reform.ids)})
        for reform in reforms
        if reform.ids
        and used.isdisjoint(reform.ids)
        and not (reform.closes or reform.exchange or reform.frameworks)
    ]


def doubtful(reforms: Sequence[Reform]) -> Iterator[Caution]:
    """What to ask of reforms, though each can be computed: a per cent sign or a point is wrong.

    Duties above all of the value, export refunds of no level that the law has had since 2019,
    currencies that move by more than half.
    """
    from offing.refunds.rates import is_odd_refund

    now = datetime.now(UTC).date()
    for reform in reforms:
        for duty in reform.rates:
            share = share_of(duty.duty)
            if share is not None and share > USUAL["duty"][1]:
                said = f"{(share * 100).normalize():f}%"
                yield Caution("policy.warn_duty", {"id": duty.id, "duty": said})
        for setting in reform.settings:
            is_rate = setting.id.startswith("chn.refund.") and setting.value.strip()[:1].isdigit()
            if is_rate and is_odd_refund(rate(setting.value, name=setting.id), now):
                yield Caution("policy.warn_refund", {"id": setting.id, "rate": setting.value})
        for each in reform.exchange:
            if abs(each.change) > LARGEST_CHANGE:
                moved_by = f"{(each.change * 100).normalize():+f}%"
                yield Caution(
                    "policy.warn_exchange", {"currency": each.currency, "change": moved_by}
                )


LARGEST_CHANGE = Decimal("0.5")
"""Of a currency; 97 % may have been meant for a loss of 3 %."""


def under_all(rules: Rules, reforms: Sequence[Reform]) -> Rules:
    """The rules under several reforms, one after the other.

    Raises:
        InputError, RuleError: see :func:`under`.
    """
    for reform in reforms:
        rules = under(rules, reform)
    return rules
