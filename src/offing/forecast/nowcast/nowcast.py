"""The outlook moved by the months of the running year, and narrowed by what they have settled.

In the running year δ years after the base year, the median of a flow moves by ``weight`` times what
its months say beyond the outlook (in logs), and the distribution shrinks around it by ``narrowing``
r (``lessons``); nothing lies below what is sold already. A later year follows as far as surprises
last: its median moves by ``slope`` times that, and with the correlation c of the surprises of both
years its spread by √(1 − c²(1 − r²)), as two normals have it. Both are learnt (``lasting``).

Whether a pair sells at all: it does where its months have sales; where they have none, by Bayes'
rule from how many sellers of a year sell late.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from offing.estimators import SMALL
from offing.forecast.nowcast.lasting import WHOLLY, Both, Lasting, lasting
from offing.forecast.nowcast.lessons import Lesson, Seen, late_sellers, lesson
from offing.forecast.nowcast.sales import MonthlySales
from offing.forecast.nowcast.signals import EMPTY, Signals, newest_signals, signals
from offing.forecast.outlook.distribution import PROBABILITIES, Distribution
from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.forecast import Outlooks, outlooks
from offing.forecast.outlook.model import Forecast
from offing.forecast.outlook.training import outcome
from offing.market.history import FLOOR_USD, Array, Codes, History, Mask

LEARNT_YEARS = 5
"""Earlier base years learnt from, the latest."""
LEARNT_PRODUCTS = 40
"""Products learnt from, those with the most flows: each is fitted anew in each base year."""
_LOW, _MIDDLE, _HIGH = (int(np.searchsorted(PROBABILITIES, level)) for level in (0.1, 0.5, 0.9))

Told = dict[tuple[str, str], tuple[Cells, Forecast]]
"""Product and tier → its cells and their outlook."""


@dataclass(frozen=True)
class Nowcast:
    """What the months say beyond the annual outlook of a base year.

    Attributes:
        base_year: of the outlook.
        signals: of the pairs whose months are known.
        lessons: years ahead and months → what they are worth.
        plain: years ahead → the annual outlook.
        products: learnt from.
        datasets: where the months come from.
    """

    base_year: int
    signals: Signals
    lessons: dict[tuple[int, int], Lesson]
    plain: Callable[[int], Outlooks]
    products: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    _lasts: dict[tuple[int, int], Lasting] = field(default_factory=dict, repr=False, compare=False)
    _told: dict[int, Told] = field(default_factory=dict, repr=False, compare=False)

    @property
    def newest(self) -> tuple[int, int]:
        """The newest year with months, and how many of it are known."""
        ahead = int(self.signals.ahead.max())
        return self.base_year + ahead, int(self.signals.months[self.signals.ahead == ahead].max())

    @property
    def learnt(self) -> tuple[int, ...]:
        """Base years that the newest months' worth was learnt from."""
        year, months = self.newest
        return self.lessons[year - self.base_year, months].years

    def applied(self, made: Outlooks) -> Outlooks:
        """The same outlook, moved by the months."""
        if made.whole is not None:
            return replace(made, whole=self.applied(made.whole), _told={})

        def revise(one: Cells, forecast: Forecast) -> Forecast:
            return self.revised(one, forecast, made.horizon)

        return replace(made, revise=revise, _told={})

    def revised(self, one: Cells, made: Forecast, horizon: int) -> Forecast:
        """The outlook of a product's cells, moved by their months."""
        rows = self.signals.by_product.get(one.cube.product)
        if rows is None:
            return made
        near = self.signals.take(rows)
        near = near.take(near.ahead <= horizon)
        sales = made.sales
        for ahead in sorted(set(near.ahead.tolist())):
            of_year = near.take(near.ahead == ahead)
            before = self._plain(ahead, one) if ahead < horizon else made
            for months in sorted(set(of_year.months.tolist())):
                here = of_year.take(of_year.months == months)
                cell, row = placed(one, here, self.plain(horizon).history)
                if len(cell):
                    worth = self.lessons[ahead, months]
                    moved = _moved(
                        (made.sales.at(cell), before.sales.at(cell)),
                        here.take(row),
                        one.base[cell],
                        worth,
                        self._lasting(ahead, horizon),
                        now=ahead == horizon,
                    )
                    sales = _put(sales, cell, moved)
        change = sales.mean - made.sales.mean
        because = made.because | {"months": change} if made.because else {}
        # Growth that the months show, or deny, is growth to come by the horizon no more or less.
        gain = np.maximum(made.gain + change, 0.0)
        return replace(made, sales=sales, gain=gain, because=because)

    def _lasting(self, ahead: int, horizon: int) -> Lasting:
        """How far what surprises in the year of the months is there at the horizon."""
        if ahead == horizon:
            return WHOLLY
        if (ahead, horizon) not in self._lasts:
            history = self.plain(ahead).history
            self._lasts[ahead, horizon] = lasting(
                [
                    both
                    for base_year in learnt_years(history, horizon)
                    if (both := surprises(history, base_year, (ahead, horizon), self.products))
                ],
                (ahead, horizon),
            )
        return self._lasts[ahead, horizon]

    def _plain(self, ahead: int, one: Cells) -> Forecast:
        """The annual outlook of the same cells in the year of the months."""
        if ahead not in self._told:
            self._told[ahead] = {}
        told, key = self._told[ahead], (one.cube.product, one.cube.tier)
        if key not in told:
            found = self.plain(ahead).forecasts([one.cube.product])
            told.update(((c.cube.product, c.cube.tier), (c, f)) for c, f in found)
        return told[key][1]


def logs(sales: Distribution) -> Array:
    """Cells × knots: log of sales plus ``FLOOR_USD``, of what is alive."""
    usd = sales.scale[:, None] * (np.exp(sales.logs) - FLOOR_USD)
    return np.asarray(np.log(np.maximum(usd, 0.0) + FLOOR_USD))


def placed(one: Cells, here: Signals, history: History) -> tuple[Codes, Codes]:
    """Where pairs with months stand: places of cells, and of signals."""
    size = len(history.countries)
    seller, buyer = (
        np.array([history.index.get(code, -1) for code in here.pairs[side]], dtype=np.int64)
        for side in ("exporter", "importer")
    )
    wanted = np.where((seller >= 0) & (buyer >= 0), seller * size + buyer, -1)
    keys = one.cube.exporters[one.row] * size + one.cube.importers[one.column]
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys[order], wanted).clip(max=len(keys) - 1)
    cell = order[at]
    match = keys[cell] == wanted
    return cell[match], np.flatnonzero(match)


def _put(sales: Distribution, cell: Codes, moved: Distribution) -> Distribution:
    alive, knots, scale = sales.alive.copy(), sales.logs.copy(), sales.scale.copy()
    alive[cell], knots[cell], scale[cell] = moved.alive, moved.logs, moved.scale
    return Distribution(alive, knots, scale)


def _moved(
    outlook: tuple[Distribution, Distribution],
    here: Signals,
    base: Array,
    worth: Lesson,
    lasts: Lasting,
    *,
    now: bool,
) -> Distribution:
    """Distributions of the horizon, moved by the months.

    ``outlook`` has the annual outlook of the horizon and that of the year of the months; ``now``
    says whether these are one.
    """
    late, near = outlook
    at = logs(late)
    said = np.log(here.level(base) + FLOOR_USD) - logs(near)[:, _MIDDLE]
    shift = lasts.slope * worth.weight[here.kind] * np.where(here.kind == EMPTY, 0.0, said)
    narrow = np.sqrt(1 - lasts.correlation**2 * (1 - worth.narrowing[here.kind] ** 2))
    middle = at[:, [_MIDDLE]]
    moved = middle + shift[:, None] + narrow[:, None] * (at - middle)
    if now:
        moved = np.maximum(moved, np.log(here.already(base) + FLOOR_USD)[:, None])
    return Distribution.of(_alive(late, near, here, worth), moved, np.inf)


def _alive(late: Distribution, near: Distribution, here: Signals, worth: Lesson) -> Array:
    """Probability of sales at the horizon, from that in the year of the months.

    Of sales then, and of none then, the outlook's two probabilities tell how many are there later.
    """
    silent = worth.late[here.habit]
    then = np.where(
        here.sold > 0,
        1.0,
        near.alive * silent / np.maximum(1 - near.alive + near.alive * silent, SMALL),
    )
    lasts = np.minimum(late.alive / np.maximum(near.alive, SMALL), 1.0)
    begins = np.maximum(late.alive - near.alive, 0.0) / np.maximum(1 - near.alive, SMALL)
    return np.asarray(np.clip(then * lasts + (1 - then) * begins, 0.0, 1.0))


def nowcast(history: History, base_year: int, sales: MonthlySales, *, seed: int) -> Nowcast | None:
    """What the months say beyond the annual outlook; ``None`` where they say nothing of it.

    No month may be of a later day than the one that asks.
    """
    found = newest_signals(sales, base_year)
    known = history.until(base_year)
    if found is None or outlooks(known, base_year, int(found.ahead.max()), seed=seed).model is None:
        return None
    goods = _learnt_products(known, found)
    lessons = {
        (ahead, months): learnt(known, sales, (ahead, months), goods, seed=seed)
        for ahead, months in sorted(
            set(zip(found.ahead.tolist(), found.months.tolist(), strict=True))
        )
    }

    def plain(ahead: int) -> Outlooks:
        return outlooks(known, base_year, ahead, seed=seed)

    return Nowcast(base_year, found, lessons, plain, tuple(goods), sales.datasets)


def _learnt_products(history: History, found: Signals) -> list[str]:
    there = set(found.by_product) & set(history.rows)
    return sorted(sorted(there, key=lambda code: (-history.rows[code], code))[:LEARNT_PRODUCTS])


def learnt(
    history: History,
    sales: MonthlySales,
    asked: tuple[int, int],
    products: Sequence[str],
    *,
    seed: int = 1,
) -> Lesson:
    """What months were worth in base years whose outcome lies in the history.

    ``asked`` is years ahead, and months known of that year. Nothing after the history's last year
    is looked at, of months either.
    """
    ahead, months = asked
    seen: list[Seen] = []
    for base_year in learnt_years(history, ahead):
        here = signals(sales, base_year, base_year + ahead, months)
        if here is None:
            continue
        here = here.take(here.months == months)
        one = observed(history, base_year, ahead, here, products, seed=seed)
        if one is not None:
            seen.append(one)
    return lesson(seen, months, late_sellers(sales, months, history.years[-1] + 1))


def learnt_years(history: History, ahead: int) -> list[int]:
    """Base years whose outcome lies in the history, the latest first."""
    known = [year for year in history.years[1:] if year + ahead in history.years]
    return known[::-1][:LEARNT_YEARS]


def surprises(
    history: History, base_year: int, ahead: tuple[int, int], products: Sequence[str]
) -> Both | None:
    """What came beyond the annual outlook in two later years, of flows that are there in both."""
    near, late = (outlooks(history, base_year, one) for one in ahead)
    if near.model is None or late.model is None:
        return None
    cubes = {
        c.product: c for c in history.cubes(base_year, [base_year + one for one in ahead], products)
    }
    parts: list[tuple[Array, ...]] = []
    for (one, first), (_, second) in zip(
        near.forecasts(products), late.forecasts(products), strict=True
    ):
        found = [outcome(history, cubes[one.cube.product], one_ahead) for one_ahead in ahead]
        came = [usd[one.row, one.column] for usd, _, _ in found]
        kept: Mask = ~one.new
        for usd, (_, _, told) in zip(came, found, strict=True):
            kept = kept & told[one.row, one.column] & (usd > 0)
        row: list[Array] = []
        for usd, forecast in zip(came, (first, second), strict=True):
            at = logs(forecast.sales.at(np.flatnonzero(kept)))
            row += [np.log(usd[kept] + FLOOR_USD) - at[:, _MIDDLE], at[:, _HIGH] - at[:, _LOW]]
        parts.append(tuple(row))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Both(*columns) if columns and len(columns[0]) else None


def observed(
    history: History,
    base_year: int,
    ahead: int,
    here: Signals,
    products: Sequence[str],
    *,
    seed: int,
) -> Seen | None:
    """What months said and what came, in an earlier base year."""
    made = outlooks(history, base_year, ahead, seed=seed)
    if made.model is None:
        return None
    parts: list[tuple[Array | Codes, ...]] = []
    later = [base_year + ahead, base_year + ahead - 1]
    cubes = {c.product: c for c in history.cubes(base_year, later, products)}
    for one, forecast in made.forecasts(products):
        rows = here.by_product.get(one.cube.product)
        if rows is None or one.cube.product not in cubes:
            continue
        mine = here.take(rows)
        came, _, told = outcome(history, cubes[one.cube.product], ahead)
        cell, row = placed(one, mine, history)
        sold, known = came[one.row, one.column][cell], told[one.row, one.column][cell]
        mine = mine.take(row)
        kept: Mask = known & (sold > 0) & (mine.kind < EMPTY)
        at = logs(forecast.sales.at(cell[kept]))
        said = np.log(mine.level(one.base[cell])[kept] + FLOOR_USD) - at[:, _MIDDLE]
        log = np.log(sold[kept] + FLOOR_USD) - at[:, _MIDDLE]
        up, down = at[:, _HIGH] - at[:, _MIDDLE], at[:, _MIDDLE] - at[:, _LOW]
        parts.append((mine.kind[kept], said, log, up, down))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Seen(base_year, *columns) if columns and len(columns[0]) else None
