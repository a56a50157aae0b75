"""What a case calls its inputs and answers: other spellings of one name meet here.

Two names are one where their words are the same after the spellings below: ``refund_rate_pct`` and
``rebate_rate``, ``planned_imports`` and ``plan_import``. Only words that mean the same in every
kind of case stand here; what a method takes besides is said where it asks.
"""

import re
from functools import cache

CURRENCIES = frozenset(
    ("usd", "eur", "gbp", "jpy", "aud", "cad", "nzd", "chf", "hkd", "sgd", "krw", "inr", "idr",
     "brl", "mxn", "zar", "aed", "sar", "thb", "myr", "vnd", "rub", "try")
)  # fmt: skip
"""Foreign money, whichever it is; a yuan is not."""

PHRASES = {
    re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])"): instead
    for pattern, instead in {
        r"anti_?dumping": "ad",
        r"countervailing": "cvd",
        r"sec(?:tion)?_?(122|201|232|301)": r"s\1",
        r"urban_(maintenance(_and)?_)?(construction|maintenance)|city_(construction|maintenance)|"
        r"city(?=_(rate|tax|surtax))": "urban",
        r"education": "edu",
        r"plan(ned)?_(distribution|allocation)_(ratio|rate)|plan(ned)?_rate": "plan_ratio",
        r"processing_trade|processing_export": "processing",
        r"duty_free_material": "exempt_material",
        r"(foreign_)?exchange_rate|fx_rate|rate_of_exchange": "fx",
        r"fx_buy(ing)?|buying_(rate|fx)|bid_rate|bank_buying": "fx_bid",
        r"value_for_duty|vfd": "customs_value",
        r"customs_duty|import_duty": "duty",
        r"purchase_price|purchase_cost": "purchase",
        r"tax_inclusive|incl_(tax|vat)|with_tax": "gross",
        r"tax_exclusive|excl_(tax|vat)|without_tax": "net",
        r"tax_(refund|rebate)_rate": "rebate_rate",
        r"opening_(tax_)?credit|credit_(brought|carried)(_(forward|in))?|carry_in_credit|"
        r"(brought_forward|previous|prior|last_period)_credit": "opening_credit",
        r"interest_rate(?=_)|interest(?=_)": "r",
        r"input_vat": "input_tax",
    }.items()
}
"""Several words, or words that are written together → the name they stand for."""

WORDS = {
    "refund": "rebate",
    "planned": "plan",
    "imports": "import",
    "exports": "export",
    "freights": "freight",
    "costs": "cost",
    "charges": "charge",
    "fees": "fee",
    "materials": "material",
    "labor": "labour",
    "pct": "rate",
    "percent": "rate",
    "percentage": "rate",
    "rmb": "cny",
    "foreign": "fc",
    "volatility": "sigma",
    "vol": "sigma",
    "correlation": "rho",
    "minimum": "min",
    "maximum": "max",
    "inclusive": "gross",
    "exclusive": "net",
}
"""Word → the word it stands for."""

CHINESE = {
    "征税率": "levy_rate",
    "退税率": "rebate_rate",
    "出口离岸价": "export_fob_cny",
    "离岸价": "export_fob_cny",
    "内销收入": "domestic_sales",
    "内销销售额": "domestic_sales",
    "内销销项税额": "domestic_output_tax",
    "当期进项税额": "input_tax",
    "进项税额": "input_tax",
    "上期留抵税额": "opening_credit",
    "上期留抵": "opening_credit",
    "免税购进原材料价格": "exempt_material",
    "计划分配率": "plan_ratio",
    "不得免征和抵扣税额": "nondeductible",
    "当期不得免征和抵扣税额": "nondeductible",
    "不得免征和抵扣税额抵减额": "reduction_nd",
    "免抵退税额抵减额": "reduction_ecr",
    "当期应纳税额": "tax_raw",
    "当期免抵退税额": "ecr",
    "免抵退税额": "ecr",
    "应退税额": "refund",
    "当期应退税额": "refund",
    "免抵税额": "exempt_credit",
    "当期免抵税额": "exempt_credit",
    "结转下期留抵税额": "carry_forward",
    "出口日期": "export_date",
}
"""The names of the tax return."""

FILLERS = frozenset(
    ("amount", "value", "total", "sum", "revenue", "current", "given", "applicable")
)
"""Words that a name may have more or fewer of, and mean the same: ``fob_value`` is ``fob``."""

SHARES = ("pct", "percent", "percentage")
"""A name with one of these holds per cent: ``levy_rate_pct: 13``."""


def words_of(name: str) -> list[str]:
    """The words of a name, in small letters.

    >>> words_of("Levy-Rate pct")
    ['levy', 'rate', 'pct']
    """
    return [word for word in re.split(r"[\W_]+", name.strip().lower()) if word]


def in_per_cent(name: str) -> bool:
    """Whether the name says that its number is per cent."""
    return any(word in SHARES for word in words_of(name))


@cache
def plain(name: str) -> str:
    """The one spelling of a name.

    >>> plain("refund_rate_pct") == plain("rebate_rate"), plain("Anti-Dumping Rate")
    (True, 'ad_rate')
    >>> plain("spot_cny_per_usd") == plain("spot_cny_per_fc")
    True
    """
    text = "_".join(words_of(CHINESE.get(name, name)))
    for pattern, instead in PHRASES.items():
        text = pattern.sub(instead, text)
    kept: list[str] = []
    for word in text.split("_"):
        own = WORDS.get(word, word)
        if own in CURRENCIES:
            own = "fc"
        if not (kept and kept[-1] == own):  # rate_pct is one word
            kept.append(own)
    return "_".join(kept)


@cache
def bare(name: str) -> str:
    """The one spelling without words that add nothing, unless nothing else is left.

    >>> bare("invoice_amount_net"), bare("fob_value"), bare("value")
    ('invoice_net', 'fob', 'value')
    """
    words = plain(name).split("_")
    kept = [word for word in words if word not in FILLERS]
    return "_".join(kept if {*kept} - {"fc", "cny", "rate"} else words)


OTHER_NAMES = {
    plain(other): method
    for method, others in {
        "ecr": ("exempt_credit_refund", "manufacturer", "mian_di_tui", "免抵退", "ecr_single"),
        "ecr_multi": ("ecr_multi_period", "ecr_periods", "ecr_months"),
        "ecr_nondeductible_only": ("nondeductible", "ecr_nondeductible"),
        "er": ("exempt_refund", "trading_company", "trader", "免退", "er_multi"),
        "surtax": ("surtaxes", "surcharge", "surcharges"),
        "taxable_export": (
            "deemed_domestic",
            "deemed_sale",
            "deemed_domestic_sale",
            "deemed_domestic_sales",
            "视同内销",
        ),
        "fob_conversion": ("to_fob", "fob"),
        "dated_rate": ("rate_by_date", "rebate_rate", "dated_rates"),
        "deadline": ("deadlines", "claim_deadline", "calendar"),
        "processing_reconciliation": ("processing_trade", "reconciliation", "核销"),
        "duty_expression": (
            "mixed_duty",
            "compound_duty",
            "specific_duty",
            "ad_valorem_duty",
            "minimum_import_price",
            "mip",
            "mip_duty",
            "duty",
            "duty_mixed",
            "duty_compound",
            "duty_mip",
        ),
        "cif_gross_up": ("cif", "gross_up", "cif_from_cfr", "insurance", "insurance_gross_up"),
        "export_margin": (
            "exchange_cost",
            "export_exchange_cost",
            "export_cost",
            "换汇成本",
            "fx_cost",
            "margin",
        ),
        "rvc": ("regional_value_content", "origin_rvc", "regional_value"),
        "cip_simple": (
            "cip",
            "covered_interest_parity",
            "forward_parity",
            "parity_forward",
            "irp",
            "interest_rate_parity",
            "forward_cip",
            "forward_simple",
            "forward_bid_ask",
            "cip_bid_ask",
            "forward_points",
        ),
        "cip_annual": ("cip_compound", "cip_compounded"),
        "money_market_hedge": ("money_market", "mm_hedge"),
        "forward_receivable": ("forward", "forward_hedge", "forward_contract"),
        "var_single": ("var", "fx_var", "value_at_risk", "var_parametric"),
        "var_annual_vol": ("var_annual", "var_annual_sigma"),
        "var_lognormal": ("var_lognormal_single", "lognormal_var"),
        "var_two_factor_lognormal": ("var_two_factor", "var_lognormal_two_factor"),
        "var_portfolio": ("portfolio_var", "var_two_asset", "portfolio"),
        "ndf": ("ndf_settlement", "non_deliverable_forward"),
        "bank_fee": ("fee", "bank_charges", "lc_fee", "fee_with_minimum"),
        "hedge_ratio": (
            "min_variance_hedge",
            "minimum_variance_hedge_ratio",
            "optimal_hedge_ratio",
        ),
        "option_receivable": ("put_option", "put_receivable", "put"),
        "option_payable": ("call_option", "call_payable", "call"),
        "lcc_package": ("landed_cost_calculator",),
    }.items()
    for other in others
}
"""Other names of a method or model."""
