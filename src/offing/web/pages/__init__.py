"""The pages of the workbench: a file has a ``PAGE``, or ``PAGES``; a new one is found by itself."""

import pkgutil
from functools import cache
from importlib import import_module

from offing.web.page import Page


@cache
def pages() -> tuple[Page, ...]:
    """All pages in the order of the navigation."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = [import_module(f"{__name__}.{name}") for name in names]
    listed: list[Page] = [
        page for file in modules for page in getattr(file, "PAGES", None) or (file.PAGE,)
    ]
    return tuple(sorted(listed, key=lambda page: (page.order, page.name)))
