"""Each doubt about a study's figures on both sides of its edge, one figure at a time."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from cautions import keyed
from offing.study import stress
from offing.study.checks import capacity_findings, ledger_findings, plausibility_findings
from offing.study.costs import otherwise_refunded
from offing.study.sales_history import _worth, sigma_from_ledger
from offing.study.schema import Entering, Keeping, MarketSums, Ranges, Span

D = Decimal
DOLLAR = D(8)


def space(base: dict[str, Any], **more: Any) -> Any:
    return SimpleNamespace(**(base | more))


WAY: dict[str, Any] = {
    "inland_usd_per_m3": D(5), "freight_usd_per_m3_1000km": D(2), "mode": "sea",
    "freight_usd_per_m3_fixed": D(15), "insurance_rate": D("0.003"),
    "insured_markup": D("0.1"), "export_clearance_usd": D(100), "shipment_units": 300,
}  # fmt: skip
MODEL: dict[str, Any] = {
    "key": "tv", "code": "852872", "cost_cny": D(400), "price_usd": D(100), "market_prices_usd": {},
    "national_codes": {"EUR": "85287240", "USA": "85287264"}, "input_vat_cny": D(40),
    "levy_rate": D("0.13"), "refund_rate": D("0.13"), "m3": D("0.5"), "price_term": "FOB",
    "minimum_lot": D(0), "kg": D(50), "unit": "item",
}  # fmt: skip
PLANT: dict[str, Any] = {
    "key": "v", "days": 20, "local_content": None, "makes": [], "preference": [],
}  # fmt: skip
FIRM: dict[str, Any] = {
    "export_fob_cny": D(1000), "input_tax_cny": D(100), "domestic_output_tax_cny": D(0),
    "opening_credit_cny": D(0), "origin": "CHN", "silent_of_month": False,
}  # fmt: skip


def study(**more: Any) -> Any:
    base: dict[str, Any] = {
        "on": date(2026, 6, 1), "shipping": space(WAY), "model": [space(MODEL)],
        "firm": space(FIRM), "ledger": None, "settlement": None,
        "capacity": lambda model: D(1000), "line_of": lambda model: SimpleNamespace(key="line"),
        "channel": [], "duty": {},
        "rates": space({}, discount=D(0), interest=D(0), credit_insurance=D(0)),
        "limits": space({}, entry_share=D("0.005"), largest_growth=D(2),
                        least_margin_rate=D("0.05"), worst_twentieth_cny=None,
                        entry_budget_cny=None, working_capital_cny=None,
                        largest_market_share=D("0.35")),
        "ranges": Ranges(), "stress": None, "markets": space({}, horizon=2), "rates_age": 62,
        "entering": Entering(), "keeping": Keeping(), "announced": [], "plant": [],
    }  # fmt: skip
    return space(base, **more)


def keys_of(given: Any) -> list[str]:
    found = plausibility_findings(given, DOLLAR)
    return [key.removeprefix("study.warn_") for key, _ in keyed(found)]


def names_of(given: Any) -> list[str]:
    return [values["name"] for _, values in keyed(plausibility_findings(given, DOLLAR))]


@pytest.mark.parametrize(
    ("made", "names"),
    [
        ({"cost_cny": D(240)}, []),
        ({"cost_cny": D(239)}, ["cost_cny"]),  # of 400 at home
        ({"cost_cny": D(880)}, []),
        ({"cost_cny": D(881)}, ["cost_cny"]),
        ({"hours": D("0.9")}, []),
        ({"hours": D(6)}, ["hours"]),  # minutes
        ({"hours": D("0.009")}, ["hours"]),
    ],
)
def test_what_another_plant_says_of_a_model(made: dict[str, Any], names: list[str]) -> None:
    line = space({"model": "tv", "line": "l", "cost_cny": D(400), "hours": None}, **made)
    plant = space(PLANT, makes=[line], line=[space({"key": "l"}, hours=D(100))])
    found = plausibility_findings(study(model=[space(MODEL, hours=D("0.1"))], plant=[plant]), D(8))
    told = [values["name"] for key, values in keyed(found) if key == "study.warn_other_plant"]
    assert told == names


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({}, ""),
        ({"minimum_lot": D(1000)}, ""),  # of a line that makes so many
        ({"minimum_lot": D(1001)}, "lot_above_line"),
        ({"cost_cny": D(120)}, ""),  # 15 % of 100 dollars of 8 yuan
        ({"cost_cny": D(119)}, "cost_share"),
        ({"cost_cny": D(1200)}, ""),
        ({"cost_cny": D(1201)}, "cost_share"),
        ({"market_prices_usd": {"DEU": D(500), "USA": D(20)}}, ""),
        ({"market_prices_usd": {"DEU": D(501)}}, "price_elsewhere"),
        ({"market_prices_usd": {"DEU": D(19)}}, "price_elsewhere"),
        ({"national_codes": {"EUU": "85287264"}}, "no_importer"),
        ({"input_vat_cny": D(2)}, ""),  # half a per cent of what it costs
        ({"input_vat_cny": D("1.99")}, "input_tax_small"),
        ({"input_vat_cny": D(0)}, ""),
        ({"levy_rate": D("0.17")}, "odd_rate"),
        ({"refund_rate": None}, ""),
        ({"refund_rate": D("0.0013")}, "odd_rate"),
        ({"m3": D("100") / 30, "kg": D(400)}, ""),  # 5 + 15 + 5 × 2 dollars a cubic metre
        ({"m3": D("3.34"), "kg": D(400)}, "carriage_above"),
    ],
)
def test_figures_of_a_model(more: dict[str, Any], key: str) -> None:
    given = study(model=[space(MODEL, **more)])
    assert keys_of(given) == ([key] if key else [])


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({}, ""),
        ({"input_tax_cny": D(260)}, ""),  # twice 13 % of all sales
        ({"input_tax_cny": D(261)}, "warn_tax_above_sales"),
        ({"input_tax_cny": D(520), "domestic_output_tax_cny": D(130)}, ""),
        ({"input_tax_cny": D(521), "domestic_output_tax_cny": D(130)}, "warn_tax_above_sales"),
        ({"input_tax_cny": D(5), "export_fob_cny": D(0)}, ""),
        ({"input_tax_cny": D(20)}, ""),  # 2 %
        ({"input_tax_cny": D("19.9")}, "warn_tax_tiny"),
        ({"input_tax_cny": D(0)}, ""),
        ({"opening_credit_cny": D(3600)}, ""),
        ({"opening_credit_cny": D(3601)}, "warn_figure"),
        ({"opening_credit_cny": D(3601), "input_tax_cny": D(0)}, ""),
    ],
)
def test_figures_of_a_firm(more: dict[str, Any], key: str) -> None:
    given = study(firm=space(FIRM, **more))
    assert keys_of(given) == ([key.removeprefix("warn_")] if key else [])


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({}, ""),
        ({"inland_usd_per_m3": D(200)}, ""),
        ({"inland_usd_per_m3": D(201)}, "inland_usd_per_m3"),
        ({"freight_usd_per_m3_1000km": D(200)}, ""),
        ({"freight_usd_per_m3_1000km": D(201)}, "freight_usd_per_m3_1000km"),
        ({"freight_usd_per_m3_1000km": D("0.05")}, ""),
        ({"freight_usd_per_m3_1000km": D("0.049")}, "freight_usd_per_m3_1000km"),
        ({"freight_usd_per_m3_1000km": D(0)}, ""),
        ({"freight_usd_per_m3_fixed": D(600)}, ""),
        ({"freight_usd_per_m3_fixed": D(601)}, "freight_usd_per_m3_fixed"),
        ({"freight_usd_per_m3_fixed": D(601), "mode": "air"}, ""),
        ({"insurance_rate": D("0.02")}, ""),
        ({"insurance_rate": D("0.021")}, "insurance_rate"),
        ({"export_clearance_usd": D(3000)}, ""),  # a tenth of 300 sets
        ({"export_clearance_usd": D(3001)}, "export_clearance_usd"),
        ({"shipment_units": 1000}, ""),
        ({"shipment_units": 1001}, "shipment_units"),
    ],
)
def test_figures_of_a_shipment(more: dict[str, Any], name: str) -> None:
    given = study(shipping=space(WAY, **more))
    findings = plausibility_findings(given, DOLLAR)
    named = [values["name"] for key, values in keyed(findings) if key == "study.warn_figure"]
    assert named == ([name] if name else [])


@pytest.mark.parametrize(
    ("days", "risk", "paid", "currency", "names"),
    [
        (90, "0.02", 1500, "USD", ""),
        (6, "0.02", 1500, "USD", "days"),
        (90, "0.3", 1500, "USD", ""),
        (90, "0.31", 1500, "USD", "risk"),
        (90, "0.02", 3000, "USD", ""),  # twice 12 × 1000 yuan in dollars of 8
        (90, "0.02", 3001, "USD", "amount_a_year"),
        (90, "0.02", 3001, "JPY", ""),
        (90, "0.02", 1000, "USD", ""),
        (90, "0.02", 999, "JPY", "amount_a_year"),
        (90, "0.02", 0, "JPY", ""),
    ],
)
def test_figures_of_money(days: int, risk: str, paid: int, currency: str, names: str) -> None:
    payable = SimpleNamespace(currency=currency, amount_a_year=D(paid))
    money = SimpleNamespace(
        market_accepts={}, accepts=[],
        terms="open_account", days=days, risk=D(risk), payable=[payable], held=[],
        cny_discount=D(0), volatility={},
    )  # fmt: skip
    given = study(settlement=money)
    assert names_of(given) == names.split()


@pytest.mark.parametrize(("refund", "known"), [("0.13", "6%"), ("0.06", None), (None, None)])
def test_a_refund_rate_beside_that_of_the_law(refund: str | None, known: str | None) -> None:
    """Batteries have 6 % from April 2026 to the end of the year."""
    given = None if refund is None else D(refund)
    model = space(MODEL, code="8507", national_codes={"HS": "850760"}, refund_rate=given)
    found = list(otherwise_refunded(model, date(2026, 6, 1)))
    assert [values["known"] for _, values in keyed(found)] == ([known] if known else [])


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("entry_share", "0.1", ""),
        ("entry_share", "0.11", "warn_limit"),
        ("entry_share", "0.0002", ""),
        ("entry_share", "0.0001", "warn_figure"),
        ("entry_share", "0", ""),
        ("largest_growth", "20", ""),
        ("largest_growth", "20.1", "warn_limit"),
        ("largest_growth", "0.05", ""),
        ("largest_growth", "0.04", "warn_figure"),
        ("worst_twentieth_cny", "-9999", "warn_figure"),
        ("worst_twentieth_cny", "-10000", ""),
        ("entry_budget_cny", "9999", "warn_figure"),
        ("entry_budget_cny", "10000", ""),
        ("working_capital_cny", "1", "warn_figure"),
    ],
)
def test_limits_of_a_study(name: str, value: str, key: str) -> None:
    limits = space(vars(study().limits), **{name: D(value)})
    assert keys_of(study(limits=limits)) == ([key.removeprefix("warn_")] if key else [])


@pytest.mark.parametrize(("sum_", "keys"), [("99", ["study.warn_figure"]), ("100", []), ("0", [])])
def test_a_part_of_what_a_market_costs(sum_: str, keys: list[str]) -> None:
    for made in (
        study(entering=Entering(listing_cny=D(sum_))),
        study(keeping=Keeping(market={"USA": MarketSums(visits_cny=D(sum_))})),
    ):
        assert [f"study.warn_{key}" for key in keys_of(made)] == keys


def test_a_months_exports_beside_the_ledgers() -> None:
    """The ledger's twelve months of 1,200 dollars are 800 yuan a month."""
    sold: Any = [SimpleNamespace(usd=700.0), SimpleNamespace(usd=500.0)]

    def said(fob: str) -> list[str]:
        made = study(firm=space(FIRM, export_fob_cny=D(fob)))
        return [key.rpartition("_")[2] for key, _ in keyed(ledger_findings(made, sold, DOLLAR))]

    assert said("80000") == said("16") == said("0") == []
    assert said("80001") == ["large"]
    assert said("15.9") == ["small"]
    assert list(ledger_findings(study(), [], DOLLAR)) == []


def test_what_a_line_can_make() -> None:
    """A line of 1,000 sets a year, at 100 dollars; half of it by each of two models."""
    models = [space(MODEL), space(MODEL, key="box")]

    def said(*usd: float) -> list[tuple[str, str]]:
        sold: Any = zip(("tv", "box"), (SimpleNamespace(usd=each) for each in usd), strict=False)
        found = capacity_findings(study(model=models), sold)
        return [(key.removeprefix("study.warn_"), values["model"]) for key, values in keyed(found)]

    assert said(200_000.0) == said(2_000.0) == said(0.0) == said(1_000.0, 1_000.0) == []
    assert said(200_100.0) == [("beyond_capacity", "tv")]
    assert said(1_999.0) == [("idle", "tv")]
    assert said(500.0, 1_000.0) == [("idle", "box")]


def test_a_title_names_three_shocks_and_counts_more() -> None:
    assert stress._title(["a", "b", "c"], ["甲", "乙", "丙"]) == ("a; b; c", "甲；乙；丙")
    english, chinese = stress._title(list("abcd"), list("甲乙丙丁"))
    assert "4" in english
    assert "4" in chinese
    assert english != chinese


def test_dollars_for_one_unit_of_the_invoices_money() -> None:
    june = date(2026, 6, 1)
    rates = {("USD", june): 0.2, ("GBP", june): -0.1}
    assert _worth(rates, "USD", june) == 0
    assert _worth(rates, "EUR", june) == 0.2
    assert _worth(rates, "GBP", june) == pytest.approx(0.3)
    assert _worth(rates, "JPY", june) is None
    assert _worth({}, "EUR", june) is None


def test_a_short_ledger_tells_no_elasticity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two markets over two years, in euro and in dollars, are enough; one month less is not."""
    monkeypatch.setattr("offing.study.sales_history.own_sigma", lambda _: "asked")
    days = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(24)]
    rates = {("USD", day): 0.1 for day in days}
    monkeypatch.setattr("offing.study.sales_history._dollars", lambda *_: rates)

    def told(count: int, second: str = "EUR", units: float = 2.0) -> Any:
        def month(day: date, currency: str, units: float) -> Any:
            return SimpleNamespace(first=day, units=units, usd=10.0, currency=currency)

        one = [month(day, "USD", 2.0) for day in days]
        two = [month(day, second, units) for day in days[:count]]
        return sigma_from_ledger(
            {"DEU": SimpleNamespace(monthly=one), "USA": SimpleNamespace(monthly=two)},  # type: ignore[dict-item]
            None,  # type: ignore[arg-type]
        )

    assert told(24) == "asked"
    assert told(23).rows == 47
    assert told(24, "USD").rows == 48
    assert told(24, "JPY").rows == told(24, units=0.0).rows == 24


def names(**more: Any) -> list[str]:
    return [values["name"] for _, values in keyed(plausibility_findings(study(**more), DOLLAR))]


@pytest.mark.parametrize(
    ("duty", "said"),
    [
        ({"rate": D("1.01")}, ["announced.rate"]),
        ({"rate": D("0.004")}, ["announced.rate"]),
        ({"probability": D("0.009")}, ["announced.probability"]),
        ({"probability": D("0.01")}, []),
    ],
)
def test_figures_of_an_announced_duty(duty: dict[str, Any], said: list[str]) -> None:
    usual = {"market": "USA", "year": 2026, "rate": D("0.2"), "probability": D("0.3")}
    assert names(announced=[space(usual, **duty)]) == said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"local_content": D("0.62")}, []),
        ({"local_content": D("0.0062")}, ["local_content"]),
        ({"preference": [SimpleNamespace(duty=D(0), least_content=D("0.6"))]}, []),
        (
            {"preference": [SimpleNamespace(duty=D("0.001"), least_content=D("0.006"))]},
            ["preference.duty", "preference.least_content"],
        ),
    ],
)
def test_figures_of_a_plant(made: dict[str, Any], said: list[str]) -> None:
    assert names(plant=[space(PLANT, **made)]) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("0.4", "2.5", []),
        ("0.07", "1.08", ["ranges.inputs.low"]),
        ("0.9", "2.6", ["ranges.inputs.high"]),
    ],
)
def test_how_far_costs_may_go(low: str, high: str, said: list[str]) -> None:
    assert names(ranges=Ranges(inputs=Span(low=D(low), high=D(high)))) == said


@pytest.mark.parametrize(
    ("sum_", "said"), [("12000", []), ("12001", ["entering.listing_cny"]), ("0", [])]
)
def test_a_market_costs_less_than_a_year_of_exports(sum_: str, said: list[str]) -> None:
    assert names(entering=Entering(listing_cny=D(sum_))) == said


@pytest.mark.parametrize(("floor", "said"), [("20", ["stress.floor_cny"]), ("20000", [])])
def test_the_floor_of_a_stress(floor: str, said: list[str]) -> None:
    assert names(stress=SimpleNamespace(floor_cny=D(floor))) == said


@pytest.mark.parametrize(("share", "said"), [("0.0035", ["largest_market_share"]), ("0.01", [])])
def test_the_largest_share_of_a_market(share: str, said: list[str]) -> None:
    limits = space(vars(study().limits), largest_market_share=D(share))
    assert names(limits=limits) == said


@pytest.mark.parametrize(("limit", "said"), [("120000", []), ("120001", ["entry_budget_cny"])])
def test_a_limit_beyond_all_sales(limit: str, said: list[str]) -> None:
    limits = space(vars(study().limits), entry_budget_cny=D(limit))
    assert names(limits=limits) == said


@pytest.mark.parametrize(("tax", "key"), [("220", "warn_figure"), ("1000", ""), ("0", "")])
def test_output_tax_in_ten_thousands(tax: str, key: str) -> None:
    firm = space(FIRM, export_fob_cny=D(34_000_000), input_tax_cny=D(4_700_000))
    firm = space(vars(firm), domestic_output_tax_cny=D(tax))
    found = [f"warn_{key}" for key in keys_of(study(firm=firm))]
    assert found == ([key] if key else [])
