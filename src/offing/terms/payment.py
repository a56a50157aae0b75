"""Terms of payment, in the seller's order of risk."""

import unicodedata

from offing.terms.errors import InputError, Where
from offing.terms.messages import join_list
from offing.terms.nearest import suggest

RISK_ORDER = ("prepaid", "confirmed_lc", "sight_lc", "usance_lc", "dp", "da", "open_account")
"""Prepaid transfer, confirmed, sight and usance letter of credit, D/P, D/A, open account."""
DEFERRED = ("usance_lc", "da", "open_account")
"""Terms on which a buyer has the goods for weeks before paying."""

NAMES = {
    "赊销": "open_account", "赊账": "open_account", "放账": "open_account", "oa": "open_account",
    "后tt": "open_account", "tt_after_shipment": "open_account",
    "预付": "prepaid", "预付款": "prepaid", "前tt": "prepaid", "tt_in_advance": "prepaid",
    "prepayment": "prepaid", "advance_payment": "prepaid", "cash_in_advance": "prepaid",
    "保兑信用证": "confirmed_lc", "保兑证": "confirmed_lc",
    "即期信用证": "sight_lc", "即期证": "sight_lc", "lc_at_sight": "sight_lc",
    "远期信用证": "usance_lc", "远期证": "usance_lc",
    "付款交单": "dp", "承兑交单": "da",
}  # fmt: skip
"""What people call a term besides. T/T alone is before or after shipment, and is none of them."""


def payment_term(text: str, *, where: Where | None = None) -> str:
    """A payment term by its name in :data:`RISK_ORDER`, however it was written.

    Raises:
        InputError: ``settle.unknown_terms``.

    >>> payment_term("Sight-LC"), payment_term("O/A"), payment_term("赊销")
    ('sight_lc', 'open_account', 'open_account')
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    name = plain.replace("-", "_").replace(" ", "_").replace("/", "")
    name = NAMES.get(name, name)
    if name not in RISK_ORDER:
        raise InputError(
            "settle.unknown_terms",
            where=where,
            text=text,
            near=suggest(name, RISK_ORDER),
            all=join_list(RISK_ORDER),
        )
    return name
