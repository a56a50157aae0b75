"""How close products are to one another, and to what a country already exports.

Hidalgo, Klinger, Barabási and Hausmann (2007), "The product space conditions the development of
nations", Science 317; complexity outlook after Hausmann, Hidalgo et al. (2014), "The Atlas of
Economic Complexity". Relatedness of countries does not carry over to firms (Albora et al. 2022).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


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
