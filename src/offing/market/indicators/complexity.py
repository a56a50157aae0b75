"""Economic complexity of countries and products, and their fitness.

ECI and PCI: Hidalgo and Hausmann (2009), "The building blocks of economic complexity", PNAS
106(26), in the form of an eigenvector. Fitness: Tacchella, Cristelli, Caldarelli, Gabrielli and
Pietronero (2012), "A new metrics for countries' fitness and products' complexity", Sci. Rep. 2:723.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.terms.errors import InputError

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Complexity:
    """Complexity of each country and product.

    Attributes:
        eci: ``(C,)``, with mean 0 and standard deviation 1 over the countries (divided by C, not
            C − 1); not a number for a country without any advantage.
        pci: ``(P,)``, in the units of ``eci``: a country's ECI is the mean PCI of its advantages.
        eigenvalue: the second largest of the country matrix, between 0 and 1; close to 1 the
            world falls into two parts and ECI says which.
    """

    eci: Floats
    pci: Floats
    eigenvalue: float


def parts(shared: Floats) -> int:
    """Into how many unconnected parts countries fall, with the products they share as links.

    Args:
        shared: above 0 where two countries have an advantage in the same product, ``(C, C)``.
    """
    from scipy.sparse.csgraph import connected_components

    return int(connected_components(shared > 0, directed=False, return_labels=False))


def unknown_complexity(m: Bits) -> Complexity:
    """Not a number for everything, where nobody asks for it."""
    countries, products = m.shape
    return Complexity(np.full(countries, np.nan), np.full(products, np.nan), float("nan"))


def complexity(m: Bits) -> Complexity:
    """ECI and PCI.

    ECI is the second eigenvector of ``M̃_cc' = Σ_p M_cp M_c'p / (k_c k_p)``, found on the countries'
    side, where the matrix is small, and in its symmetric form ``D^-½ M U^-1 M' D^-½``. Its sign is
    such that it correlates with diversity.

    Args:
        m: advantages ``(C, P)``.

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
    return Complexity(eci, pci, float(values[0]))


@dataclass(frozen=True)
class Fitness:
    """Fitness of countries and the products' own complexity, both with mean 1.

    Attributes:
        fitness: ``(C,)``; 0 for a country without any advantage.
        product: ``(P,)``; not a number for a product in which nobody has one.
    """

    fitness: Floats
    product: Floats


def fitness(m: Bits, steps: int = 20) -> Fitness:
    """Fitness after a number of steps.

    ``F_c ← Σ_p M Q_p``, ``Q_p ← 1 / Σ_c (M / F_c)``, each divided by its mean. The paper stops
    after a set number of steps: on many matrices the weakest countries tend to zero without end
    (Pugliese, Zaccaria and Pietronero 2016).

    Args:
        m: advantages ``(C, P)``.
        steps: 20 as in most published figures.

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
    for _ in range(steps):
        new_f = linked @ q
        # A floor far below any fitness of interest keeps the inverse within a float's range.
        new_q = 1.0 / (turned @ (1.0 / np.maximum(f, 1e-200)))
        f, q = new_f / new_f.mean(), new_q / new_q.mean()
    countries, products = np.zeros(len(rows)), np.full(len(cols), np.nan)
    countries[rows], products[cols] = f, q
    return Fitness(countries, products)
