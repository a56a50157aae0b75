"""A made-up study result with everything a report can meet. No number here is of the real world.

Two models, nineteen markets, two plants, moves of every kind, one market that is not on the map, a
loss, missing quotes and ladders, an axis of which nothing is known, long names, and a firm that is
marked as made up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from offing.ladders.ladder import TIERS
from offing.planning.plan import MoveSummary, Plan, PlanDecision, PlanRow, ProfitDistribution
from offing.planning.risk import BarFigures, LimitFigures, PointFigures, RiskFigures, TurnFigures
from offing.planning.track_record import EarlierMove, EarlierPlan, LevelRecord
from offing.study.result import Firm, LineResult, SourceUse, StudyResult
from offing.terms.caution import Caution, Yuan, countries
from report_markets import BATTERIES, MARKETS, TELEVISIONS, product, rule


def plan() -> Plan:
    rows = []
    for number, market in enumerate(MARKETS[:12]):
        sales = 9.4e6 / (1 + number)
        price = 520.0 + 6 * number
        rate = -0.043 if market == "USA" else 0.118 - 0.004 * number
        rows.append(
            PlanRow(
                TELEVISIONS,
                market,
                TIERS[2 - number % 3],
                0.0 if market == "POL" else sales * 0.6,
                sales,
                sales / price,
                price,
                sales * rate,
                rate,
                sales * 0.66,
                sales * 1.5,
                KINDS.get((TELEVISIONS, market), "keep"),
                "monterrey" if market == "USA" else "qingdao",
                CURRENCIES.get(market, "USD"),
            )
        )
    unsure = None  # one year of data gives no interval
    rows[4] = replace(rows[4], low_usd=unsure, high_usd=unsure)
    rows += [
        PlanRow(
            TELEVISIONS, "NLD", "low", 120_000.0, 0, 0, 498.0, 0, 0.0, 0, 0, "leave", "qingdao",
            "EUR"
        ),
        PlanRow(
            BATTERIES, "DEU", "all", 210_000.0, 640_000.0, 12_800.0, 50.0, 51_000.0, 0.08,
            400_000.0, 900_000.0, "keep", "qingdao", "EUR"
        ),
        PlanRow(
            BATTERIES, "S19", "all", 30_000.0, 90_000.0, 1_800.0, 50.0, 6_000.0, 0.0667, 20_000.0,
            180_000.0, "keep", "qingdao", "CNY"
        ),
    ]  # fmt: skip
    whole = totals(rows, (("sets", 0.47), ("cells", 0.12)))
    return replace(whole, computed_usd=whole.sales_usd / 0.89)


def totals(rows: Sequence[PlanRow], used: tuple[tuple[str, float], ...]) -> Plan:
    """A plan of these rows."""
    total = sum(r.sales_usd for r in rows)
    by_market = [sum(r.sales_usd for r in rows if r.market == m) for m in {r.market for r in rows}]
    return Plan(
        rows=tuple(rows),
        sales_usd=total,
        sales_now_usd=sum(r.sales_now_usd for r in rows),
        margin_usd=sum(r.margin_usd for r in rows),
        capacity_used=used,
        concentration=sum((sales / total) ** 2 for sales in by_market),
        concentration_now=0.23,
    )


def move(kind: str, product: str, market: str, **figures: Any) -> MoveSummary:
    """A move with figures of its own; the others are those of a usual one."""
    usual: dict[str, Any] = {
        "kinds": (kind,), "price_before_usd": 500.0, "price_after_usd": 500.0, "plant": "qingdao",
        "currency": "USD", "units_before": (1_000.0, 1_000.0), "units_after": (1_000.0, 1_000.0),
        "sales_before_usd": (5e5, 5e5), "sales_after_usd": (5e5, 5e5), "gain_cny": 1.0e6,
        "alone_cny": 1.1e6, "mean_cny": 1.0e6, "chance": 0.78, "low_cny": -0.4e6,
        "worst_cny": -0.6e6, "entry_cny": 0.0, "payback_years": None, "payback_chance": None,
        "plant_before": "qingdao", "currency_before": "USD",
        "rests_on": ("planning.rests_outlook",),
    }  # fmt: skip
    return MoveSummary(kind, product=product, market=market, **usual | figures)


def decided() -> PlanDecision:
    return PlanDecision(
        years=(2026, 2027),
        scenarios=2000,
        threshold=2 / 3,
        moves=(
            move(
                "dearer",
                TELEVISIONS,
                "DEU",
                price_after_usd=520.0,
                currency="EUR",
                currency_before="EUR",
                gain_cny=2.13e6,
                matched_cny=0.9e6,
                rests_on=("planning.rests_outlook", "planning.rests_sigma_ledger"),
            ),
            move(
                "enter",
                TELEVISIONS,
                "POL",
                price_before_usd=None,
                price_after_usd=580.0,
                currency="EUR",
                gain_cny=1.4e6,
                entry_cny=600_000.0,
                payback_years=1.17,
                payback_chance=0.72,
                rests_on=(
                    "planning.rests_outlook",
                    "planning.rests_entry_entries",
                    "planning.rests_survival",
                ),
            ),
            move(
                "other_plant", TELEVISIONS, "USA", kinds=("other_plant", "cheaper"),
                price_after_usd=480.0, plant="monterrey", gain_cny=1.2e6,
            ),
            move(
                "leave",
                TELEVISIONS,
                "NLD",
                price_before_usd=498.0,
                price_after_usd=None,
                gain_cny=0.3e6,
                units_after=(0.0, 0.0),
            ),
            move("other_currency", TELEVISIONS, "KOR", currency="EUR", gain_cny=0.2e6),
            move("grow", TELEVISIONS, "GBR", units_after=(1_400.0, 1_800.0), gain_cny=0.1e6),
            move("shrink", TELEVISIONS, "MEX", units_after=(800.0, 700.0), gain_cny=None),
        ),
        not_yet=(
            move(
                "other_brand",
                TELEVISIONS,
                "ITA",
                brand="oem",
                chance=0.55,
                mean_cny=0.2e6,
                reason="planning.not_likely",
            ),
            move(
                "leave",
                TELEVISIONS,
                "IND",
                price_after_usd=None,
                reason="planning.not_on_illustrative",
            ),
        ),
        today=ProfitDistribution(40e6, 21e6, 18e6, (0.0, 20e6, 20e6)),
        plan=ProfitDistribution(45.2e6, 22.5e6, 19e6, (-0.6e6, 22e6, 23.8e6)),
        chance_better=0.81,
        gain_cny=5.2e6,
        gain_low_cny=-1.3e6,
        cny_per_usd=7.25,
        gap=0.0,
        asked=(),
        assumed=(
            Caution(
                "study.note_sums",
                {
                    "once": Yuan(600_000),
                    "yearly": Yuan(165_000),
                    "once_shipped": Yuan(600_000),
                    "yearly_shipped": Yuan(165_000),
                },
            ),
        ),
        rates=(("USD", 7.25), ("EUR", 7.83), ("JPY", 0.0484)),
        level=LevelRecord(0.89, 0.79, 1),
        computed=ProfitDistribution(50.8e6, 25.3e6, 21e6, (-0.6e6, 25e6, 26.4e6)),
    )  # fmt: skip


KINDS = {(one.product, one.market): one.kind for one in decided().moves}
CURRENCIES = {"DEU": "EUR", "FRA": "EUR", "JPN": "JPY", "KOR": "EUR", "POL": "EUR"}
LINES = (
    LineResult("sets", "qingdao", "CHN", "Sets", "整机线", 6_000.0),
    LineResult("cells", "qingdao", "CHN", "Cells", "电芯线", 6_000.0),
    LineResult("sets-mx", "monterrey", "MEX", "Sets, Mexico", "墨西哥整机线", 3_000.0),
)
EARLIER = (
    EarlierPlan(
        2021,
        2,
        (
            EarlierMove("leave", BATTERIES, "DEU", 2.5e6, -0.4e6, observed=True),
            EarlierMove("enter", TELEVISIONS, "POL", 3.5e6, 1.9e6, observed=False),
            EarlierMove("enter", TELEVISIONS, "MEX", 1.0e6, None, observed=False),
        ),
        10e6,
        7e6,
        observed=True,
        unknown_usd=1e6,
        todays_cost=("VNM",),
    ),
    EarlierPlan(2022, 2, (), 9e6, 8.1e6, observed=True),
)


def risk() -> RiskFigures:
    """Figures of the shape that a plan's have; none is computed."""
    points = (
        PointFigures("today", 40e6, 21e6, 18e6, 0, 5.4e6, 12e6, 0.1),
        PointFigures("careful", 44e6, 23e6, 20e6, 3, 1.5e6, 4e6, 0.3),
        PointFigures("0.25", 44.5e6, 22.9e6, 19.8e6, 3),
        PointFigures("middle", 44.9e6, 22.8e6, 19.5e6, 4, 0.7e6, 2e6, 0.2),
        PointFigures("0.75", 45.1e6, 22.6e6, 19.3e6, 4),
        PointFigures("bold", 45.2e6, 22.5e6, 19e6, 4, 0.4e6, 1e6, 0.4),
    )
    limits = (
        LimitFigures(
            "line_hours", "qingdao/sets", 6000.0, 6000.0, 112.0, 2026, 5800.0, 8400.0, 0.1,
            90_000.0, 120_000.0,
        ),
        LimitFigures(
            "entry_budget", "", 700_000.0, 600_000.0, None, None, None, None, 0.1, 0.0, 1.4e6
        ),
        LimitFigures(
            "market_share", "DEU", 0.35, 0.35, None, None, None, None, 0.1, 20_000.0, None
        ),
    )  # fmt: skip
    turn = TurnFigures(TELEVISIONS, "DEU", -0.12)
    bars = (
        BarFigures("cost", "", None, 7.4e6, 2.1e6, (TurnFigures(TELEVISIONS, "POL", 0.08),)),
        BarFigures("rate", "EUR", 7.83, 3.0e6, 7.2e6, (turn,)),
        BarFigures("elasticity", TELEVISIONS, 4.7, 4.1e6, 6.0e6, ()),
        BarFigures("entries", "", None, 4.9e6, 5.5e6, ()),
    )
    return RiskFigures(points, limits, bars, 5.2e6, 0.2, 0.5, 5)


def example() -> StudyResult:
    televisions = product(
        TELEVISIONS, "Television sets and monitors", "电视机和监视器", 540.0, list(MARKETS)
    )
    batteries = product(
        BATTERIES, "Lithium-ion accumulators for household appliances and tools", "锂离子蓄电池",
        50.0, ["DEU", "S19", "TUV"],
    )  # fmt: skip
    return StudyResult(
        schema_version="2",
        title_en="Where should a maker of television sets go next?",
        title_zh="一家电视机制造商下一步应进入哪些市场？",
        on=date(2025, 3, 31),
        firm=Firm("Example Vision Co.", "示例视像公司", "CHN", "Qingdao", "青岛", made_up=True),
        products=(televisions, batteries),
        plan=plan(),
        decided=decided(),
        lines=LINES,
        risk=risk(),
        earlier_plans=EARLIER,
        sources=(
            SourceUse(
                "starter", "sources.title_groups", "UN Comtrade, reconciled by offing",
                "derived estimates", "2019–2024", date(2025, 3, 1), "9f2c" * 16, 41_233, 17,
            ),
            SourceUse(
                "ecb",
                "sources.title_ecb",
                "European Central Bank",
                "free with attribution",
                "1999-01-04 – 2025-03-31",
                date(2025, 3, 31),
                "0ab1" * 16,
                250_114,
                0,
            ),
        ),
        rules=(
            rule("eur.mfn.85287240", "14 %"),
            rule("eur.vat.deu", "19 %"),
            rule("x", "5 %", "illustrative"),
            rule("insurance", "0.3 %", "user"),
        ),
        warnings=(Caution("report.not_on_map", {"markets": countries(["TUV"])}),),
    )  # fmt: skip


def staying() -> StudyResult:
    """The same firm where no move is likely enough: the answer is to stay."""
    whole = example()
    moves = tuple(
        replace(one, chance=0.55, reason="planning.not_likely") for one in whole.decided.moves[:2]
    )
    stay = replace(
        whole.decided, moves=(), not_yet=moves, plan=whole.decided.today, chance_better=None,
        gain_cny=0.0, gain_low_cny=0.0,
    )  # fmt: skip
    rows = tuple(replace(row, move="keep") for row in whole.plan.rows if row.sales_now_usd)
    plan = totals(rows, whole.plan.capacity_used)
    return replace(whole, decided=stay, plan=plan, risk=None)


def one_product() -> StudyResult:
    """A study of one product, whose pictures have the width of the page to themselves."""
    whole = example()
    product = whole.products[0]
    rows = tuple(row for row in whole.plan.rows if row.product == product.product)
    plan = totals(rows, (("sets", 0.47),))
    return replace(whole, products=(product,), plan=plan)
