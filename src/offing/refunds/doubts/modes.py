"""监管方式 (customs supervision modes): which are refunded, exempt, or another procedure's."""

import re
from functools import cache

from offing.terms.shipped import shipped_toml


@cache
def _listed() -> tuple[dict[str, str], dict[str, str]]:
    """Code → its list, and name → code."""
    tables: dict[str, dict[str, str]] = shipped_toml("offing.refunds.doubts", "modes.toml")
    of = {code: kind for kind, modes in tables.items() for code in modes}
    return of, {name: code for modes in tables.values() for code, name in modes.items()}


def kind_of(mode: str) -> str:
    """``refunded``, ``exempt``, ``other``; ``unknown`` where offing does not know the mode.

    A mode is a code of four digits, its name, or both; none is taken as 一般贸易.

    >>> kind_of("0110"), kind_of("来料加工"), kind_of("0615进料对口"), kind_of("2600")
    ('refunded', 'exempt', 'other', 'unknown')
    """
    of, codes = _listed()
    if not mode:
        return "refunded"
    code = re.match(r"\d{4}", mode)
    return of.get(code[0] if code else codes.get(mode.split("(")[0].split("（")[0], ""), "unknown")
