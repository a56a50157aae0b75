"""``offing outlook``: write the expected sales of every exporter in every market."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.commands.markets import checked_horizon
from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, print_set_caution, progress
from offing.forecast.outlook.forecast import outlooks
from offing.forecast.outlook.writing import write
from offing.forecast.ranking import whole_trade
from offing.report.terminal import print_line
from offing.report.words import listed
from offing.terms.errors import InputError, Where
from offing.terms.messages import say
from offing.warehouse import Warehouse


def outlook(
    *,
    as_of: Annotated[int, Parameter(help=say("market.help_base_year"))],
    horizon: Annotated[int, Parameter(help=say("market.help_horizon"))],
    out: Annotated[Path, Parameter(help=say("market.help_out"))],
    dataset: Annotated[str | None, Parameter(help=say("market.help_dataset"))] = None,
    tiers: Annotated[bool, Parameter(negative="", help=say("market.help_tiers"))] = False,
    seed: Annotated[int, Parameter(help=say("market.help_seed"))] = 1,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the outlook as a Parquet file, seeing nothing later than the base year."""
    checked_horizon(horizon)
    if out.suffix != ".parquet":
        raise InputError("market.not_parquet", where=Where(out), path=out)
    if not out.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(out), folder=out.parent)
    house = Warehouse.open(warehouse)
    history, name = whole_trade(house, dataset=dataset, year=as_of, tiers=tiers)
    with progress() as move:
        move(say("market.training"), 0.0)
        made = outlooks(history, as_of, horizon, seed=seed)
        report = write(made, out, lambda share: move(say("market.writing"), share))
    if as_json:
        print_json(
            {"dataset": name, "outlook": report, "notes": list(made.notes), "file": str(out)}
        )
        return
    lines = [
        say(
            "market.written",
            rows=f"{report.rows:,}",
            path=out,
            flows=f"{report.flows:,}",
            empty=f"{report.rows - report.flows:,}",
            products=f"{report.products:,}",
            year=as_of,
            horizon=horizon,
            dataset=name,
        )
    ]
    if report.origins:
        lines.append(say("market.fitted_on", origins=listed(map(str, sorted(report.origins)))))
    for line in [*lines, *(f"! {say(note)}" for note in made.notes)]:
        print_line(line)
    if dataset is None:
        print_set_caution(house, "", name, as_of)
