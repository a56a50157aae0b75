"""How the cases of each importer name its rates and its answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Importer:
    """How the cases of one importer name its rates and its answers.

    Attributes:
        destination: alpha-3.
        rates: rate series → names of the input.
        answers: charge → names of the answer.
        tax_base: the charge whose base is the answer ``vat_base``.
    """

    destination: str
    rates: dict[str, tuple[str, ...]]
    answers: dict[str, tuple[str, ...]]
    tax_base: str = "vat"


_VAT = ("vat_rate", "gst_rate", "import_vat_rate", "tax_rate")
_VAT_ANSWERS = ("vat", "gst", "import_vat")

IMPORTERS: dict[str, Importer] = {
    "AU": Importer("AUS", {"aus.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "NZ": Importer("NZL", {"nzl.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "CA": Importer("CAN", {"can.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "ZA": Importer(
        "ZAF",
        {"zaf.vat": _VAT, "zaf.vat.uplift": ("uplift", "uplift_rate", "vat_uplift")},
        {"vat": _VAT_ANSWERS},
    ),
    "UK": Importer("GBR", {"gbr.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "CIF_VAT": Importer("FIN", {"eur.vat.fin": _VAT}, {"vat": _VAT_ANSWERS}),
    "AE": Importer("ARE", {"are.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "SA": Importer("SAU", {"sau.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "US": Importer(
        "USA",
        {"usa.hmf": ("hmf_rate",)},
        {"mpf": ("mpf",), "hmf": ("hmf",)},
        "mpf",
    ),
    "IN": Importer(
        "IND",
        {"ind.sws": ("sws_rate",), "ind.igst": ("igst_rate", *_VAT)},
        {"social_welfare_surcharge": ("sws",), "igst": ("igst", *_VAT_ANSWERS)},
        "igst",
    ),
    "ID": Importer(
        "IDN",
        {"idn.ppn": ("ppn_rate", *_VAT), "idn.pph22": ("pph22_rate", "pph_rate")},
        {"ppn": ("ppn", *_VAT_ANSWERS), "pph22": ("pph22", "pph")},
        "ppn",
    ),
    "BR": Importer(
        "BRA",
        {
            "bra.pis": ("pis_rate",),
            "bra.cofins": ("cofins_rate",),
            "bra.icms": ("icms_rate",),
            "bra.afrmm": ("afrmm_rate",),
        },
        {
            "ipi": ("ipi",),
            "pis": ("pis",),
            "cofins": ("cofins",),
            "afrmm": ("afrmm",),
            "icms": ("icms",),
        },
        "icms",
    ),
    "MX": Importer(
        "MEX",
        {"mex.dta": ("dta_rate",), "mex.iva": ("iva_rate", *_VAT)},
        {"dta": ("dta",), "iva": ("iva", *_VAT_ANSWERS)},
        "iva",
    ),
    "JP": Importer(
        "JPN",
        {"jpn.consumption.national": ("consumption_rate", "consumption_tax_rate")},
        {"consumption_tax": ("consumption_tax",), "local_consumption_tax": ("local_tax",)},
        "consumption_tax",
    ),
}
"""Model of the case files → how it is asked. ``EU`` and ``GB`` are other names."""
IMPORTERS |= {"EU": IMPORTERS["CIF_VAT"], "GB": IMPORTERS["UK"]}
