"""What may be chosen or typed in a form, and what the trade data lack of the open study."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from offing.api.asking import open_warehouse
from offing.sources.ledger_line import spelled_model
from offing.study.schema import ModelFacts
from offing.terms.countries import all_countries, country_name
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import join_list, language, say
from offing.terms.products import product_hints, product_label
from offing.warehouse.trade import traded_code
from offing.web.page import Visit

Choices = tuple[tuple[str, str], ...]
CURRENCIES = ("USD", "EUR", "CNY", "JPY", "GBP", "HKD", "KRW", "THB", "IDR", "MYR", "BRL", "RUB")


def countries() -> Choices:
    """Every country that trades: alpha-3 code and name."""
    codes = [code for code, country in all_countries().items() if country.kind == "country"]
    return tuple((code, country_name(code)) for code in codes)


def goods() -> Choices:
    """Codes that have a name, with the words that find them."""
    return tuple(product_hints().items())


def currencies() -> Choices:
    """Those most invoices are in; others may be typed."""
    return tuple((code, code) for code in CURRENCIES)


def models(visit: Visit) -> Choices:
    """The models of the open study: key and name; none where none is open or it cannot be read."""
    chinese = language() == "zh"
    return tuple((m.key, m.name.zh if chinese else m.name.en) for m in _models(visit))


def models_of(visit: Visit, code: str) -> tuple[tuple[str, str, str], ...]:
    """The open study's models of a code, or of one within it: key, name and unit."""
    names = dict(models(visit))
    return tuple(
        (model.key, names[model.key], model.unit)
        for model in _models(visit)
        if model.code.startswith(code) or code.startswith(model.code)
    )


def likeliest(visit: Visit, name: str, code: str) -> Choices:
    """The open study's models, first those that a ledger's name and code point to."""
    same = {key for key, _, _ in models_of(visit, code)} if code else set()

    def near(model: tuple[str, str]) -> tuple[bool, float]:
        spelled = (spelled_model(text) for text in model)
        ratios = (SequenceMatcher(None, spelled_model(name), text).ratio() for text in spelled)
        return model[0] in same, max(ratios)

    return tuple(sorted(models(visit), key=near, reverse=True))


def product_of(visit: Visit) -> str:
    """The code of the open study's first model, else nothing."""
    return next((model.code for model in _models(visit)), "")


def _models(visit: Visit) -> list[ModelFacts]:
    if visit.place is None:
        return []
    try:
        return visit.place.read().model
    except OffingError:
        return []


def lacking(visit: Visit) -> str | None:
    """Which goods of the open study the trade data lack, and which data are loaded.

    ``None`` where all goods are there, or the study cannot be read, which other pages say.
    """
    try:
        codes = {model.code for model in visit.study.read().model}
    except InputError:
        return None
    return lacking_of(visit, codes)


def lacking_of(visit: Visit, codes: Iterable[str], key: str = "web.goods_lacking") -> str | None:
    """The same of codes, in the words of a message; a plan goes on where some are there."""
    warehouse, needed = open_warehouse(visit.warehouse), set(codes)
    if not (missing := sorted(code for code in needed if traded_code(warehouse, code) is None)):
        return None
    key = key if len(missing) == len(needed) else "web.goods_lacking_some"
    sets = join_list(warehouse.trade_sets()) or "—"
    loaded = say("web.loaded_starter") if warehouse.is_starter else sets
    return say(key, goods=join_list(map(product_label, missing)), loaded=loaded)
