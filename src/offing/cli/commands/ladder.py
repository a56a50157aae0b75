"""``offing ladder``: the price ladder of a product in a market."""

from typing import Annotated, Literal, TypeVar, get_args

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import console, print_json, print_line, print_set_caution, table
from offing.ladders.build import PriceMeasure
from offing.ladders.build import ladder as build
from offing.ladders.ladder import Basis, Ladder, Place
from offing.ladders.place import place
from offing.ladders.tiers import METHODS
from offing.report.numbers import money
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated, say
from offing.terms.products import product_label
from offing.terms.units import Unit
from offing.warehouse import Warehouse

Reference = Literal["world", "market"]
LARGEST = 3
WORTH_SAYING = 0.05
"""Probability from which a tier other than the likeliest is named."""

T = TypeVar("T", bound=str)


def ladder(
    product: Annotated[str, Parameter(help=say("ladder.help_product"))],
    market: Annotated[str, Parameter(help=say("ladder.help_market"))],
    *,
    year: Annotated[int | None, Parameter(help=say("ladder.help_year"))] = None,
    unit: Annotated[str | None, Parameter(help=say("ladder.help_unit"))] = None,
    method: Annotated[str, Parameter(help=say("ladder.help_method"))] = METHODS[0],
    basis: Annotated[str | None, Parameter(help=say("ladder.help_basis"))] = None,
    reference: Annotated[str, Parameter(help=say("ladder.help_reference"))] = "world",
    price: Annotated[float | None, Parameter(help=say("ladder.help_price"))] = None,
    bands: Annotated[str | None, Parameter(help=say("ladder.help_bands"))] = None,
    dataset: Annotated[str | None, Parameter(help=say("ladder.help_dataset"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a market's price ladder, and where a price stands on it."""
    code, importer = product_code(product), country_code(market)
    of_market = _one_of(reference, get_args(Reference), "--reference") == "market"
    house = Warehouse.open(warehouse)
    chosen = house.trade_set(code, dataset, year)
    made = build(
        house.flows(code, dataset=chosen),
        product=code,
        market=importer,
        year=year,
        measure=PriceMeasure(
            unit=None if unit is None else _one_of(unit, get_args(Unit), "--unit"),
            method=method,
            basis=None if basis is None else _one_of(basis, get_args(Basis), "--basis"),
            own=of_market,
            bands=_thresholds(bands),
        ),
        dataset=chosen,
    )
    placed = None if price is None else place(made, price)
    if as_json:
        print_json({"ladder": made, "place": placed})
        return
    _print(made, own=of_market)
    if dataset is None:
        print_set_caution(house, code, chosen, year)
    if placed is not None:
        _print_place(made, placed)


def _one_of(text: str, options: tuple[T, ...], option: str) -> T:
    for known in options:
        if text.strip().lower() == known:
            return known
    raise InputError("ladder.unknown_choice", text=text, option=option, all=enumerated(options))


def _thresholds(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError:
        raise InputError("ladder.bad_bands", text=text) from None


def _usd(value: float) -> str:
    """A price with about three figures: 1,242, 35.2 or 4.07."""
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def _millions(value: float) -> str:
    return f"{value / 1e6:,.{0 if value >= 1e8 or value == 0 else 1 if value >= 1e6 else 3}f}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _growth(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f} %"


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return say("ladder.price_below", high=_usd(high or 0.0))
    if high is None:
        return say("ladder.price_above", low=_usd(low))
    return say("ladder.price_between", low=_usd(low), high=_usd(high))


def _print(made: Ladder, *, own: bool) -> None:
    out = console()
    unit = say(f"ladder.unit_{made.unit}")
    market = country_name(made.market)
    title = say(
        "ladder.heading", product=product_label(made.product), market=market, year=made.year
    )
    rule = say(f"ladder.method_{made.method.replace('-', '_')}")
    print_line(title, "bold")
    lines = [
        say(
            "ladder.heading_prices",
            unit=unit,
            basis=say(f"ladder.basis_{made.basis}"),
            dataset=made.dataset,
        ),
        say(
            "ladder.heading_tiers",
            method=made.method,
            rule=rule,
            reference=_usd(made.reference),
        ),
        *([say("ladder.heading_own")] if own and made.method != "mean-2011" else []),
        say(
            "ladder.heading_imports",
            usd=money(made.value_usd),
            coverage=_share(made.coverage),
        ),
        *(
            [say("ladder.heading_trend", first=made.trend_years[0], last=made.trend_years[1])]
            if made.trend_years
            else []
        ),
        *([say(made.note)] if made.note else []),
    ]
    for line in lines:
        print_line(line)
    out.print()
    price_column = say("ladder.column_price", unit=unit)
    number_columns = [say(f"ladder.column_{name}") for name in ("value", "share", "growth")]
    out.print(
        table(
            None,
            [say("ladder.column_tier"), price_column, *number_columns, say("ladder.column_drift")],
            [
                [
                    say(f"ladder.tier_{tier.name}"),
                    _range(tier.low, tier.high),
                    _millions(tier.value_usd),
                    _share(tier.share),
                    _growth(tier.growth),
                    "–" if tier.drift is None else f"{tier.drift:+.1f}",
                ]
                for tier in reversed(made.tiers)
                if tier.value_usd > 0 or tier.low != tier.high
            ],
        )
    )
    print_line(say("ladder.suppliers"), "bold")
    for tier in reversed(made.tiers):
        largest = [
            say("ladder.supplier", name=country_name(code), share=f"{100 * share:.0f} %")
            for code, share in tier.suppliers[:LARGEST]
        ]
        if largest:
            line = say(
                "ladder.suppliers_of",
                tier=say(f"ladder.tier_{tier.name}"),
                count=len(tier.suppliers),
                concentration=f"{tier.concentration:.2f}",
                list=say("ladder.list_joint").join(largest),
            )
            print_line(line)
    if made.bands:
        out.print()
        out.print(
            table(
                say("ladder.bands"),
                [price_column, *number_columns],
                [
                    [
                        _range(band.low, band.high),
                        _millions(band.value_usd),
                        _share(band.share),
                        _growth(band.growth),
                    ]
                    for band in reversed(made.bands)
                ],
            )
        )
        print_line(say("ladder.bands_caution"), "dim")
    _print_cautions(made)


def _print_cautions(made: Ladder) -> None:
    if made.dropped:
        console().print()
        print_line(say("ladder.not_placed"), "bold")
    for reason, (flows, value) in made.dropped.items():
        line = say(
            "ladder.not_placed_line",
            flows=flows,
            usd=money(value),
            reason=say(reason),
        )
        print_line(line)
    console().print()
    print_line(say("ladder.caution_averages"), "dim")
    if made.unit == "kg":
        print_line(say("ladder.caution_kg"), "dim")


def _tier_words(placed: Place) -> dict[str, str]:
    """The likeliest tier with its probability, and the others that are possible."""
    (first, chance), *rest = sorted(placed.tiers.items(), key=lambda item: -item[1])
    others = [
        say(
            "ladder.place_other_tier",
            tier=say(f"ladder.tier_{tier}").lower(),
            share=f"{share:.2f}",
        )
        for tier, share in rest
        if share >= WORTH_SAYING
    ]
    return {
        "tier": say(f"ladder.tier_{first}").lower(),
        "share": f"{chance:.2f}",
        "others": "".join(others),
    }


def _print_place(made: Ladder, placed: Place) -> None:
    unit = say(f"ladder.unit_{made.unit}")
    nearest = [
        say("ladder.place_supplier", name=country_name(code), price=_usd(unit_value))
        for code, unit_value in placed.nearest
    ]
    console().print()
    print_line(
        say(
            "ladder.place",
            price=_usd(placed.price),
            unit=unit,
            percentile=f"{100 * placed.percentile:.0f} %",
            low=f"{100 * placed.low:.0f}",
            high=f"{100 * placed.high:.0f} %",
            market=country_name(made.market),
        ),
        "bold",
    )
    print_line(
        say(
            "ladder.place_tiers",
            **_tier_words(placed),
            nearest=say("ladder.list_joint").join(nearest),
        )
    )
    basis = say(f"ladder.basis_{made.basis}")
    print_line(say("ladder.place_basis", suppliers=placed.suppliers, basis=basis))
