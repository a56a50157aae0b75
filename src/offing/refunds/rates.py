"""The refund rate that holds on the export date, from the dated rulebook.

Declared exports take the rate of the export date on the customs declaration (财税〔2012〕39号
art. 3, kept in 2026).

The levels of the levy are those of 财税〔2017〕37号 (13 % → 11 % from 2017-07-01), 财税〔2018〕32号
(17 % → 16 %, 11 % → 10 % from 2018-05-01) and 财政部 税务总局 海关总署公告 2019 年第 39 号 (16 % →
13 %, 10 % → 9 % from 2019-04-01); 5, 3 and 1 % are those of simplified and small suppliers.

The rate of a code in the official refund-rate library (出口退税率文库).

Refund rates under a what-if: the same reform file as for quotes and studies.

::

    [reform]
    name = "batteries keep 9 %, and television sets lose the refund"
    [[rate]]
    id = "chn.refund.battery"
    value = "9%"
    since = 2026-04-01
    until = 2027-01-01
    [[rate]]
    id = "chn.refund.8528"
    value = "cancelled"
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from offing.refunds.rules import LEVY, DatedRate, dated_rates, goods_without_refund
from offing.rules.duty import share_of
from offing.rules.duty_text import duty_of_user
from offing.rules.reform import RateSetting, Reform
from offing.rules.rule_use import (
    READ,
    REFUND,
    check_single,
    cite_source,
    overlaid,
    percent,
    without,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, RuleError, Where, unknown_name
from offing.terms.firm_records import LibraryRow, LibraryRows
from offing.terms.interval import Interval, holding
from offing.terms.messages import join_list, say

FIRST_DAY = date(1994, 1, 1)
"""The present VAT began on this day; no export before it has a refund under it."""

_LEVIES = (
    (date(1994, 1, 1), date(2017, 7, 1), (17, 13, 11)),
    (date(2017, 7, 1), date(2018, 5, 1), (17, 11)),
    (date(2018, 5, 1), date(2019, 4, 1), (16, 10)),
    (date(2019, 4, 1), date.max, (13, 9)),
)
_ALWAYS = (6, 5, 4, 3, 2, 1, 0)
_GRACE = timedelta(days=92)
"""Exports of three months after a change could keep the old rates: in 2019 up to 30 June."""


def levies(day: date) -> frozenset[Decimal]:
    """The levels of the levy on a day, with those of the three months before."""
    held = [rates for since, until, rates in _LEVIES if since <= day and day - _GRACE < until]
    return _shares(*(rate for rates in held for rate in rates))


def _shares(*percents: int) -> frozenset[Decimal]:
    return frozenset(Decimal(rate).scaleb(-2) for rate in (*percents, *_ALWAYS))


def is_odd_refund(rate: Decimal, day: date) -> bool:
    """Whether a refund rate was no level of the law on a day."""
    if day >= date(2019, 7, 1):
        return rate not in _shares(13, 10, 9)
    return rate.scaleb(2) % 1 != 0 or rate > Decimal("0.17")


def group_names() -> list[str]:
    """The groups of goods in the rulebook."""
    return sorted({rate.group for rate in _groups()})


def _groups() -> list[DatedRate]:
    return [rate for rate in dated_rates() if not rate.group.isdigit()]


def plain_code(code: str) -> str:
    """A customs code without dots and spaces, in plain digits.

    >>> plain_code("8507.60 00")
    '85076000'
    """
    return re.sub(r"[.\s]", "", unicodedata.normalize("NFKC", code))


def _stem(code: str) -> str:
    """A code without the noughts that only fill it up: ``2404120000`` is all of ``240412``."""
    for length in (10, 8):
        if len(code) == length and code.endswith("00"):
            code = code[:-2]
    return code


def _length(rate: DatedRate, code: str) -> int:
    """How many digits of a code the rate names; 0 where it is not for it."""
    return max((len(c) for c in map(_stem, rate.codes) if code.startswith(c)), default=0)


def group_of_code(code: str) -> str:
    """The group of a customs code, by its leading digits; ``general`` where none is named.

    >>> group_of_code("8507600090"), group_of_code("620311")
    ('battery', 'general')
    >>> group_of_code("8507.60.00.90")
    'battery'
    """
    code = plain_code(code)
    longest = max(dated_rates(), key=lambda rate: _length(rate, code))
    return longest.group if _length(longest, code) else GENERAL


GENERAL = "general"
"""Goods that no list names: a rate only where the user names the group, or a reform does."""


def _known_group(text: str) -> str:
    """The group that a name means: as written, or by its other names."""
    names = {name: rate.group for rate in _groups() for name in (rate.group, *rate.aliases)}
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in names:
        raise unknown_name(text, group_names())
    return names[name]


def dated_rate(
    on: date,
    *,
    group: str | None = None,
    code: str | None = None,
    rates: Sequence[DatedRate] | None = None,
) -> DatedRate:
    """The rate of a group or code on the export date.

    A group of the rulebook, such as ``battery``, wins over a code, which may have any length.

    Raises:
        InputError: ``errors.unknown_name``, ``refund.before_1994``, ``refund.no_known_rate``: no
            rate is ever assumed; ``refund.listed_part``, ``refund.listed_zero``,
            ``refund.listed_exempt`` where a list names the code or its heading without a rate.
        RuleError: ``refund.part_of_heading`` where the code is a heading of which a rate is for
            some goods; ``refund.no_rate`` and ``refund.two_rates`` of a group.

    >>> dated_rate(date(2026, 4, 1), group="battery").refund_rate
    Decimal('0.06')
    """
    if on < FIRST_DAY:
        raise InputError("refund.before_1994", on=on)
    rulebook = dated_rates() if rates is None else rates
    if group is not None:
        return _only(rulebook, _known_group(group), on)
    return _rate_of_code(rulebook, plain_code(code or ""), on)


def _rate_of_code(rulebook: Sequence[DatedRate], code: str, on: date) -> DatedRate:
    """The rate that names most digits of the code; where a list has a part of it, nobody knows."""
    in_force = holding(rulebook, on)
    length = max((_length(rate, code) for rate in in_force), default=0)
    _check_listed(in_force, code, length, on)
    matching = [rate for rate in in_force if length and _length(rate, code) == length]
    if not matching:
        matching = [rate for rate in in_force if rate.group == GENERAL and rate.status == "user"]
    if not matching:
        raise InputError("refund.no_known_rate", code=code or "\N{EM DASH}", on=on)
    rate = max(matching, key=lambda rate: rate.status == "user")
    if any(code.startswith(_stem(recalled)) for recalled in rate.recalled):
        return replace(rate, status="recalled")
    return rate


def _check_listed(in_force: Sequence[DatedRate], code: str, length: int, on: date) -> None:
    """Ask where a list has some goods of the code, or the code without saying its rate."""
    for rate in in_force if code else ():  # a rate for some goods of a heading, and not for all
        longer = [c for c in map(_stem, rate.codes) if c.startswith(code)]
        if any(len(c) > max(length, len(code)) for c in longer):
            key = "refund.part_cancelled" if rate.cancelled else "refund.part_rate"
            told = say(key, refund=percent(rate.refund_rate), levy=percent(rate.levy_rate))
            names: dict[str, Any] = {"group": rate.group, "listed": join_list(longer, 3)}
            raise RuleError("refund.part_of_heading", code=code, told=told, on=on, **names)
    listed = [
        entry
        for entry in holding(goods_without_refund(), on)
        if len(entry.code) > length and code.startswith(entry.code)
    ]
    if listed:
        entry = max(listed, key=lambda entry: len(entry.code))
        source = cite_source(entry.source)
        about: dict[str, Any] = {"listed": entry.code, "goods": entry.goods, "source": source}
        raise InputError(f"refund.listed_{entry.outcome}", code=code, **about)


_NEW_ALONE = date(2019, 7, 1)
OLD_RATES = Interval(date(2019, 4, 1), _NEW_ALONE)
"""Export dates with the old refund rate beside the new levy rate: MoF, STA and Customs,
announcement 2019 No. 39, art. 3. What the refund rate is above the levy rate counts as nothing."""


def effective_levy(levy_rate: Decimal, refund_rate: Decimal, on: date | None) -> Decimal:
    """The levy rate that counts beside a refund rate on an export date: no gap below nothing.

    >>> effective_levy(Decimal("0.13"), Decimal("0.16"), date(2019, 5, 20))
    Decimal('0.16')
    """
    return max(levy_rate, refund_rate) if on and OLD_RATES.holds(on) else levy_rate


def rate_at_new_levy(
    on: date, code: str, rates: Sequence[DatedRate] | None = None
) -> DatedRate | None:
    """What goods bought at the new levy have, where others keep the old rate; ``None`` elsewhere.

    >>> rate_at_new_levy(date(2019, 5, 15), "850760").levy_rate
    Decimal('0.13')
    """
    return dated_rate(_NEW_ALONE, code=code, rates=rates) if OLD_RATES.holds(on) else None


def _only(rulebook: Sequence[DatedRate], group: str, on: date) -> DatedRate:
    in_force = holding((rate for rate in rulebook if rate.group == group), on)
    if not in_force:
        raise RuleError("refund.no_rate", group=group, on=on)
    if len(in_force) > 1:
        raise RuleError("refund.two_rates", group=group, on=on)
    return in_force[0]


def library_rate(
    library: LibraryRows, code: str, on: date, levy_rate: Decimal | None = None
) -> DatedRate:
    """The rate of a code on the export date.

    Args:
        library: a version of the library.
        code: ten digits; fewer where all codes below them have one rate. The longest stem of it
            that has a row on the day counts.
        on: export date.
        levy_rate: chooses where the library lists several.

    Raises:
        RuleError: ``refund.not_in_library``, ``refund.two_rates`` where several rows hold and
            differ, or ``refund.several_levies``.
    """
    holding = _holding(library, code, on)
    if not holding:
        raise RuleError("refund.not_in_library", code=code, on=on, source=library.source)
    if len({(row.levy_rates, row.refund_rate, row.flag) for row in holding}) > 1:
        raise RuleError("refund.two_rates", group=code, on=on)
    row = holding[0]
    if len(row.levy_rates) > 1 and levy_rate not in row.levy_rates:
        rates_known = join_list(f"{(rate * 100).normalize():f}%" for rate in row.levy_rates)
        raise RuleError("refund.several_levies", code=code, rates=rates_known)
    levy = levy_rate if levy_rate in row.levy_rates else row.levy_rates[0]
    assert levy is not None
    return DatedRate(
        id=f"{REFUND}{code}",
        levy_rate=levy,
        refund_rate=Decimal(0) if row.flag else row.refund_rate,
        cancelled=row.flag == "taxed",
        exempt=row.flag == "exempt",
        when=row.when,
        status="official",
        source=library.source,
    )


def rate_of(
    library: LibraryRows | None,
    code: str,
    on: date,
    levy_rate: Decimal | None = None,
    *,
    book: Sequence[DatedRate] | None,
) -> DatedRate:
    """The rate of a code: the library's, else the rulebook's.

    A library that was given has the last word; where one that is only remembered does not know the
    code, the rulebook answers.

    Raises:
        InputError, RuleError: as :func:`library_rate` and :func:`dated_rate`.
    """
    if library is not None:
        try:
            return library_rate(library, code, on, levy_rate)
        except RuleError as error:
            if not library.remembered or error.key != "refund.not_in_library":
                raise
    return dated_rate(on, code=code, rates=book)


SHORTEST = 4
"""Digits of the shortest code that a row may be for."""


def _holding(library: LibraryRows, code: str, on: date) -> list[LibraryRow]:
    """The rows in force for a code: of it and of all codes below it, else of its longest stem."""
    if not code:
        return []
    below = [
        row
        for key, rows in library.rows.items()
        if key.startswith(code)
        for row in rows
        if row.when.holds(on)
    ]
    if below:
        return below
    for length in range(len(code) - 1, SHORTEST - 1, -1):
        rows = [row for row in library.rows.get(code[:length], ()) if row.when.holds(on)]
        if rows:
            return rows
    return []


def outdated_rows(
    library: LibraryRows | None,
    code_days: Iterable[tuple[str, date]],
    rates: Sequence[DatedRate] | None = None,
) -> Iterator[Caution]:
    """What to say of codes whose row is older than an act that changed the levy or their refund.

    Acts on a refund are those that were read in their source; a levy of 17 % ended with April 2018.

    Args:
        library: a version of the library; nothing is said where there is none.
        code_days: codes and export dates; each code is said once.
        rates: the rulebook's; as shipped where ``None``.
    """
    told: set[str] = set()
    for code, day in sorted(set(code_days)) if library else ():
        assert library is not None
        try:
            listed = library_rate(library, code, day)
        except OffingError:
            continue
        if code not in told and listed.levy_rate not in levies(day):
            told.add(code)
            held = {"code": code, "day": str(day), "held": percent(listed.levy_rate)}
            yield Caution("refund.warn_library_levy", held)
        try:
            law = dated_rate(day, code=code, rates=rates)
        except OffingError:
            continue
        since, before = law.when.since, listed.when.since or date.min
        same = (listed.refund_rate, listed.cancelled) == (law.refund_rate, law.cancelled)
        if same or law.status not in READ or since is None or before >= since or code in told:
            continue
        told.add(code)
        days = {"day": str(day), "before": str(before), "since": str(since)}
        both = {"held": percent(listed.refund_rate), "law": percent(law.refund_rate)}
        source = cite_source(law.source)
        yield Caution("refund.warn_library_old", {"code": code, **days, **both, "source": source})


CANCELLED = ("cancelled", "canceled", "taxed", "取消", "征税", "视同内销")
EXEMPT = ("exempt", "免税")


def _model(id_: str, day: date | None = None, where: Where | None = None) -> DatedRate:
    """The rate of the group or code that a reform names: of the day, or the last there is."""
    name = id_.removeprefix(REFUND)
    series = [rate for rate in dated_rates() if rate.id == id_]
    if series:
        return next((rate for rate in series if day and rate.when.holds(day)), series[-1])
    code = plain_code(name)
    if code.isdigit() and 4 <= len(code) <= 10:
        model = {"levy_rate": LEVY, "refund_rate": LEVY, "codes": (code,)}
        return DatedRate(id=id_, when=Interval(), source="", status="user", **model)  # type: ignore[arg-type]
    raise unknown_name(name, group_names(), where)


def _new(setting: RateSetting, reform: Reform) -> DatedRate:
    model = _model(setting.id, setting.when.since, setting.where)
    text = setting.value.strip().lower()
    cancelled, exempt = text in CANCELLED, text in EXEMPT
    nothing = cancelled or exempt
    share = Decimal(0) if nothing else share_of(duty_of_user(setting.value, where=setting.where))
    if share is None or share > model.levy_rate:
        rates = {"refund_rate": share or setting.value, "levy_rate": model.levy_rate}
        raise InputError("refund.rate_above_levy", where=setting.where, **rates)
    own: Any = {"when": setting.when, "status": "user", "source": reform.name, "recalled": ()}
    return replace(model, refund_rate=share, cancelled=cancelled, exempt=exempt, **own)


def reformed_rates(
    reform: Reform, rates: tuple[DatedRate, ...] | None = None
) -> tuple[DatedRate, ...]:
    """The refund rates under a reform; those it does not name stay as they are.

    A rate of zero is a zero refund; ``cancelled`` (taxed like a sale at home) and ``exempt`` are
    more: see :class:`~offing.refunds.rules.DatedRate`. Its rules named ``chn.refund.…`` are taken,
    and laid over the rulebook's rates where no others are given.

    Raises:
        InputError: ``errors.unknown_name``, or ``refund.rate_above_levy``.
    """
    rates = dated_rates() if rates is None else rates
    for close in reform.closes:
        if close.id.startswith(REFUND):
            rates = without(rates, _model(close.id).id, Interval(close.until, None))
    for setting in reform.settings:
        if setting.id.startswith(REFUND):
            rates = overlaid(rates, _new(setting, reform))
    check_single(rates)
    return rates
