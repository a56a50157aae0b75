"""How close products are to one another, and to what a country already exports.

Hidalgo, Klinger, Barabási and Hausmann (2007), "The product space conditions the development of
nations", Science 317; complexity outlook after Hausmann, Hidalgo et al. (2014), "The Atlas of
Economic Complexity". Relatedness of countries does not carry over to firms (Albora et al. 2022).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


def proximity(m: Bits) -> Floats:
    """``φ_pq = Σ_c M_cp M_cq / max(k_p, k_q)``, ``(P, P)``; 0 where nobody has an advantage.

    The matrix of 5,000 products takes 200 MB: :func:`weighted_by_proximity` does without it.
    """
    linked = m.astype(np.float64)
    ubiquity = linked.sum(axis=0)
    larger = np.maximum(np.maximum.outer(ubiquity, ubiquity), 1.0)
    return np.asarray(linked.T @ linked / larger)


def weighted_by_proximity(weights: Floats | Bits, m: Bits) -> Floats:
    """``Σ_q weights_rq φ_qp`` for every p, exactly, without the product × product matrix.

    ``1 / max(u_p, u_q)`` is a sum over the levels l of ubiquity, from the larger of the two up, of
    ``1 / l - 1 / l'`` with l' the next level. So products are taken level by level, the most common
    first, and what the others that are no more common carry counts once more at each.

    Args:
        weights: ``(R, P)``; ``m`` itself costs less, as the sums are symmetric then.
        m: advantages ``(C, P)``.

    Returns:
        ``(R, P)``; 0 for a product in which nobody has an advantage.
    """
    ubiquity = m.sum(axis=0)
    order = np.argsort(ubiquity, kind="stable")
    order = order[ubiquity[order] > 0]
    # Products in rows, so that those of a level lie together and BLAS takes them as they are.
    linked = m.T[order].astype(np.float64)
    own = weights is m
    carried = linked if own else weights.T[order].astype(np.float64, copy=False)
    # Numbers of products are whole: single precision holds them exactly, in half the time.
    left, right = [linked.astype(np.float32)] * 2 if own else [linked, carried]
    levels, first = np.unique(ubiquity[order], return_index=True)
    steps = -np.diff(1 / levels, append=0.0)
    spans = list(zip(first.tolist(), [*first[1:].tolist(), len(order)], strict=True))
    pieces = np.empty((len(spans), left.shape[1], right.shape[1]), right.dtype)
    for piece, (low, high) in zip(pieces, spans, strict=True):
        np.matmul(left[low:high].T, right[low:high], out=piece)
    # What products up to the level carry, and the sums that belong to the level.
    upto = pieces.sum(axis=0, dtype=np.float64)
    sums, moved = np.zeros_like(upto), np.empty_like(upto)
    found = np.empty_like(carried)
    for step, piece, (low, high) in zip(
        steps[::-1].tolist(), pieces[::-1], spans[::-1], strict=True
    ):
        sums += np.multiply(upto, step, out=moved)
        np.matmul(linked[low:high], sums, out=found[low:high])
        upto -= piece
    out = np.zeros(weights.shape)
    out[:, order] = found.T
    return out


def surroundings(m: Bits) -> Floats:
    """``Σ_q φ_qp``, ``(P,)``; not a number where nobody has an advantage."""
    total = weighted_by_proximity(np.ones((1, m.shape[1])), m)[0]
    return np.where(total > 0, total, np.nan)


def density(m: Bits, total: Floats | None = None) -> Floats:
    """``Σ_q φ_pq M_cq / Σ_q φ_pq``: the share of a product's surroundings that a country has.

    Args:
        m: advantages ``(C, P)``.
        total: :func:`surroundings`, where they are known already.

    Returns:
        ``(C, P)``, from 0 to 1; not a number for a product in which nobody has an advantage.
    """
    near = weighted_by_proximity(m, m)
    near /= surroundings(m) if total is None else total
    return near


def outlook_index(m: Bits, near: Floats, pci: Floats) -> Floats:
    """COI: ``Σ_p density_cp (1 − M_cp) PCI_p``, how much complexity lies close at hand, ``(C,)``.

    Args:
        m: advantages ``(C, P)``.
        near: density ``(C, P)``.
        pci: complexity of products ``(P,)``; products without one do not count.
    """
    return np.asarray((np.nan_to_num(near) * ~m) @ np.nan_to_num(pci))


def outlook_gain(m: Bits, pci: Floats, total: Floats | None = None) -> Floats:
    """COG: what an advantage in p would add to the country's outlook.

    ``(1 − M_cp) Σ_q (1 − M_cq) φ_pq PCI_q / Σ_r φ_qr``; a product counts as its own surroundings.

    Args:
        m: advantages ``(C, P)``.
        pci: complexity of products ``(P,)``.
        total: :func:`surroundings`, where they are known already.

    Returns:
        ``(C, P)``; 0 where the country has the advantage already.
    """
    worth = np.nan_to_num(pci / (surroundings(m) if total is None else total))
    return np.asarray(weighted_by_proximity(~m * worth, m) * ~m)
