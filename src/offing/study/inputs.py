"""The rules under which a study runs: today's, with its own files and packs over them."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import polars as pl

from offing.ladders.own_sales import must_be_rated, rated_sales, rates_beside
from offing.policy.in_force import REFUNDING, Matter
from offing.policy.overlay import Rules, files_of, laws_with
from offing.policy.shock_file import Shock, named_shocks
from offing.rules.reform import Reform, reform_of
from offing.sources.ledger import LedgerRead, read_ledger
from offing.study.costs import EVERY, Costing, importer_of, must_have_rates
from offing.study.file import Study, place_text, read_study
from offing.study.sales_history import codes_of, lines_by_model, named_in
from offing.study.schema import LedgerFile
from offing.terms.background import is_allowed, stretch
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.exchange import FxTable
from offing.terms.messages import language
from offing.terms.plugins import active_plugins
from offing.terms.tables import TABLES
from offing.warehouse import Warehouse
from offing.warehouse.catalog import FILE
from offing.warehouse.editions import warehouse_in_edition
from offing.warehouse.exchange_rates import day_rates, fx_of
from offing.warehouse.kept import code_digest, content_digest, keep_result
from offing.warehouse.tariffs import groups_on
from offing.warehouse.trade import kilometres, warehouse_of_codes

T = TypeVar("T")


def laws_of(path: Path, study: Study) -> Rules:
    """The rules of a study; ``rules`` in its file are paths relative to it.

    Raises:
        InputError, RuleError: see :func:`offing.policy.overlay.laws_with`.
    """
    return laws_with(own_rules(path, study))


def study_matters(study: Study, laws: Rules) -> list[Matter]:
    """A study's goods in each of its markets that the rulebook has, and their export refund."""
    named, origin = study.markets.consider, study.firm.origin
    markets = laws.rulebook.destinations() if named == "all" else named
    importers = {m: importer_of(laws.rulebook, m) for m in (*markets, REFUNDING)}
    goods = dict.fromkeys(
        (
            market,
            model.national_codes.get(importer) or model.national_codes.get(EVERY) or model.code,
        )
        for market, importer in importers.items()
        for model in study.model
        if market not in study.markets.leave_out and (market != origin or origin == REFUNDING)
    )
    return [Matter(market, study.on, code, origin) for market, code in goods]


def rule_files(path: Path, study: Study) -> list[Path]:
    """The study's rule files, those of its packs one by one."""
    return files_of(own_rules(path, study))


def own_rules(path: Path, study: Study) -> list[Path]:
    """The study's files and packs."""
    folder = path if path.is_dir() else path.parent
    return [folder / file for file in study.rules]


def add_rules(study: Study, files: Iterable[Path] | None) -> Study:
    """The study with more files, which the command line names relative to the current folder."""
    rules = [*study.rules, *(file.absolute() for file in files or ())]
    return study.model_copy(update={"rules": rules})


@dataclass(frozen=True)
class StudyInputs:
    """A study with the data, the rules and the firm's own sales that it runs on.

    Attributes:
        file: the study's; the ledger's path is relative to it.
        study: what it says.
        warehouse: the data.
        laws: the rules.
        rates: of the study's day, as the ECB has them; :attr:`fx` has the reform's.
        history: every day's reference rates, and no levels of a monthly collection.
        km: market → distance from the origin.
        groups: market → groups that it is in on the study's day.
        ledger: its good lines; ``None`` for a study without one.
        shocks: that its ``[stress]`` names.
        supposed: whether other rules are laid over those of the day.
        digest: of all that it rests on beside what :attr:`study` says; ``None`` where nothing that
            is made of it may be kept.
        about_trade: what to say of trade in another edition, or of a heading alone.
    """

    file: Path
    study: Study
    warehouse: Warehouse
    laws: Rules
    rates: FxTable
    history: pl.DataFrame
    km: Mapping[str, float]
    groups: Mapping[str, tuple[str, ...]]
    ledger: LedgerRead | None
    shocks: tuple[Shock, ...] = ()
    supposed: bool = False
    about_trade: tuple[Caution, ...] = ()
    digest: str | None = None

    def keep(self, made_of: tuple[object, ...], make: Callable[[], T], *values: object) -> T:
        """What is made of the study, from its file where it was made before.

        It rests on ``made_of`` too, whose ``repr`` tells all, and on ``values``, whose does not.
        """
        if self.digest is None:
            return make()
        return keep_result((self.digest, self._study, *made_of, content_digest(*values)), make)

    @cached_property
    def _study(self) -> str:
        return self.study.model_dump_json()

    @cached_property
    def price_free(self) -> "StudyInputs":
        """The same, where no model has a price: what is made of one rests on no other's."""
        none = {"price_usd": Decimal("NaN"), "market_prices_usd": {}}
        models = [model.model_copy(update=none) for model in self.study.model]
        return replace(self, study=Study.model_construct(**{**dict(self.study), "model": models}))

    @cached_property
    def fx(self) -> FxTable:
        """The day's rates under the rules."""
        return self.laws.fx(self.rates)

    @cached_property
    def costing(self) -> Costing:
        """What shipments are costed with, under its rules."""
        return Costing(self.laws.rulebook, self.warehouse, self.fx)

    @cached_property
    def sales(self) -> pl.DataFrame:
        """The firm's own, in the ``Sales`` columns."""
        return self.ledger.sales if self.ledger else TABLES["sales"].schema.create_empty()

    @cached_property
    def day_rates(self) -> pl.DataFrame:
        """Rates that the ledger's lines are brought to dollars with, levels among them.

        A rate of the study's own counts for the lines that have no other.
        """
        oldest, own = self.study.rates_age, self.study.rates.per_usd
        used = rates_beside(self.sales, day_rates(self.warehouse), oldest)
        if not own:
            return used
        lines = rated_sales(self.sales, used, {}, oldest).filter(pl.col("usd").is_null())
        stated = pl.DataFrame({"currency": [*own], "per_usd": [float(r) for r in own.values()]})
        days = lines.select("currency", "on").unique()
        return pl.concat([used, days.join(stated, on="currency")], how="diagonal")

    @cached_property
    def keyed_sales(self) -> pl.DataFrame:
        """The firm's own with ``key``, the model that they belong to."""
        return lines_by_model(self.sales, self.study.model)

    @cached_property
    def named_models(self) -> frozenset[str]:
        """Keys of the models that the ledger names."""
        return named_in(self.sales, self.study.model)

    @cached_property
    def model_sales(self) -> pl.DataFrame:
        """Sales of models up to the study's day with ``usd``, null where there is no rate.

        A credit without a quantity lowers what is earned; a charge without one (a mould, samples)
        is no sale of the model, and a price of a set says nothing of a price of a kilogram.
        """
        units = {model.key: model.unit for model in self.study.model}
        own_unit = pl.col("key").replace_strict(units, default=None, return_dtype=pl.String)
        lines = self.keyed_sales.filter(
            (pl.col("unit") == own_unit)
            & (pl.col("on") <= self.study.on)
            & ((pl.col("quantity") != 0) | (pl.col("amount") < 0))
        )
        return rated_sales(lines, self.day_rates, {}, self.study.rates_age)

    def ledger_in_usd(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Lines of the ledger with ``usd``.

        Raises:
            MissingDataError: ``study.ledger_no_rate`` where a currency has no rate at all.
        """
        lines = rated_sales(lines, self.day_rates, {}, self.study.rates_age)
        self.must_be_rated(lines)
        return lines

    def must_be_rated(self, lines: pl.DataFrame) -> None:
        """Refuse lines of the ledger whose ``usd`` is null.

        Raises:
            MissingDataError: ``study.ledger_no_rate``.
        """
        try:
            must_be_rated(lines)
        except MissingDataError as error:
            own = self.study.ledger
            file = None if own is None else self.file.parent / own.file
            row = error.where.row if error.where else None
            raise MissingDataError(
                "study.ledger_no_rate", where=Where(file, row), **error.values
            ) from error

    @property
    def reform(self) -> Reform | None:
        """The reform that the study brings itself, in its ``[reform]``."""
        own = self.study.reform
        return None if own is None else reform_of(own, own, Where(self.file))

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The user's files beside the study that were read."""
        return _files(self.file, self.study)

    def under(self, laws: Rules) -> "StudyInputs":
        """The same under other rules."""
        return replace(self, laws=laws, supposed=True, digest=None)


def read_inputs(file: Path, warehouse: Warehouse, rules: Iterable[Path] = ()) -> StudyInputs:
    """Read a study and what it rests on, under today's rules and its own files.

    Args:
        file: the study, or the folder with its ``study.toml``.
        warehouse: the data.
        rules: more rule files and packs than the study names.

    Raises:
        InputError: see :func:`~offing.study.file.read_study` and
            :func:`~offing.study.ledger.read_ledger`.
    """
    file = file / "study.toml" if file.is_dir() else file
    return gather_inputs(add_rules(read_study(file), rules), file, warehouse)


def gather_inputs(study: Study, file: Path, warehouse: Warehouse) -> StudyInputs:
    """What a study rests on: its rules, rates and ledger, and the data."""
    own = study.ledger
    digest = _digest(study, file, warehouse)
    codes, named = [facts.code for facts in study.model], study.markets.dataset
    if study.markets.edition is None:
        warehouse, notes = warehouse_of_codes(warehouse, codes, named)
    else:
        warehouse, joined, notes = warehouse_in_edition(
            warehouse, study.markets.edition, codes, named
        )
        markets = study.markets.model_copy(update={"dataset": joined})
        study = study.model_copy(update={"markets": markets})
    rates, laws, shocks = must_run(study, file, warehouse)
    return StudyInputs(
        file=file,
        study=study,
        warehouse=warehouse,
        laws=laws,
        rates=rates,
        history=warehouse.table("fx_rates"),
        km=kilometres(warehouse, study.firm.origin),
        groups=_groups(warehouse, study.on),
        ledger=None if own is None else _ledger(file.parent / own.file, own, study, digest),
        shocks=shocks,
        about_trade=notes,
        digest=digest,
    )


def must_run(
    study: Study, file: Path, warehouse: Warehouse
) -> tuple[FxTable, Rules, tuple[Shock, ...]]:
    """Rates, rules and shocks of a study, where its own figures let it run.

    Raises:
        InputError: ``study.cost_above_price``, ``study.model_without_rate``, or of a shock.
        MissingDataError: where there are no rates of its day.
    """
    rates = fx_of(warehouse, study.on, study.rates.per_usd, study.rates_age)
    _must_earn(study, rates, file)
    laws = laws_of(file, study)
    must_have_rates(study.model, study.on, laws.refund_rates, file)
    return rates, laws, _shocks(file, study)


def _files(file: Path, study: Study) -> tuple[Path, ...]:
    """The user's files beside the study that are read."""
    ledger, stress = study.ledger, study.stress
    own = () if ledger is None else (file.parent / ledger.file,)
    named = [] if stress is None else [n for n in stress.shocks if n.endswith(".toml")]
    return (*rule_files(file, study), *own, *(file.parent / name for name in named))


def _digest(study: Study, file: Path, warehouse: Warehouse) -> str | None:
    """Of the files, data, code, libraries and the language; ``None`` in a library in another's
    program, with another package's plug-ins and with a table on another engine.
    """
    if not is_allowed() or active_plugins() or warehouse.elsewhere is not None:
        return None
    files = [one for one in (*_files(file, study), warehouse.folder / FILE) if one.is_file()]
    read = [(str(one), hashlib.sha256(one.read_bytes()).hexdigest()) for one in files]
    loads = warehouse.catalog.loads  # frames in place of files have no catalogue on the disk
    return repr((str(file), read, loads, language(), date.today(), code_digest()))  # noqa: DTZ011


def _ledger(path: Path, own: LedgerFile, study: Study, digest: str | None) -> LedgerRead:
    options = own.model_dump(include={"columns", "sheet", "currency", "dates", "period"})
    options["codes"] = codes_of(study.model)

    def read() -> LedgerRead:
        with stretch(0.0, 0.1):
            return read_ledger(path, **options)

    return keep_result(("ledger", digest, options), read) if digest else read()


def _shocks(file: Path, study: Study) -> tuple[Shock, ...]:
    """The shocks of ``[stress]``, named and checked before any work.

    Raises:
        InputError: ``policy.unknown_shock``, ``policy.shock_in_past``, or a shock file that cannot
            be read.
    """
    if study.stress is None:
        return ()
    where = Where(file, key="[stress], shocks")
    shocks = named_shocks(study.stress.shocks, file.parent, where)
    for shock in shocks:
        shock.check(study.on)
    return shocks


def _must_earn(study: Study, rates: FxTable, file: Path) -> None:
    """Refuse a model whose cost is above every price of it: a slip of the currency or the unit.

    Raises:
        InputError: ``study.cost_above_price``.
    """
    for number, model in enumerate(study.model):
        best = max([model.price_usd, *model.market_prices_usd.values()])
        in_cny = rates.convert(best, "USD", "CNY")
        if model.cost_cny >= in_cny:
            raise InputError(
                "study.cost_above_price",
                where=Where(file, key=place_text(("model", number, "cost_cny"))),
                model=model.key,
                cost=f"{model.cost_cny:,.2f}",
                price=f"{best:,.2f}",
                cny=f"{in_cny:,.2f}",
            )


def _groups(warehouse: Warehouse, on: date) -> dict[str, tuple[str, ...]]:
    by_country = groups_on(warehouse, on).group_by("country").agg(pl.col("group").unique().sort())
    return {country: tuple(names) for country, names in by_country.iter_rows()}
