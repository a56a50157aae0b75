"""The pages of the workbench, one file each, with a ``PAGE``; a new file is found by itself."""

import pkgutil
from functools import cache
from importlib import import_module

from offing.web.page import Page


@cache
def pages() -> tuple[Page, ...]:
    """All pages in the order of the navigation."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    listed: list[Page] = [import_module(f"{__name__}.{name}").PAGE for name in names]
    return tuple(sorted(listed, key=lambda page: (page.order, page.name)))
