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


_VAT = ("vat_rate", "gst_rate", "import_vat_rate", "tax_rate", "import_tax_rate")
_VAT_ANSWERS = ("vat", "gst", "import_vat")

IMPORTERS: dict[str, Importer] = {
    "AU": Importer("AUS", {"aus.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "NZ": Importer("NZL", {"nzl.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "CA": Importer("CAN", {"can.gst": ("hst_rate", *_VAT)}, {"gst": ("hst", *_VAT_ANSWERS)}, "gst"),
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
        {"ind.sws": ("sws_rate", "sws"), "ind.igst": ("igst_rate", "igst", *_VAT)},
        {"social_welfare_surcharge": ("sws",), "igst": ("igst", *_VAT_ANSWERS)},
        "igst",
    ),
    "ID": Importer(
        "IDN",
        {
            "idn.ppn": ("ppn_rate", *_VAT),
            "idn.pph22": ("pph22_rate", "pph_rate", "income_tax_rate"),
        },
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
        {"jpn.consumption.national": ("consumption_rate", "national_rate")},
        {"consumption_tax": ("consumption_tax",), "local_consumption_tax": ("local_tax",)},
        "consumption_tax",
    ),
    "KR": Importer("KOR", {"kor.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "TH": Importer("THA", {"tha.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "VN": Importer("VNM", {"vnm.vat": _VAT}, {"vat": _VAT_ANSWERS}),
    "SG": Importer("SGP", {"sgp.gst": _VAT}, {"gst": _VAT_ANSWERS}, "gst"),
    "HK": Importer("HKG", {}, {}, "duty"),
    "MY": Importer(
        "MYS",
        {"mys.sales-tax": ("sales_tax_rate", "sst_rate", *_VAT)},
        {"sales_tax": ("sales_tax", "sst", *_VAT_ANSWERS)},
        "sales_tax",
    ),
}
"""Model of the case files → how it is asked. ``EU`` and ``GB`` are other names, and so are the
alpha-2 codes of the Union's members (``DE``) and the alpha-3 codes of all (``DEU``)."""

MEMBERS = {
    "AT": "AUT", "BE": "BEL", "BG": "BGR", "HR": "HRV", "CY": "CYP", "CZ": "CZE", "DK": "DNK",
    "EE": "EST", "FI": "FIN", "FR": "FRA", "DE": "DEU", "GR": "GRC", "HU": "HUN", "IE": "IRL",
    "IT": "ITA", "LV": "LVA", "LT": "LTU", "LU": "LUX", "MT": "MLT", "NL": "NLD", "PL": "POL",
    "PT": "PRT", "RO": "ROU", "SK": "SVK", "SI": "SVN", "ES": "ESP", "SE": "SWE",
}  # fmt: skip
"""The Union's members, whose cases take their own VAT of the day."""


def member(place: str) -> Importer:
    """How a case of a member of the Union is asked."""
    return Importer(place, {f"eur.vat.{place.lower()}": _VAT}, {"vat": _VAT_ANSWERS})


IMPORTERS = {
    **{name: member(place) for pair in MEMBERS.items() for name in pair for place in pair[1:]},
    **{item.destination: item for name, item in IMPORTERS.items() if name != "CIF_VAT"},
    **IMPORTERS,
    "EU": IMPORTERS["CIF_VAT"],
    "GB": IMPORTERS["UK"],
}


@dataclass(frozen=True)
class MoreTax:
    """A tax that a case may name besides the regime's own, on the base of one of its charges."""

    name: str
    rates: tuple[str, ...]
    base_of: str


MORE_TAXES: dict[str, tuple[MoreTax, ...]] = {
    "CAN": (MoreTax("pst", ("pst_rate", "qst_rate", "provincial_rate"), "gst"),),
    "IND": (MoreTax("cess", ("cess_rate", "compensation_cess_rate"), "igst"),),
    "IDN": (MoreTax("ppnbm", ("ppnbm_rate", "luxury_tax_rate"), "ppn"),),
}
"""Importer → further taxes of worked cases: a Canadian province's sales tax, India's compensation
cess, Indonesia's luxury tax."""
