"""Terms of payment, in the seller's order of risk."""

from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest

RISK_ORDER = (
    "prepaid",
    "confirmed_lc",
    "sight_lc",
    "usance_lc",
    "dp",
    "da",
    "open_account",
)
"""Prepaid transfer, confirmed, sight and usance letter of credit, D/P, D/A, open account."""


def payment_term(text: str, *, where: Where | None = None) -> str:
    """A payment term by its name in :data:`RISK_ORDER`, however it was written.

    Raises:
        InputError: ``settle.unknown_terms``.

    >>> payment_term("Sight-LC")
    'sight_lc'
    """
    name = text.strip().lower().replace("-", "_").replace(" ", "_").replace("/", "")
    if name not in RISK_ORDER:
        raise InputError(
            "settle.unknown_terms",
            where=where,
            text=text,
            near=nearest(name, RISK_ORDER) or RISK_ORDER[0],
            all=enumerated(RISK_ORDER),
        )
    return name
