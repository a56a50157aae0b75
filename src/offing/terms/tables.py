"""The tables of the warehouse: their columns, defined once.

Each schema feeds validation, the reference pages and test data. A ``TableSpec`` adds how the
table lies on disk: its order, and the slice that a new load replaces.
"""

from dataclasses import dataclass

import dataframely as dy


class Reports(dy.Schema):
    """One side's story of one flow, as a statistical office reported it."""

    year = dy.Int16(min=1900, max=2100)
    direction = dy.Enum(["import", "export"])  # imports are CIF, exports FOB, in general
    reporter = dy.String()  # alpha-3
    partner = dy.String()  # alpha-3
    product = dy.String(regex=r"^(\d{2}|\d{4}|\d{6})$")
    edition = dy.String(nullable=True)  # HS edition year the report was made in
    value_usd = dy.Float64(min=0)
    kg = dy.Float64(min=0, nullable=True)
    items = dy.Float64(min=0, nullable=True)


class MonthlyReports(dy.Schema):
    """One side's story of one flow in one month: how the running year goes."""

    year = dy.Int16(min=1900, max=2100)
    month = dy.Int8(min=1, max=12)
    direction = dy.Enum(["import", "export"])
    reporter = dy.String()  # alpha-3
    partner = dy.String()  # alpha-3
    product = dy.String(regex=r"^(\d{2}|\d{4}|\d{6}|mfa\d{1,3})$")  # HS, or a US textile category
    value = dy.Float64(min=0)
    currency = dy.String(regex=r"^[A-Z]{3}$")
    kg = dy.Float64(min=0, nullable=True)


class Flows(dy.Schema):
    """One estimate for each flow: what moved from exporter to importer."""

    year = dy.Int16(min=1900, max=2100)
    product = dy.String(regex=r"^(\d{2}|\d{4}|\d{6})$")
    importer = dy.String()
    exporter = dy.String()
    value_usd = dy.Float64(min=0)  # free on board
    cif_usd = dy.Float64(min=0, nullable=True)  # at the importer's border; null where not estimated
    kg = dy.Float64(min=0, nullable=True)
    items = dy.Float64(min=0, nullable=True)
    observed = dy.Enum(["both", "importer", "exporter", "source"])  # who reported it
    # "source": reconciled already by the publisher of the data set, such as BACI


class Distances(dy.Schema):
    """Geography of each pair (CEPII GeoDist)."""

    origin = dy.String()
    destination = dy.String()
    km = dy.Float64(min=0)
    contiguous = dy.Bool()
    common_language = dy.Bool()
    colony = dy.Bool()


class Indicators(dy.Schema):
    """Facts of a country in a year: gdp_usd, population, lpi (1-5) and more."""

    country = dy.String()
    year = dy.Int16(min=1900, max=2100)
    name = dy.String()
    value = dy.Float64()


class Groups(dy.Schema):
    """Membership of a country in a group, while it lasts: ``[since, until)``."""

    group = dy.String()  # belt_and_road, rcep, eu, asean …
    country = dy.String()
    since = dy.Date(nullable=True)
    until = dy.Date(nullable=True)
    status = dy.Enum(["checked", "illustrative"])
    source = dy.String()


MEAN = "_hs6"
"""After a regime: means of its national lines at six digits, which come second to any line."""


class DutyLines(dy.Schema):
    """A line of an importer's tariff, as its text reads; the rulebook parses it."""

    importer = dy.String()  # alpha-3, or EUR for the European Union
    code = dy.String(regex=r"^\d{2,10}$")  # national length
    regime = dy.String()  # mfn, rcep, us301_4a …
    partner = dy.String(nullable=True)  # null: every origin
    expression = dy.String(nullable=True)  # "10.2% + 93.10 EUR/100kg"; null where not given
    since = dy.Date(nullable=True)
    until = dy.Date(nullable=True)
    description = dy.String(nullable=True)
    source = dy.String()


class FxRates(dy.Schema):
    """The ECB's euro reference rates: units of the currency for one euro."""

    on = dy.Date()
    currency = dy.String(regex=r"^[A-Z]{3}$")
    per_eur = dy.Decimal(precision=18, scale=6)


class FxThin(dy.Schema):
    """Rates that are not the ECB's, of a day a month or as published: a level, no more."""

    on = dy.Date()
    currency = dy.String(regex=r"^[A-Z]{3}$")
    per_cny = dy.Decimal(precision=20, scale=10)  # units of the currency for one yuan


class CentralParity(dy.Schema):
    """The central parity of the yuan (人民币汇率中间价) of a day, as SAFE and CFETS publish it."""

    on = dy.Date()
    currency = dy.String(regex=r"^[A-Z]{3}$")
    cny = dy.Decimal(precision=20, scale=10)  # yuan for one unit of the currency


class Sales(dy.Schema):
    """A firm's sales, line by line."""

    on = dy.Date()
    invoice = dy.String(nullable=True)
    buyer = dy.String(nullable=True)
    market = dy.String()
    product = dy.String(regex=r"^\d{2,10}$", nullable=True)  # null: only a study's models say it
    model = dy.String(nullable=True)
    brand = dy.String(nullable=True)  # own, oem or a name
    quantity = dy.Decimal(precision=18, scale=4)
    unit = dy.String()
    amount = dy.Decimal(precision=18, scale=4)
    currency = dy.String(regex=r"^[A-Z]{3}$")
    incoterm = dy.String(nullable=True)
    row = dy.Int32(min=1)  # the line of the file


class MarketPanel(dy.Schema):
    """What is sold in a market by class, price band, brand and period: a panel of an institute."""

    year = dy.Int16(min=1900, max=2100)
    period = dy.String()  # as the panel writes it
    market = dy.String()
    product = dy.String(regex=r"^\d{2,10}$")
    segment = dy.String(nullable=True)  # size or class
    low = dy.Float64(min=0, nullable=True)  # price band for one unit, in the line's currency
    high = dy.Float64(min=0, nullable=True)
    units = dy.Float64(min_exclusive=0)
    value = dy.Float64(min_exclusive=0)  # in the line's currency
    currency = dy.String(regex=r"^[A-Z]{3}$")
    level = dy.Enum(["fob", "cif", "landed", "retail"])  # of the price
    brand = dy.String(nullable=True)
    row = dy.Int32(min=1)  # the line of the file


class Quotations(dy.Schema):
    """What a firm quoted, and whether it won the order."""

    on = dy.Date(nullable=True)
    buyer = dy.String(nullable=True)
    market = dy.String(nullable=True)
    model = dy.String(nullable=True)
    product = dy.String(regex=r"^\d{2,10}$", nullable=True)
    quantity = dy.Decimal(precision=18, scale=4, nullable=True)
    unit = dy.String(nullable=True)
    price = dy.Decimal(precision=18, scale=6)  # of one unit, in the line's currency
    currency = dy.String(regex=r"^[A-Z]{3}$")
    incoterm = dy.String(nullable=True)
    target = dy.Decimal(precision=18, scale=6, nullable=True)  # the buyer's price, likewise
    outcome = dy.Enum(["won", "lost", "open"], nullable=True)  # null: not told
    lost_to = dy.String(nullable=True)
    row = dy.Int32(min=1)  # the line of the file


@dataclass(frozen=True)
class TableSpec:
    """How a table lies on disk.

    Attributes:
        schema: its columns.
        order: the sort of each file.
        slices: the columns whose values a load replaces: rows with a combination that the new
            load has are replaced by it, all others stay. Empty: the new load replaces the set.
        by_year: one file for each year, else one file.
    """

    schema: type[dy.Schema]
    order: tuple[str, ...]
    slices: tuple[str, ...] = ()
    by_year: bool = False


TABLES: dict[str, TableSpec] = {
    "reports": TableSpec(
        Reports,
        ("product", "reporter", "partner", "direction"),
        ("year", "reporter", "direction", "product"),
        by_year=True,
    ),
    "monthly_reports": TableSpec(
        MonthlyReports,
        ("product", "reporter", "partner", "direction", "month"),
        ("year", "month", "reporter", "direction", "partner", "product"),
        by_year=True,
    ),
    "flows": TableSpec(Flows, ("product", "importer", "exporter"), ("year",), by_year=True),
    "distances": TableSpec(Distances, ("origin", "destination")),
    "indicators": TableSpec(Indicators, ("name", "country", "year"), ("name",)),
    "groups": TableSpec(Groups, ("group", "country", "since"), ("group",)),
    "duty_lines": TableSpec(
        DutyLines, ("importer", "regime", "code", "since"), ("importer", "regime")
    ),
    "fx_rates": TableSpec(FxRates, ("currency", "on")),
    "fx_thin": TableSpec(FxThin, ("currency", "on"), ("on", "currency")),
    "central_parity": TableSpec(CentralParity, ("currency", "on"), ("on", "currency")),
    "sales": TableSpec(Sales, ("on", "row")),
    "market_panel": TableSpec(
        MarketPanel, ("market", "product", "year", "row"), ("market", "product", "year")
    ),
    "quotations": TableSpec(Quotations, ("on", "row")),
}
"""Every table of the warehouse by name."""
