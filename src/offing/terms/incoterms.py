"""Incoterms 2020: which costs a seller's price contains, in the order in which they arise."""

from typing import Literal, get_args

Incoterm = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CPT", "CIF", "CIP", "DAP", "DPU", "DDP"]
INCOTERMS: tuple[Incoterm, ...] = get_args(Incoterm)

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
    "EXW": ("goods",),
    "FCA": ("goods", "inland", "export_clearance"),
    "FAS": ("goods", "inland", "export_clearance"),
    "FOB": ("goods", "inland", "export_clearance"),
    "CFR": ("goods", "inland", "export_clearance", "freight"),
    "CPT": ("goods", "inland", "export_clearance", "freight"),
    "CIF": ("goods", "inland", "export_clearance", "freight", "insurance"),
    "CIP": ("goods", "inland", "export_clearance", "freight", "insurance"),
    "DAP": ("goods", "inland", "export_clearance", "freight", "insurance", "destination"),
    "DPU": (
        "goods",
        "inland",
        "export_clearance",
        "freight",
        "insurance",
        "destination",
        "unloading",
    ),
    "DDP": ("goods", "inland", "export_clearance", "freight", "insurance", "destination", "duty"),
}
"""What each term's price contains (ICC Incoterms 2020; design note CHINA_EXPORT_FINANCE 2.1)."""
