"""``offing indicators``: RCA, complexity, relatedness and concentration on the loaded data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, print_set_caution
from offing.cli.table_file import checked_target, write_table
from offing.report.terminal import console, print_line, table
from offing.study.export_potential import Potential, potential_of
from offing.study.indicators import (
    EPI,
    NAMES,
    PROXIMITY,
    TABLES,
    Indicators,
    indicators_of,
    near_product,
    table_of,
)
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated, say
from offing.terms.nearest import nearest
from offing.terms.products import product_label
from offing.warehouse import Warehouse

USUAL = ("eci", "fitness", "coi", "pci", "ubiquity")
KEYS = {
    "countries": ("country",),
    "products": ("product",),
    "pairs": ("country", "product"),
    "potential": ("exporter", "importer", "product"),
}


def indicators(
    *names: Annotated[str, Parameter(help=say("indicators.help_names"))],
    year: Annotated[int | None, Parameter(help=say("gravity.help_year"))] = None,
    country: Annotated[str | None, Parameter(help=say("indicators.help_country"))] = None,
    product: Annotated[str | None, Parameter(help=say("indicators.help_product"))] = None,
    digits: Annotated[int | None, Parameter(help=say("indicators.help_digits"))] = None,
    least_usd: Annotated[float, Parameter(help=say("indicators.help_least"))] = 0.0,
    variant: Annotated[str | None, Parameter(help=say("indicators.help_variant"))] = None,
    projection: Annotated[Path | None, Parameter(help=say("indicators.help_projection"))] = None,
    tariffs: Annotated[Path | None, Parameter(help=say("indicators.help_tariffs"))] = None,
    elasticities: Annotated[
        Path | None, Parameter(help=say("indicators.help_elasticities"))
    ] = None,
    top: Annotated[int, Parameter(help=say("market.help_top"))] = 15,
    out: Annotated[Path | None, Parameter(help=say("indicators.help_out"))] = None,
    dataset: Annotated[str | None, Parameter(help=say("market.help_dataset"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Print or write the indicators of a year's exports."""
    chosen = _chosen(names)
    if top < 1:
        raise InputError("market.bad_top", text=top)
    if not 0 <= least_usd < float("inf"):
        raise InputError("indicators.bad_least", text=least_usd)
    who = None if country is None else country_code(country)
    what = None if product is None else product_code(product)
    if PROXIMITY in chosen and what is None:
        raise InputError("indicators.proximity_needs_product")
    given = (variant, projection, tariffs, elasticities)
    if EPI not in chosen and any(one is not None for one in given):
        raise InputError("indicators.needs_epi")
    shown = [name for name in TABLES if any(table_of(one) == name for one in chosen)]
    if out is not None:
        checked_target(out)
        if len(shown) > 1:
            raise InputError("indicators.one_table", tables=enumerated(shown))
    house = Warehouse.open(warehouse)
    made = indicators_of(
        house, dataset=dataset, year=year, digits=digits, least_usd=least_usd, names=chosen
    )
    potential = None
    if EPI in chosen:
        potential = potential_of(
            house,
            made,
            variant=variant,
            projection=projection,
            tariffs=tariffs,
            elasticities=elasticities,
        )
    tables = {name: _rows(made, name, chosen, who, what, potential) for name in shown}
    if out is not None:
        write_table(out, tables[shown[0]])
    if as_json:
        data: dict[str, object] = {
            "dataset": made.dataset, "year": made.year, "left_out": made.left_out,
        }  # fmt: skip
        if potential is not None:
            data |= {"variant": potential.variant, "corrected_by_tariffs": potential.corrected}
        print_json({"indicators": data | {k: rows.to_dicts() for k, rows in tables.items()}})
        return
    print_line(say("indicators.heading", year=made.year, dataset=made.dataset), "bold")
    for name, rows in tables.items():
        _print(name, rows, top)
        if name == "potential" and potential is not None:
            _print_potential(potential)
    if made.left_out:
        print_line(say("indicators.left_out", count=made.left_out, least=f"{least_usd:,.0f}"))
    elif not least_usd and {"eci", "fitness", "coi"} & set(chosen):
        print_line(f"! {say('indicators.small_first')}", "yellow")
    if dataset is None:
        print_set_caution(house, "", made.dataset, year)
    if out is not None:
        count = f"{tables[shown[0]].height:,}"
        print_line(say("gravity.written", rows=count, path=out))


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The indicators asked for, however they are written: ``ECI,pci`` or ``ECI pci``.

    Raises:
        InputError: ``indicators.unknown``.
    """
    parts = [part for name in names for part in name.replace("，", ",").lower().split(",") if part]
    for part in parts:
        if part not in NAMES:
            near = nearest(part, NAMES) or NAMES[0]
            raise InputError("indicators.unknown", text=part, near=near, all=enumerated(NAMES))
    return tuple(dict.fromkeys(parts)) or USUAL


def _rows(
    made: Indicators,
    name: str,
    chosen: Sequence[str],
    who: str | None,
    what: str | None,
    potential: Potential | None,
) -> pl.DataFrame:
    """The rows and columns asked for, the largest first."""
    rows: pl.DataFrame
    if name == PROXIMITY:
        return near_product(made, what or "")
    rows = {
        "countries": made.countries,
        "products": made.products,
        "pairs": made.pairs,
        "potential": made.pairs if potential is None else potential.rows,
    }[name]
    if who is not None and who not in made.countries["country"]:
        raise InputError("indicators.no_country", country=who, year=made.year)
    if what is not None and what not in made.products["product"]:
        digits = enumerated(map(str, sorted(set(made.products["product"].str.len_chars()))))
        raise InputError("indicators.no_product", product=what, year=made.year, digits=digits)
    for column in ("country", "exporter"):
        if who is not None and column in rows.columns:
            rows = rows.filter(pl.col(column) == who)
    if what is not None and "product" in rows.columns and PROXIMITY not in chosen:
        rows = rows.filter(pl.col("product") == what)
    mine = [one for one in chosen if table_of(one) == name]
    if name == "potential":
        mine.append("untapped")
    return rows.select(*KEYS[name], "value_usd", *mine).sort(
        mine[0], *KEYS[name], descending=[True, *[False] * len(KEYS[name])], nulls_last=True
    )


def _print(name: str, rows: pl.DataFrame, top: int) -> None:
    def cell(column: str, value: object) -> str:
        if column in ("country", "exporter", "importer"):
            return country_name(str(value))
        if column == "product":
            return product_label(str(value))
        if column in ("value_usd", EPI, "untapped"):
            return f"{float(str(value)) / 1e6:,.0f}"
        if isinstance(value, int):
            return f"{value:,}"
        return "–" if value is None else f"{round(float(str(value)), 3) + 0.0:.3f}"

    keys = KEYS.get(name, ("product",))
    console().print()
    console().print(
        table(
            say(f"indicators.table_{name}"),
            [
                say(f"indicators.column_{column}")
                if column in (*keys, "value_usd")
                else say(f"indicators.name_{column}")
                for column in rows.columns
            ],
            [
                [cell(column, row[column]) for column in rows.columns]
                for row in rows.head(top).iter_rows(named=True)
            ],
            text_columns=tuple(range(len(keys))),
            wrapped=tuple(range(len(keys))),
        )
    )
    if rows.height > top:
        print_line(say("market.more_rows", count=f"{rows.height - top:,}"))


def _print_potential(made: Potential) -> None:
    """What the potentials rest on."""
    print_line(say(f"indicators.variant_{made.variant}"), "dim")
    if made.growth is not None:
        low, high = (f"{ratio:g}" for ratio in made.growth)
        print_line(say("indicators.potential_growth", low=low, high=high, count=made.unlisted))
    if made.rates is not None:
        low, high = (f"{100 * rate:g}" for rate in made.rates)
        pairs = f"{made.corrected:,}"
        print_line(say("indicators.potential_rates", low=low, high=high, pairs=pairs))
    if not made.distances and made.variant != "identity":
        print_line(f"! {say('indicators.potential_no_distances')}", "yellow")
    print_line(say("indicators.potential_no_forecast"), "dim")
