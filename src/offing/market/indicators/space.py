"""The product space, from RCA to COG: advantage, relatedness, complexity and fitness.

RCA is that of Balassa (1965), "Trade liberalisation and 'revealed' comparative advantage", The
Manchester School 33(2): a product's share in a country's exports over its share in world exports.
How close products are to one another, and to what a country already exports: Hidalgo, Klinger,
Barabási and Hausmann (2007), "The product space conditions the development of nations", Science
317; complexity outlook after Hausmann, Hidalgo et al. (2014), "The Atlas of Economic Complexity".
Relatedness of countries does not carry over to firms (Albora et al. 2022). ECI and PCI: Hidalgo and
Hausmann (2009), "The building blocks of economic complexity", PNAS 106(26), in the form of an
eigenvector. Fitness: Tacchella, Cristelli, Caldarelli, Gabrielli and Pietronero (2012), "A new
metrics for countries' fitness and products' complexity", Sci. Rep. 2:723.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.estimators import one_thread
from offing.terms.errors import InputError, MissingDataError

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


def parts(shared: Floats) -> int:
    """Into how many unconnected parts countries fall, with the products they share as links.

    Args:
        shared: above 0 where two countries have an advantage in the same product, ``(C, C)``.
    """
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(shared > 0, directed=False, return_labels=False))


def complexity(m: Bits) -> tuple[Floats, Floats, float]:
    """ECI of each country and PCI of each product, and the eigenvalue.

    ECI is the second eigenvector of ``M̃_cc' = Σ_p M_cp M_c'p / (k_c k_p)``, found on the countries'
    side, where the matrix is small, and in its symmetric form ``D^-½ M U^-1 M' D^-½``. Its sign is
    such that it correlates with diversity.

    Args:
        m: advantages ``(C, P)``.

    Returns:
        ``(C,)``, with mean 0 and standard deviation 1 over the countries (divided by C, not C − 1),
        not a number for a country without any advantage; ``(P,)``, in the units of the ECI, which
        is the mean PCI of a country's advantages; the second largest eigenvalue of the country
        matrix, between 0 and 1: close to 1 the world falls into two parts and ECI says which.

    Raises:
        InputError: ``indicators.too_few`` with fewer than three countries or two products that
            have an advantage, ``indicators.not_connected`` where they fall into parts that share
            nothing: then the eigenvector only tells the parts apart.
    """
    from scipy.linalg import eigh

    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    rows, cols = diversity > 0, ubiquity > 0
    if rows.sum() < 3 or cols.sum() < 2:
        raise InputError("indicators.too_few", countries=int(rows.sum()), products=int(cols.sum()))
    linked = m[rows][:, cols].astype(np.float64)
    k_c, k_p = diversity[rows].astype(np.float64), ubiquity[cols].astype(np.float64)
    half = linked / np.sqrt(k_p)
    half /= np.sqrt(k_c)[:, None]
    shared = half @ half.T
    if (number := parts(shared)) > 1:
        raise InputError("indicators.not_connected", parts=number)
    last = len(k_c) - 1
    values, vectors = eigh(shared, subset_by_index=[last - 1, last])
    if values[0] < 1e-12:
        raise InputError("indicators.no_variation")
    raw = vectors[:, 0] / np.sqrt(k_c)
    raw = raw * (1.0 if np.cov(raw, k_c)[0, 1] >= 0 else -1.0)
    # Σ_p M PCI / k_c = ECI needs PCI = Σ_c M ECI / k_p / eigenvalue.
    products = linked.T @ raw / k_p / values[0]
    centre, spread = raw.mean(), raw.std()
    eci, pci = np.full(len(rows), np.nan), np.full(len(cols), np.nan)
    eci[rows] = (raw - centre) / spread
    pci[cols] = (products - centre) / spread
    return eci, pci, float(values[0])


SETTLED, MOST_STEPS = 1e-10, 1_000
"""Of fitness: the change of a step over the largest value that ends it, and how many steps."""


def fitness(m: Bits, most: int = MOST_STEPS) -> tuple[Floats, Floats]:
    """Fitness of countries and the products' own complexity, of mean 1 (Tacchella et al. 2012).

    ``F_c ← Σ_p M Q_p``, ``Q_p ← 1 / Σ_c (M / F_c)``, each divided by its mean, from ones, until a
    step moves no value by ``SETTLED`` of the largest, ``most`` times at most: on some matrices the
    weakest countries tend to zero without end (Pugliese, Zaccaria and Pietronero 2016).

    Args:
        m: advantages ``(C, P)``.
        most: steps; many published figures took 20.

    Raises:
        InputError: ``indicators.too_few`` where there is no advantage at all.
    """
    from scipy import sparse

    rows, cols = np.asarray(m.any(axis=1)), np.asarray(m.any(axis=0))
    if not rows.any():
        raise InputError("indicators.too_few", countries=0, products=0)
    # Nine pairs of ten have no advantage, and each step passes over all of them twice.
    some = m[rows][:, cols]
    product, start = np.flatnonzero(some) % some.shape[1], np.append(0, some.sum(axis=1).cumsum())
    linked = sparse.csr_array((np.ones(len(product)), product, start), shape=some.shape)
    turned = linked.T.tocsr()
    f, q = np.ones(linked.shape[0]), np.ones(linked.shape[1])
    for _ in range(most):
        new_f = linked @ q
        # A floor far below any fitness of interest keeps the inverse within a float's range.
        new_q = 1.0 / (turned @ (1.0 / np.maximum(f, 1e-200)))
        old, f, q = (f, q), new_f / new_f.mean(), new_q / new_q.mean()
        if max(np.abs(a - b).max() / b.max() for a, b in zip(old, (f, q), strict=True)) < SETTLED:
            break
    countries, products = np.zeros(len(rows)), np.full(len(cols), np.nan)
    countries[rows], products[cols] = f, q
    return countries, products


def proximity(m: Bits) -> Floats:
    """``φ_pq = Σ_c M_cp M_cq / max(k_p, k_q)``, ``(P, P)``; 0 where nobody has an advantage.

    The matrix of 5,000 products takes 200 MB: :class:`Neighbours` does without it.
    """
    linked = m.astype(np.float64)
    ubiquity = linked.sum(axis=0)
    larger = np.maximum(np.maximum.outer(ubiquity, ubiquity), 1.0)
    return np.asarray(linked.T @ linked / larger)


@dataclass(frozen=True)
class Neighbours:
    """Sums over a product's neighbours, exactly, without the product × product matrix.

    ``1 / max(u_p, u_q)`` is a sum over the levels l of ubiquity, from the larger of the two up, of
    ``1 / l - 1 / l'`` with l' the next level. So products are taken level by level, the most common
    first, and what the others that are no more common carry counts once more at each.

    Attributes:
        order: the N products in which anybody has an advantage, the rarest first.
        linked: advantages ``(N, C)``; products in rows, so that those of a level lie together and
            BLAS takes them as they are.
        levels: the rows of each level, and ``1 / l - 1 / l'``; the highest level first.
        products: how many there are in all, P.
    """

    order: NDArray[np.intp]
    linked: Floats
    levels: tuple[tuple[slice, float], ...]
    products: int

    @classmethod
    def of(cls, m: Bits) -> "Neighbours":
        """Those of advantages ``(C, P)``."""
        ubiquity = m.sum(axis=0)
        order = np.argsort(ubiquity, kind="stable")
        order = order[ubiquity[order] > 0]
        level, first = np.unique(ubiquity[order], return_index=True)
        rows = map(slice, first.tolist(), [*first[1:].tolist(), len(order)])
        steps = (-np.diff(1 / level, append=0.0)).tolist()
        levels = tuple(zip(rows, steps, strict=True))[::-1]
        return cls(order, m.T[order].astype(np.float64), levels, m.shape[1])

    @cached_property
    def surroundings(self) -> Floats:
        """``Σ_q φ_qp``, ``(P,)``; not a number where nobody has an advantage."""
        total = self.around(np.ones(self.products))
        return np.where(total > 0, total, np.nan)

    def around(self, worth: Floats) -> Floats:
        """``Σ_q worth_q φ_qp``, ``(P,)``; 0 where nobody has an advantage."""
        own = worth[self.order]
        upto = own @ self.linked
        sums, ordered = np.zeros_like(upto), np.empty_like(own)
        for rows, step in self.levels:
            sums += step * upto
            ordered[rows] = self.linked[rows] @ sums
            upto -= own[rows] @ self.linked[rows]
        out = np.zeros(self.products)
        out[self.order] = ordered
        return out

    def made(self, worth: Floats | None = None) -> Floats:
        """``Σ_q worth_q M_cq φ_qp``, what a country makes around p, ``(C, P)``.

        Args:
            worth: ``(P,)``; 1 each where it is not given.
        """
        squares = [_Squares(1.0, np.arange(len(self.linked)), self.linked)]
        if worth is not None:
            own = worth[self.order]
            squares = [_Squares.of(sign, self.linked, own) for sign in (1.0, -1.0)]
        sums, upto, moved = np.zeros((3, self.linked.shape[1], self.linked.shape[1]))
        for square in squares:
            upto += square.over(slice(0, len(self.linked)), moved)
        ordered = np.empty(self.linked.shape[::-1])
        for rows, step in self.levels:
            sums += np.multiply(upto, step, out=moved)
            np.matmul(sums, self.linked[rows].T, out=ordered[:, rows])
            for square in squares:
                upto -= square.over(rows, moved)
        out = np.zeros((len(ordered), self.products))
        out[:, self.order] = ordered
        return out


@dataclass(frozen=True)
class _Squares:
    """``Σ_q w_q M_cq M_c'q`` over rows of :class:`Neighbours`: BLAS makes half of a square.

    Attributes:
        sign: 1, or -1 where the w_q are those below 0.
        which: the rows that count, in order.
        roots: ``√|w_q| M_cq`` of them.
    """

    sign: float
    which: NDArray[np.intp]
    roots: Floats

    @classmethod
    def of(cls, sign: float, linked: Floats, worth: Floats) -> "_Squares":
        """Those of the rows whose worth has the sign."""
        which = np.flatnonzero(sign * worth > 0)
        return cls(sign, which, linked[which] * np.sqrt(np.abs(worth[which]))[:, None])

    def over(self, rows: slice, out: Floats) -> Floats:
        """The sums, ``(C, C)``, into a place: to make one each time costs as much as the sums."""
        roots = self.roots[slice(*np.searchsorted(self.which, (rows.start, rows.stop)))]
        np.matmul(roots.T, roots, out=out)
        if self.sign < 0:
            np.negative(out, out=out)
        return out


def density(m: Bits, near: Neighbours | None = None) -> Floats:
    """``Σ_q φ_pq M_cq / Σ_q φ_pq``: the share of a product's surroundings that a country has.

    Args:
        m: advantages ``(C, P)``.
        near: their neighbours, where they are known already.

    Returns:
        ``(C, P)``, from 0 to 1; not a number for a product in which nobody has an advantage.
    """
    near = near or Neighbours.of(m)
    share = near.made()
    share /= near.surroundings
    return share


def outlook_index(m: Bits, near: Floats, pci: Floats) -> Floats:
    """COI: ``Σ_p density_cp (1 − M_cp) PCI_p``, how much complexity lies close at hand, ``(C,)``.

    Args:
        m: advantages ``(C, P)``.
        near: density ``(C, P)``.
        pci: complexity of products ``(P,)``; products without one do not count.
    """
    return np.asarray(np.where(m | np.isnan(pci), 0.0, near) @ np.nan_to_num(pci))


def outlook_gain(m: Bits, pci: Floats, near: Neighbours | None = None) -> Floats:
    """COG: what an advantage in p would add to the country's outlook.

    ``(1 − M_cp) Σ_q (1 − M_cq) φ_pq PCI_q / Σ_r φ_qr``; a product counts as its own surroundings.

    Args:
        m: advantages ``(C, P)``.
        pci: complexity of products ``(P,)``.
        near: their neighbours, where they are known already.

    Returns:
        ``(C, P)``; 0 where the country has the advantage already.
    """
    near = near or Neighbours.of(m)
    worth = np.nan_to_num(pci / near.surroundings)
    gain = near.made(worth)
    np.subtract(near.around(worth), gain, out=gain)
    gain *= ~m
    return gain


@dataclass(frozen=True)
class Exports:
    """Exports of a year.

    Attributes:
        countries: codes in order, C of them.
        products: codes in order, P of them.
        value: ``(C, P)``, in any one unit of money, none below 0.
    """

    countries: tuple[str, ...]
    products: tuple[str, ...]
    value: Floats

    @classmethod
    def of(cls, table: pl.DataFrame) -> "Exports":
        """The matrix of a table.

        Countries and products without any trade are left out: no share can be taken of nothing.

        Args:
            table: ``country``, ``product``, ``value``; missing pairs are zeros, rows that repeat a
                pair are added up.

        Raises:
            MissingDataError: ``indicators.no_trade`` where nothing is left.
        """
        value = pl.col("value").cast(pl.Float64)
        some = table if table.select((value > 0).all()).item() else table.filter(value > 0)
        if some.is_empty():
            raise MissingDataError("indicators.no_trade")

        def encode_side(side: str) -> tuple[pl.Series, NDArray[np.intp]]:
            # The texts are looked at once; what is sorted are the few that differ.
            code = some[side].cast(pl.String).cast(pl.Categorical).to_physical().to_numpy()
            row = np.full(int(code.max()) + 1, -1)
            row[code] = np.arange(len(code))
            different = np.flatnonzero(row >= 0)
            names = some[side].cast(pl.String).gather(row[different])
            order = names.arg_sort().to_numpy()
            row[different[order]] = np.arange(len(order))
            return names.gather(order), row[code]

        with ThreadPoolExecutor(2) as pool:
            codes, at = zip(*pool.map(encode_side, ("country", "product")), strict=True)
        shape = len(codes[0]), len(codes[1])
        at[0][:] *= shape[1]
        at[0][:] += at[1]
        amount = some["value"].cast(pl.Float64).to_numpy()
        matrix = np.bincount(at[0], amount, shape[0] * shape[1]).astype(np.float64, copy=False)
        countries, products = (tuple(names.to_list()) for names in codes)
        return cls(countries, products, matrix.reshape(shape))


def rca(value: Floats) -> Floats:
    """``(X_cp / X_c) / (X_p / X)``.

    Args:
        value: exports ``(C, P)``, none below 0; see :class:`offing.market.indicators.space`.

    Returns:
        ``(C, P)``; not a number for a country or product without any trade.

    >>> rca(np.array([[2.0, 0.0], [1.0, 1.0]]))
    array([[1.33333333, 0.        ],
           [0.66666667, 2.        ]])
    """
    # In shares of the whole, so that values of any size stay within the range of a float.
    share = value / value.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        own: Floats = share / share.sum(axis=1, keepdims=True)
        own /= share.sum(axis=0)
    return own


def has_advantage(value: Floats, threshold: float = 1.0) -> Bits:
    """Where RCA is at least ``threshold``: the matrix M of complexity and relatedness."""
    return rca(value) >= threshold


def product_space(table: pl.DataFrame, *, complexities: bool = True) -> tuple[pl.DataFrame, ...]:
    """Every indicator of a year's exports.

    Small exporters top every list of complexity: leave out those that trade little beforehand, as
    the Atlas does (below 1 million people or 1 billion USD).

    Args:
        table: ``country``, ``product``, ``value``.
        complexities: whether ECI, PCI, COI and COG are wanted; else they are null, and data with
            too few countries or products for them will do.

    Returns:
        ``country``, ``diversity``, ``eci``, ``fitness``, ``coi``; ``product``, ``ubiquity``,
        ``pci``, ``fitness`` (of the product); ``country``, ``product``, ``value``, ``rca``,
        ``advantage``, ``density``, ``cog`` of every country with every product.

    Raises:
        InputError: as :meth:`Exports.of` and :func:`complexity`.
        MissingDataError: as :meth:`Exports.of`.
    """
    exports = Exports.of(table)
    advantage = rca(exports.value)
    m = advantage >= 1

    # One thread each: the products of small matrices lose more than they gain by sharing.
    with one_thread(), ThreadPoolExecutor(1) as beside:
        neighbours = Neighbours.of(m)
        closeness = beside.submit(density, m, neighbours)
        named, fitted = beside.submit(_names, exports), beside.submit(fitness, m)
        eci, pci = (np.full(count, np.nan) for count in m.shape)
        if complexities:
            eci, pci, _ = complexity(m)
        gain = outlook_gain(m, pci, neighbours) if complexities else np.full(m.shape, np.nan)
        near, (country, product), fit = closeness.result(), named.result(), fitted.result()
    coi = outlook_index(m, near, pci) if complexities else eci
    tables = (
        {"country": exports.countries, "diversity": m.sum(axis=1), "eci": eci,
         "fitness": fit[0], "coi": coi},
        {"product": exports.products, "ubiquity": m.sum(axis=0), "pci": pci, "fitness": fit[1]},
        {"country": country, "product": product, "value": exports.value.ravel(),
         "rca": advantage.ravel(), "advantage": m.ravel(), "density": near.ravel(),
         "cog": gain.ravel()},
    )  # fmt: skip
    known = pl.col(pl.Float64).fill_nan(None)
    return tuple(pl.DataFrame(table).with_columns(known) for table in tables)


def _names(exports: Exports) -> list[pl.Series]:
    """Country and product of every pair."""
    c, p = exports.value.shape
    rows, columns = (np.arange(n, dtype=np.uint32) for n in (c, p))
    places = np.repeat(rows, p), np.tile(columns, c)
    return [
        pl.Series(codes, dtype=pl.Enum(codes)).gather(pl.Series(at))
        for codes, at in zip((exports.countries, exports.products), places, strict=True)
    ]
