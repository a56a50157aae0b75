"""Names of figures that a reform may set though none has one yet."""

from types import SimpleNamespace
from typing import Any

import pytest

from offing.settlement.defaults import _is_known

DEFAULTS: Any = SimpleNamespace(
    figures=[SimpleNamespace(id="settlement.odd")],
    ndf_markets=[SimpleNamespace(currency="TWD")],
    terms=[("open_account", ("wire",))],
)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("settlement.odd", True), ("settlement.interest.brl", True),
        ("settlement.interest.zzz", False), ("settlement.interest.brl.more", False),
        ("settlement.ndf.twd.spread", True), ("settlement.ndf.usd.spread", False),
        ("settlement.ndf.twd.nothing", False), ("settlement.ndf.twd", False),
        ("settlement.fees.wire.rate", True), ("settlement.fees.other.rate", False),
        ("settlement.fees.wire.nothing", False), ("settlement.fees.wire", False),
        ("settlement.other.twd.spread", False),
    ],
)  # fmt: skip
def test_names_that_something_looks_up(name: str, known: bool) -> None:
    assert _is_known(DEFAULTS, name) == known
