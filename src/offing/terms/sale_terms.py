"""Terms of a sale: Incoterms 2020 and the costs in each price, levels of price, modes, payment."""

import re
import unicodedata
from functools import cache
from typing import Literal, get_args

from offing.terms.errors import Where, unknown_name
from offing.terms.files import shipped_rows
from offing.terms.text import normal

Incoterm = Literal[
    "EXW", "FCA", "FAS", "FOB", "CFR", "CPT", "CIF", "CIP", "DAP", "DPU", "DDP", "DDP excluding VAT"
]
INCOTERMS: tuple[Incoterm, ...] = get_args(Incoterm)
WITHOUT_VAT: Literal["DDP excluding VAT"] = "DDP excluding VAT"
"""Delivered duty paid, import VAT unpaid: the buyer pays it and gets it back. DDP alone has it in
the price, unless the contract of sale says otherwise (ICC Incoterms 2010 and 2020, DDP)."""
DUTY_PAID: tuple[Incoterm, ...] = ("DDP", WITHOUT_VAT)

Cost = Literal[
    "goods",
    "inland",
    "export_clearance",
    "freight",
    "insurance",
    "destination",
    "unloading",
    "duty",
]

CONTAINS: dict[Incoterm, tuple[Cost, ...]] = {
    row["term"]: tuple(row["costs"].split())  # type: ignore[arg-type,misc]
    for row in shipped_rows("offing.terms", "data/incoterms.csv")
}
"""What each term's price contains (ICC Incoterms 2020; design note CHINA_EXPORT_FINANCE 2.1)."""

_VAT = r"(?:import\s*)?(?:VAT|GST|IVA|TVA|MwSt)"
_UNPAID = re.compile(
    rf"(?:excl(?:uding|usive of|\.)?|ex\.?|without|w/o|no|net of|less)\s*{_VAT}\b"
    rf"|\b{_VAT}\s*(?:is\s*)?(?:unpaid|exclu\w*|excl\.?|not\s*(?:paid|included))"
    r"|(?:进口)?(?:增值税|VAT)(?:由?买方承担|未付|不含|另计)|不含(?:进口)?(?:增值)?税|未含税|未税",
    re.IGNORECASE,
)


def place_without_vat(text: str) -> str | None:
    """The place that is named with a DDP price that has no import VAT in it; ``None`` for another.

    >>> [place_without_vat(f"DDP {one}") for one in ("Hamburg, VAT unpaid", "(不含税)", "Rome")]
    ['Hamburg', '', None]
    """
    duty_paid = re.match(r"\s*DDP(?![A-Za-z0-9])(.*)", text, re.IGNORECASE | re.DOTALL)
    if duty_paid is None or not _UNPAID.search(duty_paid[1]):
        return None
    return _UNPAID.sub(" ", duty_paid[1]).strip(" ,;()（），-")


_SPELLED: dict[Incoterm, tuple[str, ...]] = {
    "CFR": ("C&F", "CNF", "C AND F", "CF", "成本加运费"),
    "CIF": ("到岸价",),
    "FOB": ("离岸价",),
    "EXW": ("工厂交货",),
    "DAP": ("DDU", "目的地交货"),
    "DDP": ("完税后交货",),
}
"""What people write for a term; DAP has taken the place of DDU (Incoterms 2010)."""


def usual_term(text: str) -> str:
    """A text in capitals, that begins with the Incoterm it means.

    >>> usual_term("c&f Hamburg"), usual_term("到岸价"), usual_term("CFS")
    ('CFR HAMBURG', 'CIF', 'CFS')
    """
    name = normal(text).upper()
    for term, spelled in ((term, word) for term, words in _SPELLED.items() for word in words):
        if name.startswith(spelled) and not re.match("[A-Z0-9]", name[len(spelled) :]):
            return f"{term}{name[len(spelled) :]}"
    return name


@cache
def _meanings(of: str) -> dict[str, str]:
    """What people call a ``mode`` or a payment ``term`` → ours."""
    return {row["word"]: row[of] for row in shipped_rows("offing.terms", f"data/{_FILES[of]}.csv")}


_FILES = {"mode": "modes", "term": "payment_terms"}


def mode_of(text: str) -> str:
    """The mode that a word means; the word itself where it is none of them.

    >>> mode_of("海运"), mode_of("Truck"), mode_of("rail"), mode_of("pipeline")
    ('sea', 'road', 'rail', 'pipeline')
    """
    word = text.strip().casefold()
    return _meanings("mode").get(word, word)


PriceLevel = Literal["fob", "cif", "landed", "retail"]
"""``fob`` on board, ``cif`` at the border before duty, ``landed`` with duty paid and without
value-added tax, ``retail`` on the shelf with it."""


RISK_ORDER = ("prepaid", "confirmed_lc", "sight_lc", "usance_lc", "dp", "da", "open_account")
"""Prepaid transfer, confirmed, sight and usance letter of credit, D/P, D/A, open account."""
DEFERRED = ("usance_lc", "da", "open_account")
"""Terms on which a buyer has the goods for weeks before paying."""


def payment_term(text: str, *, where: Where | None = None) -> str:
    """A payment term by its name in :data:`RISK_ORDER`, however it was written.

    Raises:
        InputError: ``errors.unknown_name``.

    >>> payment_term("Sight-LC"), payment_term("O/A"), payment_term("赊销")
    ('sight_lc', 'open_account', 'open_account')
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    name = plain.replace("-", "_").replace(" ", "_").replace("/", "")
    name = _meanings("term").get(name, name)
    if name not in RISK_ORDER:
        raise unknown_name(text, RISK_ORDER, where)
    return name
