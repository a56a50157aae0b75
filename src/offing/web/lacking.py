"""What the trade data lack of a study: the study stays, and its plan waits for the data."""

from collections.abc import Iterable

from offing.api.asking import opened
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import enumerated, say
from offing.terms.products import product_label
from offing.warehouse import Warehouse
from offing.web.visit import Visit


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
    warehouse, needed = opened(visit.workbench.settings.warehouse), set(codes)
    if not (missing := sorted(code for code in needed if not _traded(warehouse, code))):
        return None
    key = key if len(missing) == len(needed) else "web.goods_lacking_some"
    sets = enumerated(warehouse.trade_sets()) or "—"
    loaded = say("web.loaded_starter") if warehouse.is_starter else sets
    return say(key, goods=enumerated(map(product_label, missing)), loaded=loaded)


def _traded(warehouse: Warehouse, code: str) -> bool:
    try:
        return bool(warehouse.trade_set(code))
    except MissingDataError:
        return False
