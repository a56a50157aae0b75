"""Trade of several editions of the Harmonized System in the one that is asked for.

What went to one code goes there whole. What was split is shared by the trade of the nearest year
that has the codes themselves: the pair's own, else the world's; it is an estimate. Codes that took
goods from several, or whose shares nobody saw, cannot be told apart: they stay one group (a family,
as in Pierce and Schott 2012), under one of its codes, in every year.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.frames import exact_sum
from offing.terms.hs import YEARS, Links, codes_of, edition_of, links, must_be_in
from offing.terms.messages import join_list
from offing.terms.tables import Flows
from offing.warehouse.catalog import StoredPart
from offing.warehouse.store import Warehouse
from offing.warehouse.trade import editions_of_reports, flows_of_codes, sums_by_year

KEYS = ("year", "product", "importer", "exporter")
AMOUNTS = ("value_usd", "cif_usd", "kg", "items")
PAIR = ("importer", "exporter")
KINDS = ("one", "estimated", "grouped")
ONE = pl.lit(KINDS[0]).alias("kind")
SHOWN = 6
"""Groups of codes that are named."""
Codes = frozenset[str]


@dataclass(frozen=True)
class Concordance:
    """Where the codes of other editions stand in one edition.

    Attributes:
        edition: that is asked for.
        homes: edition → code → the codes that stand for its goods, more than one where it is split.
        groups: code that stands for a group → all codes of the group.
    """

    edition: str
    homes: Mapping[str, Mapping[str, tuple[str, ...]]]
    groups: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls, edition: str, seen: Mapping[str, Codes], products: tuple[str, ...] = ()
    ) -> "Concordance":
        """The concordance of some editions with one.

        Args:
            edition: that is asked for.
            seen: each edition that trade is in, with the codes of the edition asked for that have
                trade in the year by which its splits are shared.
            products: a group stands under one of its codes below these, where it has any.
        """
        tables = {other: links(other, edition) for other in seen if other != edition}
        stands: dict[str, str] = {}
        groups: dict[str, tuple[str, ...]] = {}
        for codes in _groups(edition, tables, seen):
            home = min(codes, key=lambda code: (not code.startswith(products), code))
            groups[home] = tuple(sorted(codes))
            stands |= dict.fromkeys(codes, home)
        homes = {
            other: {
                code: tuple(sorted({stands.get(to, to) for to in codes}))
                for code, codes in ({c: {c} for c in stands} | dict(table)).items()
            }
            for other, table in tables.items()
        }
        homes[edition] = {code: (home,) for code, home in stands.items()}
        return cls(edition, homes, groups)

    def below(self, products: tuple[str, ...]) -> Codes:
        """The codes that stand for what is below some codes, in the edition asked for."""
        mine = (code for code in codes_of(self.edition) if code.startswith(products))
        groups = self.homes[self.edition]
        return frozenset(home for code in mine for home in groups.get(code, (code,)))

    def sources(self, edition: str, wanted: Codes) -> Codes:
        """The codes of an edition whose goods stand under any of some codes."""
        homes = self.homes[edition]
        kept = wanted - homes.keys()
        return kept | {code for code, to in homes.items() if not wanted.isdisjoint(to)}

    def touched(self, edition: str) -> Codes:
        """The codes of an edition whose flows do not stay as they are, and those joined to them."""
        homes = self.homes[edition]
        return frozenset(homes).union(*homes.values())

    def converted(self, flows: pl.DataFrame, edition: str, seen: pl.DataFrame) -> pl.DataFrame:
        """Flows of six digits in the edition asked for.

        Args:
            flows: in the columns of ``Flows``, of one edition.
            edition: theirs.
            seen: flows of the edition asked for, by which those that were split are shared.

        Returns:
            The same columns, and ``kind`` of each amount: ``one``, ``estimated`` or ``grouped``.
            The money of each pair of countries is kept.
        """
        homes = self.homes.get(edition, {})
        pairs = [(code, home) for code, to in homes.items() for home in to]
        table = pl.DataFrame(pairs, schema={"product": pl.String, "home": pl.String}, orient="row")
        split = [code for code, to in homes.items() if len(to) > 1]
        rows = flows.with_row_index("row").join(table, on="product", how="left")
        rows = rows.with_columns(pl.col("home").fill_null(pl.col("product")))
        is_split = pl.col("product").is_in(split)
        shared = _shares(rows.filter(is_split), self.converted_seen(seen))
        whole = rows.filter(~is_split).with_columns(share=pl.lit(1.0))
        grouped = pl.col("home").is_in([*self.groups])
        amounts = [(pl.col(name) * pl.col("share")).alias(name) for name in AMOUNTS]
        kind = pl.when(is_split).then(pl.lit("estimated")).when(grouped)
        return pl.concat([whole, shared.select(whole.columns)]).select(
            "year", pl.col("home").alias("product"), *PAIR, *amounts, "observed",
            kind=kind.then(pl.lit("grouped")).otherwise(pl.lit("one")),
        )  # fmt: skip

    def converted_seen(self, seen: pl.DataFrame) -> pl.DataFrame:
        """Trade of the edition asked for by pair and the code that stands for its goods."""
        homes = {code: to[0] for code, to in self.homes[self.edition].items()}
        named = seen.select(*PAIR, "value_usd", home=pl.col("product").replace(homes))
        return named.group_by(*PAIR, "home").agg(exact_sum())


def _groups(edition: str, tables: Mapping[str, Links], seen: Mapping[str, Codes]) -> list[set[str]]:
    """The codes of the edition that cannot be told apart, by group.

    A split can be shared where nothing else came into any of its parts, and trade in them is seen.
    """
    group = {code: {code} for code in codes_of(edition)}
    splits = [
        (code, codes, _origins(other, edition), seen[other])
        for other, table in tables.items()
        for code, codes in sorted(table.items())
        if len(codes) > 1
    ]
    before = 0
    while before != (before := sum(map(len, group.values()))):
        for code, codes, came, traded in splits:
            inside = set[str]().union(*(group[to] for to in codes))
            pure = all(came.get(to, set()) <= {code} for to in inside)
            if not (pure and inside & traded):
                group |= dict.fromkeys(inside, inside)
    several = {id(codes): codes for codes in group.values() if len(codes) > 1}
    return list(several.values())


@cache
def _origins(edition: str, target: str) -> Mapping[str, set[str]]:
    """Code of the edition asked for → the codes of another one that it took goods from."""
    came, table = defaultdict[str, set[str]](set), links(edition, target)
    for code in codes_of(edition):
        for to in table.get(code, {code}):
            came[to].add(code)
    return came


def _shares(rows: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """The rows, one for each part of a split, with the ``share`` of each part."""
    world = seen.group_by("home").agg(world=pl.col("value_usd").sum())
    rows = rows.join(seen, on=[*PAIR, "home"], how="left", suffix="_seen")
    rows = rows.join(world, on="home", how="left").with_columns(
        pl.col("value_usd_seen", "world").fill_null(0.0)
    )
    own, every = (pl.col(name).sum().over("row") for name in ("value_usd_seen", "world"))
    share = pl.when(own > 0).then(pl.col("value_usd_seen") / own).otherwise(pl.col("world") / every)
    return rows.with_columns(share=share).filter(pl.col("share") > 0)


@dataclass(frozen=True)
class _YearOfSet:
    """A year of a data set, and its trade in what is asked for, USD.

    ``edition`` is empty where it is unknown or there are several.
    """

    dataset: str
    year: int
    load: int
    publisher: str
    edition: str
    usd: float = 0.0


def warehouse_in_edition(
    warehouse: Warehouse, edition: str, products: Iterable[str] = (), dataset: str | None = None
) -> tuple[Warehouse, str, tuple[Caution, ...]]:
    """A warehouse with the trade of all years in one edition, its data set, and what to say of it.

    Of a year that several sets have, the one whose edition is nearest counts, of equals the one
    with the most trade. Only codes of six digits are converted.

    Args:
        warehouse: with flows of one or several editions.
        edition: as :func:`~offing.terms.hs.edition_of` reads it.
        products: HS codes in that edition; all of them where there are none.
        dataset: the one to convert; all of the publisher with the most trade where ``None``.

    Raises:
        InputError: ``hs.unknown_edition``, ``hs.ended``, ``hs.not_yet``, ``hs.in_no_edition``,
            ``warehouse.unknown_dataset``, ``warehouse.no_edition`` where no set tells its own.
        MissingDataError: ``warehouse.no_such_product``.
    """
    asked = edition_of(edition)
    wanted = tuple(sorted({*products}))
    for code in wanted:
        must_be_in(code, asked)
    key = ("edition", asked, wanted, dataset)
    return warehouse.made_once(key, lambda: _join_years(warehouse, asked, wanted, dataset))


def _join_years(
    warehouse: Warehouse, edition: str, products: tuple[str, ...], dataset: str | None
) -> tuple[Warehouse, str, tuple[Caution, ...]]:
    chosen, without = _years(warehouse, edition, products, dataset)
    seen = {at.edition: _reference_trade(warehouse, edition, at.edition, chosen) for at in chosen}
    codes = {other: frozenset(rows["product"]) for other, rows in seen.items()}
    concordance = Concordance.of(edition, codes, products)
    wanted = concordance.below(products)
    house, name = Warehouse.temporary(), f"hs{edition}"
    parts, told, traded = [], dict.fromkeys(KINDS, 0.0), set[str]()
    for at in chosen:
        sources = concordance.sources(at.edition, wanted) if products else None
        flows = flows_of_codes(warehouse, at.dataset, at.year, sources)
        stays = ~pl.col("product").is_in(concordance.touched(at.edition))
        rows = concordance.converted(flows.filter(~stays), at.edition, seen[at.edition])
        rows = rows.filter(pl.col("product").is_in(wanted)) if products else rows
        flows = flows.filter(stays)
        kinds = pl.concat([rows.select("kind", "value_usd"), flows.select(ONE, "value_usd")])
        for kind, usd in kinds.group_by("kind").agg(exact_sum()).iter_rows():
            told[kind] += usd
        traded |= {*rows["product"].unique()}
        file = f"flows-{at.year}.parquet"
        rows = pl.concat([flows, _added_up(rows).select(flows.columns)]).sort(KEYS)
        rows.write_parquet(house.folder / file)
        parts.append(StoredPart("flows", name, at.year, file, rows.height, at.load))
    groups = {home: codes for home, codes in concordance.groups.items() if home in traded}
    cautions = tuple(_cautions(edition, chosen, without, told, groups))
    return house.holding(tuple(parts), warehouse, loads=warehouse.catalog.loads), name, cautions


def _years(
    warehouse: Warehouse, edition: str, products: tuple[str, ...], dataset: str | None
) -> tuple[list[_YearOfSet], list[str]]:
    """The years to convert, in order; and the data sets that have some whose edition is unknown."""
    if dataset is not None:
        warehouse.trade_set("", dataset)  # says so where it is not there
    sets = [dataset] if dataset is not None else warehouse.trade_sets()
    told = [at for at in _years_of_flows(warehouse) if at.dataset in sets]
    without = sorted({at.dataset for at in told if not at.edition})
    found = defaultdict[str, list[_YearOfSet]](list)
    for at in _years_with_trade(warehouse, edition, products, [at for at in told if at.edition]):
        found[at.publisher].append(at)
    if not found:
        known = len(without) < len({at.dataset for at in told})
        if known:
            raise warehouse.lacking(join_list(products))
        raise InputError("warehouse.no_edition", sets=join_list(without))
    most = max(found, key=lambda publisher: sum(at.usd for at in found[publisher]))
    near = sorted(found[most], key=lambda at: (at.year, _steps(at.edition, edition), -at.usd))
    return list({at.year: at for at in reversed(near)}.values())[::-1], without


def _years_with_trade(
    warehouse: Warehouse, edition: str, products: tuple[str, ...], told: Iterable[_YearOfSet]
) -> Iterable[_YearOfSet]:
    """The years that have any of what is asked for, with how much."""
    sets = defaultdict[tuple[str, str], dict[int, _YearOfSet]](dict)
    for at in told:
        sets[at.dataset, at.edition][at.year] = at
    every = Concordance.of(edition, {known: frozenset() for _, known in sets})
    wanted = every.below(products)
    for (name, known), mine in sorted(sets.items()):
        codes = every.sources(known, wanted) if products else None
        for year, usd in sums_by_year(warehouse, name, mine, codes):
            yield replace(mine[year], usd=usd)


def _steps(one: str, other: str) -> int:
    return abs(YEARS.index(one) - YEARS.index(other))


def _years_of_flows(warehouse: Warehouse) -> list[_YearOfSet]:
    """Every year of flows with what its load, or the reports behind it, say of its edition."""
    loads = {load.id: (load.source, load.edition or "") for load in warehouse.catalog.loads}
    told = [
        _YearOfSet(part.dataset, part.year, part.load, *loads.get(part.load, (part.dataset, "")))
        for _, part in warehouse.stored_parts("flows")
        if part.year is not None
    ]
    reported = {
        (name, year): edition
        for name in {at.dataset for at in told if not at.edition}
        if warehouse.stored_parts("reports", name)
        for year, edition in editions_of_reports(warehouse, name)
    }
    return [
        replace(at, edition=at.edition or reported.get((at.dataset, at.year)) or "") for at in told
    ]


def _reference_trade(
    warehouse: Warehouse, edition: str, other: str, chosen: Sequence[_YearOfSet]
) -> pl.DataFrame:
    """The trade by which splits of an edition are shared: of the nearest year in that asked for."""
    mine = [at for at in chosen if at.edition == edition]
    if not mine:
        return Flows.create_empty()
    years = [at.year for at in chosen if at.edition == other]
    nearest = min(mine, key=lambda at: min(abs(at.year - year) for year in years))
    parts = {to for codes in links(other, edition).values() if len(codes) > 1 for to in codes}
    traded = flows_of_codes(warehouse, nearest.dataset, nearest.year, parts)
    return traded.filter(pl.col("value_usd") > 0)


def _added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a flow; a sum of which a part is unknown is unknown."""
    twice = rows.select(KEYS).is_duplicated()
    several = (
        rows.filter(twice)
        .group_by(KEYS)
        .agg(
            exact_sum(),
            *(
                pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)
                for name in AMOUNTS[1:]
            ),
            pl.when(pl.col("observed").n_unique() == 1)
            .then(pl.col("observed").first())
            .otherwise(pl.lit("both"))
            .cast(rows.schema["observed"]),
        )
    )
    return pl.concat([rows.filter(~twice).select(several.columns), several])


def _cautions(
    edition: str,
    chosen: Sequence[_YearOfSet],
    without: Sequence[str],
    told: Mapping[str, float],
    groups: Mapping[str, Sequence[str]],
) -> Iterable[Caution]:
    """How much of the value is exact, which codes count together, what was left out."""
    by_set: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at in chosen:
        by_set[at.dataset, at.edition].append(at.year)
    sets = [
        f"{name} (HS {of}) {'–'.join(map(str, dict.fromkeys((years[0], years[-1]))))}"
        for (name, of), years in by_set.items()
    ]
    values = {"edition": edition, "sets": join_list(sets)}
    every = sum(told.values())
    if told["one"] == every:
        yield Caution("warehouse.in_edition_exact", values)
    else:
        shares = {kind: f"{usd / every:.1%}" for kind, usd in told.items()}
        yield Caution("warehouse.in_edition", {**values, **shares})
    for home, codes in list(groups.items())[:SHOWN]:
        values = {"codes": join_list(codes), "code": home, "edition": edition}
        yield Caution("warehouse.one_group", values)
    if len(groups) > SHOWN:
        yield Caution("warehouse.more_groups", {"count": len(groups) - SHOWN})
    if without:
        yield Caution("warehouse.left_out_of_edition", {"sets": join_list(without)})
