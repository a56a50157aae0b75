"""What a made-up result says of its markets: quotes, ladders, axes, outlooks, proof, own sales.

No number here is of the real world.
"""

from datetime import date
from decimal import Decimal

from offing.forecast.results import (
    AXES,
    AxisMeasure,
    Backtest,
    MarketAxis,
    Outlook,
    Ranking,
    Score,
    Segment,
)
from offing.ladders.ladder import TIERS, BandRow, Ladder, PricePlace, PriceTier, Supplier, Tier
from offing.landed.shipment import CostLine, Quote, Stage
from offing.rules.rule_use import RuleUse, Status
from offing.study.result import BookYear, MarketResult, ProductResult

MARKETS = tuple(
    "DEU USA JPN GBR MEX KOR FRA VNM ITA IND POL ARE NLD CZE SGP HKG ESP THA MYS".split()  # noqa: SIM905
)
GROUPS = {"JPN": ("rcep",), "KOR": ("rcep", "belt_and_road"), "VNM": ("rcep", "asean")}
TELEVISIONS, BATTERIES = "8528", "850760"


def rule(name: str, value: str, status: Status = "official") -> RuleUse:
    return RuleUse(
        name, value, date(2024, 1, 1), None, "Regulation (EU) 2023/2364, Annex I", status,
        "duty" if "%" in value else "share",
    )  # fmt: skip


def cost_lines(price: Decimal, quantity: Decimal, margin_rate: Decimal) -> tuple[CostLine, ...]:
    """Lines as the landed room makes them: the margin is what the price leaves."""
    lines: list[CostLine] = []
    total = Decimal(0)

    def step(
        name: str, stage: Stage, amount: Decimal, by: RuleUse | None, back: bool = False
    ) -> None:
        nonlocal total
        base = total if by else None
        amount = amount.quantize(Decimal("0.01"))
        total += amount
        lines.append(CostLine(name, stage, amount, amount / quantity, False, base, by, back))

    def mark(name: str, stage: Stage) -> None:
        lines.append(CostLine(name, stage, total, total / quantity, subtotal=True))

    fob = price * quantity
    inland, clearance = fob * Decimal("0.011"), Decimal("120.00")
    step("cost", "EXW", fob * (1 - margin_rate) - inland - clearance, None)
    step("margin", "EXW", fob * margin_rate, None)
    mark("exw", "EXW")
    step("inland", "FOB", inland, None)
    step("export_clearance", "FOB", clearance, None)
    mark("fob", "FOB")
    step("freight", "CIF", fob * Decimal("0.06"), None)
    step("insurance", "CIF", fob * Decimal("0.003"), None)
    mark("cif", "CIF")
    step("duty", "duty", total * Decimal("0.14"), rule("eur.mfn.85287240", "14 %"))
    step("social_welfare_surcharge", "duty", total / 20, rule("x", "5 %", "illustrative"))
    step("vat", "tax", total * Decimal("0.19"), rule("eur.vat.deu", "19 %"), back=True)
    mark("landed", "landed")
    return tuple(lines)


def quote(market: str, product: str, price: str, margin_rate: str) -> Quote:
    asked, quantity = Decimal(price), Decimal(400)
    lines = cost_lines(asked, quantity, Decimal(margin_rate))
    return Quote(
        origin="CHN",
        destination=market,
        product=product,
        on=date(2025, 3, 31),
        quantity=quantity,
        unit="item",
        currency="USD",
        price_term="FOB",
        price=asked * quantity,
        lines=lines,
        landed=lines[-1].amount,
        landed_before_recoverable=lines[-1].amount - lines[-2].amount,
        margin=asked * quantity * Decimal(margin_rate),
        margin_rate=Decimal(margin_rate),
        refund=asked * quantity * Decimal("0.06"),
        fx=(
            ("EUR", Decimal("0.9246"), date(2025, 3, 31)),
            ("CNY", Decimal("7.2567"), date(2025, 3, 31)),
        ),
        rules=tuple({line.rule.id: line.rule for line in lines if line.rule}.values()),
        warnings=(),
    )


def ladder(market: str, product: str, number: int) -> Ladder:
    names = ["CHN", "VNM", "MEX", "KOR", "POL", "JPN", "SVK", "TUR", "BIH", "ARE", "HUN", "USA"]
    suppliers = []
    for place, code in enumerate(n for n in names if n != market):
        value = 900e6 / (1 + place) ** 1.4 / (1 + number / 4)
        unit_value = 210.0 * (1 + 0.23 * ((place * 7 + number) % 11)) * (6 if code == "JPN" else 1)
        usable = code != "ARE"
        parts: dict[Tier, float] = {"low": 0.5, "medium": 0.3, "high": 0.2}
        suppliers.append(
            Supplier(
                code,
                value,
                value / unit_value if usable else None,
                unit_value if usable else None,
                parts if usable else {},
                None if usable else "ladder.drop_no_quantity",
            )
        )
    total = sum(s.value_usd for s in suppliers)
    shares = (0.31, 0.44, 0.25)
    tiers = tuple(
        PriceTier(
            tier, low, high, total * share, share, growth, drift, (("CHN", 0.61), ("VNM", 0.2)),
            0.42,
        )
        for tier, low, high, share, growth, drift in zip(
            TIERS,
            (None, 310.0, 520.0),
            (310.0, 520.0, None),
            shares,
            (-0.04, 0.02, 0.15),
            (-1.2, 0.1, 1.1),
            strict=True,
        )
    )  # fmt: skip
    return Ladder(
        product=product,
        market=market,
        year=2024,
        unit="item",
        basis="cif",
        method="split-2007",
        reference=402.0,
        tiers=tiers,
        bands=(
            BandRow(None, 500.0, total * 0.7, 0.7, -0.01),
            BandRow(500.0, 5000.0, total * 0.3, 0.3, 0.12),
            BandRow(5000.0, None, 0.0, 0.0, None),
        ),
        suppliers=tuple(suppliers),
        history=tuple(
            (year, tier, total * share * (0.8 + 0.05 * (year - 2020)), share)
            for year in range(2020, 2025)
            for tier, share in zip(TIERS, shares, strict=True)
        ),
        value_usd=total,
        coverage=0.93,
        dropped={"ladder.drop_no_quantity": (1, 12.5e6)},
        dataset="starter",
    )


def place(number: int) -> PricePlace:
    middle = 0.35 + 0.05 * (number % 9)
    return PricePlace(
        540.0 + 11 * number, middle, middle - 0.13, min(middle + 0.15, 1.0),
        {"low": 0.08, "medium": 0.34, "high": 0.58}, 11, (("KOR", 505.0), ("JPN", 610.0)),
    )  # fmt: skip


def axes(number: int) -> tuple[MarketAxis, ...]:
    made = []
    for step, name in enumerate(AXES):
        if name == "access" and number % 7 == 3:
            parts: tuple[AxisMeasure, ...] = (AxisMeasure("duty", None, "rate", None),)
            made.append(MarketAxis(name, None, parts, 0.0))
            continue
        rank = ((number * 5 + step * 3) % 19) / 18
        parts = (
            AxisMeasure("size", 1.2e9 / (number + 1), "usd", rank),
            AxisMeasure("growth", -0.03 + 0.01 * number, "growth", rank),
            AxisMeasure("distance", None if number % 5 == 0 else 8200.0, "km", rank),
        )
        made.append(MarketAxis(name, rank, parts, 1.0 if number % 5 else 2 / 3))
    return tuple(made)


def segment(product: str, market: str, tier: str, number: int) -> Segment:
    base = 480e6 / (1 + number)
    expected = base * (1.35 - 0.03 * number)
    return Segment(
        product,
        market,
        tier,
        axes(number),
        Outlook(
            base,
            2024,
            2,
            expected,
            None if number == 4 else expected * 0.7,
            None if number == 4 else expected * 1.45,
            "outlook",
            (("losses", -0.1 * base), ("in_proportion", expected - 0.9 * base)),
            gain_usd=max(expected - base, 0) + 0.08 * base,
            low50=expected * 0.85 if number else None,
            high50=expected * 1.2 if number else None,
        ),
        0.91,
    )


def scores() -> tuple[Score, ...]:
    rows = (
        ("persistence", 0.662, 0.60, 0.72), ("three_year_mean", 0.668, 0.61, 0.73),
        ("size", 0.548, 0.47, 0.62), ("outlook", 0.671, 0.61, 0.73), ("random", 0.136, 0.10, 0.17),
        ("oracle", 0.829, 0.78, 0.87),
    )  # fmt: skip
    captured = tuple(
        Score(rival, f"captured_top{top}", weighting, min(v * f, 1), min(a * f, 1), min(b * f, 1))
        for rival, v, a, b in rows
        for top, f in ((5, 0.8), (10, 1.0), (20, 1.1))
        for weighting in ("dollar", "equal")
    )
    return (
        *captured,
        Score("outlook", "captured_top10", "dollar", 0.4, 0.3, 0.5, part="tier:high"),
        Score("outlook", "lead_top10", "dollar", 0.009, -0.021, 0.04),
        Score("outlook", "lead_mean_top10", "dollar", 0.003, -0.019, 0.022),
        Score("outlook", "coverage80", "equal", 0.78, 0.75, 0.81),
    )


def book(product: str) -> tuple[BookYear, ...]:
    years = []
    for year, cheap, dear, top in (
        (2022, 9.1e6, 2.0e6, 0.0),
        (2023, 9.4e6, 2.6e6, 0.1e6),
        (2024, 8.8e6, 4.134e6, 0.4e6),
    ):
        total = cheap + dear + top
        growth = (None, None, None) if year == 2022 else (-0.06, 0.59, 3.0)
        bands = tuple(
            BandRow(low, high, value, value / total, grown)
            for low, high, value, grown in zip(
                (None, 500.0, 5000.0),
                (500.0, 5000.0, None),
                (cheap, dear, top),
                growth,
                strict=True,
            )
        )
        years.append(BookYear(product, year, bands, total, total / 350))
    return tuple(years)


def product(
    code: str, name_en: str, name_zh: str, price: float, markets: list[str]
) -> ProductResult:
    segments = tuple(
        segment(code, market, TIERS[number % 3], number)
        for number, market in enumerate([*markets, markets[0], markets[1]])
    )
    results = []
    for number, market in enumerate(markets):
        has_ladder = market != "HKG"
        has_quote = market in {"DEU", "USA", "GBR", "FRA", "POL", "VNM"}
        results.append(
            MarketResult(
                market,
                None if market == "SGP" else 8000.0 + 137 * number,
                GROUPS.get(market, ()),
                ladder(market, code, number) if has_ladder else None,
                place(number) if has_ladder and market != "THA" else None,
                quote(market, code, str(price), "-0.043" if market == "USA" else "0.118")
                if has_quote
                else None,
                None if has_quote else "study.no_regime",
            )
        )
    return ProductResult(
        product=code,
        name_en=name_en,
        name_zh=name_zh,
        unit="item",
        price_usd=price,
        capacity=120_000.0,
        ranking=Ranking(code, "CHN", 2024, 2, "starter", segments),
        markets=tuple(results),
        backtest=Backtest("starter", 2, (2020, 2021, 2022), 20, scores()),
        book=book(code) if code == TELEVISIONS else (),
    )
