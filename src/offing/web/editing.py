"""A study file as plain forms: what may be typed, what stands there, and what was changed.

A form names a value by its place in the file, and only places listed here are ever written. The
study's own checker judges the file as changed; its refusal is shown at the field.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any, Literal, TypeGuard

from offing.api.asking import opened
from offing.report.words import caution_text
from offing.study.checks import FIELD, plausibility_findings
from offing.study.choices import PARTS, sum_of
from offing.study.edit import Change, edited, upgrade_text
from offing.study.file import Steps, place_text
from offing.study.schema import Limits, MarketSums
from offing.study.template import key_of
from offing.terms.amounts import amount, clear_amount
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.hs import product_code
from offing.terms.messages import LANGUAGES, enumerated, language, say
from offing.terms.toml import parse_toml
from offing.warehouse.exchange_rates import fx_of
from offing.web.asking import Field
from offing.web.page import Visit
from offing.web.studies import StudyPlace

OF_MARKET = re.compile(
    r"(?P<market>.*[^\W\d为])[\s:：=为]*+(?P<figure>\d[\d.]*+)\s*+(?P<percent>[%％]?)"
)
"""A market and its figure."""
DOLLARS = re.compile(r"US\$|\$|USD|美元|美金", re.IGNORECASE)


def _duties(text: str) -> dict[str, Decimal]:
    """Market → duty as a share; a figure above 1 must say that it is per cent.

    Raises:
        InputError: ``web.bad_duty``, ``web.market_twice``, or a country that is none.
    """

    def rate(figure: str, *, percent: bool) -> Decimal | None:
        value = amount(figure)
        if percent:
            return value.scaleb(-2).normalize()
        return value.normalize() if value <= 1 else None

    return _by_market(text, rate, "web.bad_duty")


def _prices(text: str) -> dict[str, Decimal]:
    """Market → price in USD.

    Raises:
        InputError: ``web.bad_market_price``, ``web.market_twice``, a figure that can be read in two
            ways, or a country that is none.
    """

    def price(figure: str, *, percent: bool) -> Decimal | None:
        value = clear_amount(figure)
        return value if value > 0 and not percent else None

    return _by_market(DOLLARS.sub(" ", text), price, "web.bad_market_price")


def _by_market(
    text: str, figure: Callable[..., Decimal | None], refusal: str
) -> dict[str, Decimal]:
    figures: dict[str, Decimal] = {}
    for entry in filter(None, map(str.strip, re.split(r"[,，、;；\n]", text))):
        match = OF_MARKET.fullmatch(entry)
        value = match and figure(match["figure"], percent=bool(match["percent"]))
        if match is None or value is None:
            raise InputError(refusal, text=entry[:60])
        market = country_code(match["market"].strip())
        if market in figures:
            raise InputError("web.market_twice", market=country_name(market))
        figures[market] = value
    return figures


def _duties_shown(figures: Mapping[str, Any]) -> str:
    """Duties as a person would type them."""
    return enumerated(
        say("web.duty_of", market=market, rate=f"{Decimal(rate).scaleb(2).normalize():f}")
        for market, rate in _market_names(figures)
    )


def _prices_shown(figures: Mapping[str, Any]) -> str:
    """Prices as a person would type them."""
    return enumerated(
        say("web.market_price_of", market=market, price=f"{Decimal(price):f}")
        for market, price in _market_names(figures)
    )


def _market_names(figures: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for market, figure in figures.items():
        try:
            yield country_name(country_code(market)), figure
        except OffingError:
            yield market, figure


Kind = Literal["text", "number", "share", "refund", "words", "countries", "date", "code", "duties",
    "prices",
]  # fmt: skip
FIGURES = ("price_usd", "cost_cny", "input_vat_cny", "kg", "m3")
"""Of a model; all must be given."""
MODEL: Mapping[str, Kind] = {
    "name": "text", "code": "code", **dict.fromkeys(FIGURES, "number"), "refund_rate": "refund",
    "market_prices_usd": "prices", "hours": "number", "minimum_lot": "number", "ledger": "words",
}  # fmt: skip
HIGHEST_REFUND = 17
"""Per cent: no export refund was ever higher."""
NEW = ("name", "code", *FIGURES, "refund_rate")
LIMITS: Mapping[str, Kind] = {
    "largest_market_share": "share", "least_margin_rate": "share", "likelier_than": "share",
    "entry_share": "share",
    "worst_twentieth_cny": "number", "entry_budget_cny": "number", "working_capital_cny": "number",
}  # fmt: skip
MARKETS: Mapping[str, Kind] = dict.fromkeys(("consider", "leave_out", "must_keep"), "countries")
PRESENCE: Mapping[str, Kind] = dict.fromkeys(PARTS, "number")
SHIPPING: Mapping[str, Kind] = dict.fromkeys(
    ("shipment_units", "inland_usd_per_m3", "export_clearance_usd", "freight_usd_per_m3_fixed",
     "freight_usd_per_m3_1000km"),
    "number",
)  # fmt: skip


TABLES: Mapping[str, Mapping[str, Kind]] = {
    "markets": MARKETS, "entering": PRESENCE, "keeping": PRESENCE, "limits": LIMITS,
    "shipping": SHIPPING,
}  # fmt: skip


@dataclass(frozen=True)
class Editable:
    """A value of the file that may be changed: its place, how it is typed, what stands there.

    Attributes:
        usual: what counts where nothing is said.
        needed: whether it must be filled in.
        called: the form's field, where it is not called by the place.
        options: to choose from: value and text.
    """

    place: Steps
    label: str
    kind: Kind
    value: Any = None
    usual: Any = None
    needed: bool = False
    called: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Of the form's field."""
        return self.called or ".".join(map(str, self.place))

    def field(self, visit: Visit) -> Field:
        """As a line of a form, with what was typed or what stands in the file."""
        typed = visit.form.get(self.name)
        value = typed if isinstance(typed, str) else shown(self.value, self.kind)
        plain = self.kind if self.kind in ("number", "date") else "text"
        kind: Any = "select" if self.options else plain
        usual = shown(self.usual, self.kind)
        return Field(self.name, self.label, kind, value, self.needed, self.options, usual=usual)

    def typed(self, visit: Visit) -> Any:
        """What was typed, as the file has it; ``None`` where nothing was.

        Raises:
            InputError: ``web.unanswered``, or it cannot be read; the place is said.
        """
        text = visit.value(self.name)
        try:
            if self.needed and not text:
                raise InputError("web.unanswered", question=self.label)
            if self.needed and self.kind == "number":
                return figure(text, self.label)
            return read(text, self.kind)
        except OffingError as error:
            error.where = Where(key=place_text(self.place))
            raise

    def change(self, visit: Visit) -> Change | None:
        """What was typed, where it is not what stands there.

        Raises:
            InputError: as :meth:`typed`.
        """
        if visit.value(self.name) == shown(self.value, self.kind):
            return None
        return Change(self.place, self.typed(visit))


@dataclass(frozen=True)
class EditablePart:
    """Values that stand together under a heading; ``model`` is the place of a model that it is."""

    name: str
    heading: str
    about: str
    values: tuple[Editable, ...]
    model: int | None = None


def shown(value: Any, kind: Kind) -> str:
    """A value of the file as a person would type it."""
    match kind, value:
        case (_, None) | ("countries", str()):  # all of them
            return ""
        case _, str():
            return value
        case "countries", _:
            return enumerated(map(_country, value))
        case "duties", _:
            return _duties_shown(value)
        case "prices", _:
            return _prices_shown(value)
        case "words", _:
            return enumerated(value)
        case (("share" | "refund"), _):
            return f"{Decimal(value).scaleb(2).normalize():f}%"
        case "number", Decimal():
            return f"{value:,f}"
        case "number", int() | float():
            return f"{value:,}"
    return str(value)


def read(text: str, kind: Kind) -> Any:
    """What was typed as the file has it; ``None`` where nothing was.

    Raises:
        InputError: no number, or one that can be read in two ways.
    """
    match kind:
        case _ if not text:
            return None
        case "number":
            return clear_amount(text)
        case "refund":
            return refund_rate_of(text)
        case "duties":
            return _duties(text)
        case "prices":
            return _prices(text)
        case "code":
            return product_code(re.sub(r"^(\d+)\s.*", r"\1", text))
        case "share":
            bare = text.replace("％", "%").rstrip("% ")
            return amount(bare).scaleb(0 if bare == text.strip() else -2).normalize()
        case "words" | "countries":
            words = [word.strip() for word in re.split(r"[,，、;；\n]", text) if word.strip()]
            return words if kind == "words" else [_code(word) for word in words]
        case "date":
            try:
                return parse_toml(f"day = {text}")["day"]
            except tomllib.TOMLDecodeError:
                raise InputError("cli.bad_day", name=say("web.q_on"), value=text) from None
    return text


def figure(text: str, question: str) -> Decimal:
    """A figure that was typed for a question.

    Raises:
        InputError: ``web.bad_figure``.
    """
    try:
        return clear_amount(text)
    except InputError as error:
        raise InputError("web.bad_figure", text=text, question=question, why=error.found) from error


def refund_rate_of(text: str) -> Decimal | None:
    """The refund rate as a share: ``13``, ``13%`` and ``0.13`` are the same.

    No rate was ever below 1 % but none at all, so a smaller figure is a share already.

    Raises:
        InputError: ``web.bad_refund_rate``.
    """
    text = text.strip().replace("％", "%")
    if not text:
        return None
    try:
        percent = clear_amount(text.rstrip("% "))
    except InputError:
        percent = Decimal(HIGHEST_REFUND + 1)
    if not 0 <= percent <= HIGHEST_REFUND:
        raise InputError("web.bad_refund_rate", text=text[:40], most=HIGHEST_REFUND)
    return percent if percent < 1 and "%" not in text else percent.scaleb(-2).normalize()


def _country(name: object) -> str:
    try:
        return country_name(country_code(str(name)))
    except OffingError:
        return str(name)


def _code(name: str) -> str:
    """The code of a country; another word as it is, for the checker to refuse."""
    try:
        return country_code(name)
    except OffingError:
        return name


def text_of(place: StudyPlace) -> str:
    """The study file in the newest schema: of an older one the forms would know nothing."""
    return upgrade_text(place.file.read_text("utf-8"), place.file)


def data_of(text: str) -> dict[str, Any]:
    """The file as plain data."""
    return parse_toml(text, parse_float=Decimal)


def parts_of(data: Mapping[str, Any]) -> Iterator[EditablePart]:
    """All that may be changed of a study, in the order of the page."""
    for number, model in enumerate(data["model"]):
        values = tuple(
            Editable(*_named(("model", number), name, model), kind, _value(model, name))
            for name, kind in MODEL.items()
            if name != "ledger" or "ledger" in data
        )
        heading = "  ".join(dict.fromkeys((model["key"], str(_value(model, "name")))))
        yield EditablePart(f"model-{number}", heading, say("web.edit_model_about"), values, number)
    lines = tuple(
        Editable(
            ("plant", p, "line", n, "hours"),
            say("web.edit_line", plant=title_of(plant), line=title_of(line)),
            "number",
            line.get("hours"),
        )
        for p, plant in enumerate(data["plant"])
        for n, line in enumerate(plant["line"])
    )
    costs = tuple(_costs_of_plants(data))
    yield EditablePart(
        "plants", say("web.edit_plants"), say("web.edit_plants_about"), lines + costs
    )
    for table, names in TABLES.items():
        inside = data.get(table, {})
        values = tuple(
            Editable(*_named((table,), name, inside), kind, inside.get(name), _usual(table, name))
            for name, kind in names.items()
        )
        yield EditablePart(table, say(f"web.edit_{table}"), say(f"web.edit_{table}_about"), values)
        if table == "markets":
            duty = Editable(("duty",), say("web.edit_duty_markets"), "duties", data.get("duty"))
            yield EditablePart("duty", say("web.edit_duty"), say("web.edit_duty_about"), (duty,))
    day = Editable(("on",), say("web.q_on"), "date", data.get("on"))
    yield EditablePart("day", say("web.edit_day"), say("web.edit_day_about"), (day,))


def _costs_of_plants(data: Mapping[str, Any]) -> Iterator[Editable]:
    """What one of a model costs at each plant that makes it beside that of its line."""
    names = {model["key"]: title_of(model) for model in data["model"]}
    for p, plant in enumerate(data["plant"]):
        for n, makes in enumerate(plant.get("makes", ())):
            model = names.get(makes["model"], makes["model"])
            label = say("web.edit_made", plant=title_of(plant), model=model)
            place = ("plant", p, "makes", n, "cost_cny")
            yield Editable(place, label, "number", makes.get("cost_cny"))


def _usual(table: str, name: str) -> Any:
    """What counts where the file does not say it, as far as it is a figure."""
    if table in ("entering", "keeping"):
        return sum_of(table, MarketSums(), "").parts[name]
    return Limits.model_fields[name].default if table == "limits" else None


def _named(table: Steps, name: str, inside: Mapping[str, Any]) -> tuple[Steps, str]:
    """The place of a value, and its label; of a name that is two, the one of this language."""
    two = _in_two(inside.get(name))
    place = (*table, name, language()) if two else (*table, name)
    bare = table[0] in ("model", "shipping", "entering", "keeping")
    key = name if bare else f"{table[0]}_{name}"
    return place, say(f"web.{'q' if name in ASKED else 'edit'}_{key}")


ASKED = {"code", *FIGURES, "refund_rate", *SHIPPING}
"""What the questions of the first page ask for too, in the same words."""


def _value(table: Mapping[str, Any], name: str) -> Any:
    value = table.get(name)
    return value.get(language()) if _in_two(value) else value


def _in_two(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a name in both languages."""
    return isinstance(value, dict) and bool(value) and set(value) <= set(LANGUAGES)


def title_of(table: Mapping[str, Any]) -> str:
    """The name of a model, a plant or a line, else its key."""
    return str(_value(table, "name") or table["key"])


def save(visit: Visit, changes: Sequence[Change]) -> None:
    """Write changes into the open study, if its checker takes them.

    Raises:
        InputError: with the place of what is refused; then nothing was written.
    """
    if not visit.study.kept:
        raise InputError("web.not_kept")
    try:
        visit.workbench.studies.rewrite(visit.study, edited(text_of(visit.study), changes))
    except InputError as error:
        if error.values.get("step") == say("study.bad_value_step"):
            error.values = {**error.values, "step": say("web.edit_next")}
        raise
    visit.note("edit", ", ".join(place_text(change.place) for change in changes)[:200])


def changes_of(visit: Visit, data: Mapping[str, Any]) -> list[Change]:
    """What was typed anew in the form that was sent.

    Raises:
        InputError: as :meth:`Editable.typed`.
    """
    listed = [value for part in parts_of(data) for value in part.values]
    sent = [value for value in listed if value.name in visit.form]
    changes = [change for value in sent if (change := value.change(visit)) is not None]
    return [_all_markets(change) for change in changes]


def _all_markets(change: Change) -> Change:
    """Nothing typed for the markets to look at means all."""
    every = change.place == ("markets", "consider") and change.value is None
    return Change(change.place, "all") if every else change


def values_of_new(data: Mapping[str, Any], **presets: str) -> list[Editable]:
    """What a new model must say: the line only where there are several."""
    place = ("model", len(data["model"]))
    values = [
        Editable(
            (*place, name), say("web.edit_name" if name == "name" else f"web.q_{name}"),
            MODEL[name], presets.get(name, ""), needed=True, called=f"new.{name}",
        )
        for name in NEW
    ]  # fmt: skip
    if len(lines := _lines(data)) > 1:
        first, label = next(iter(lines)), say("web.edit_line_of")
        line = Editable((*place, "line"), label, "text", first, None, True, "new.line")
        values.append(replace(line, options=tuple(lines.items())))
    return values


def new_model(visit: Visit, data: Mapping[str, Any], ledger: str | None = None) -> list[Change]:
    """A model that is added, from the fields ``new.<name>``.

    Args:
        visit: the request.
        data: the study as it is.
        ledger: what the ledger calls it, if it came from there.

    Raises:
        InputError: ``web.unanswered``, or a figure that cannot be read.
    """
    values = {value.place[-1]: value.typed(visit) for value in values_of_new(data)}
    key = free_key(ledger or values["name"], {model["key"] for model in data["model"]})
    own = {} if ledger is None else {"ledger": [ledger]}
    place = ("model", len(data["model"]))
    return [Change((*place, k), v) for k, v in ({"key": key} | values | own).items()]


def free_key(name: str, used: Collection[str]) -> str:
    """A key from a name that no other has."""
    base = key_of(name)
    return next(k for n in count(1) if (k := base if n == 1 else f"{base[:36]}-{n}") not in used)


def _lines(data: Mapping[str, Any]) -> dict[str, str]:
    """The lines of all plants: key and name."""
    lines = [line for plant in data["plant"] for line in plant["line"]]
    return {line["key"]: title_of(line) for line in lines}


def doubts_of(visit: Visit) -> dict[str, list[str]]:
    """Name of a field → what a careful person would ask of the figure that stands there.

    What is about no field of the forms stands under the empty name.
    """
    told: dict[str, list[str]] = {}
    try:
        study = visit.study.read()
        rates = fx_of(opened(visit.workbench.settings.warehouse), study.on, oldest=study.rates_age)
        doubts = list(plausibility_findings(study, rates.rate("CNY", "USD")[0]))
    except OffingError:
        return told  # the study's own refusal is told where it is run
    keys = [model.key for model in study.model]
    for doubt in doubts:
        key, values = doubt.key, doubt.values
        name = FIELD.get(key) or values.get("name", "")
        field = f"model.{keys.index(doubt['model'])}.{name}" if "model" in values else ""
        told.setdefault(field, []).append(caution_text(doubt))
    return told


def field_of(error: OffingError, values: Sequence[Editable]) -> str | None:
    """The name of the field that an error is about, if it is one of these."""
    key = None if error.where is None else error.where.key
    if key is None:
        return None
    for value in values:
        path = place_text(value.place[:-1] if value.place[-1] in LANGUAGES else value.place)
        if key.startswith(path) and key[len(path) :][:1] in ("", ",", "，"):
            return value.name
    return None
