"""A first study file from a few answers: the same readable TOML that a person would write.

What was not asked has the study file's own default and is not written. Figures taken over from an
example are marked as illustrative beside the figure.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from offing.study.examples import examples
from offing.terms.messages import say

SHIPPING = (
    "shipment_units",
    "inland_usd_per_m3",
    "export_clearance_usd",
    "freight_usd_per_m3_fixed",
    "freight_usd_per_m3_1000km",
)
"""The firm's own figures of a shipment, in the order in which they are asked for."""


@dataclass(frozen=True)
class Beginning:
    """What a first study is written from; amounts as the study file has them.

    Attributes:
        title: of the study, by language.
        on: the day of its rules and rates.
        firm: the firm's name.
        city: where its goods leave from.
        vat_status: ``manufacturer``, ``trader`` or ``small_scale``.
        product: name of what it makes.
        code: its HS code.
        brand: ``own`` or ``oem``.
        price_usd: asked for a unit, FOB.
        cost_cny: of a unit, without value-added tax.
        input_vat_cny: that the materials of a unit carry.
        kg: of a packed unit.
        m3: of a packed unit.
        capacity: units that can be made in a year.
        refund_rate: of the export refund (出口退税率), a share; ``None`` leaves it to our lists.
        shipping: see :data:`SHIPPING`.
        taken_over: those of them that are an example's.
    """

    title: Mapping[str, str]
    on: date
    firm: str
    city: str
    vat_status: str
    product: str
    code: str
    brand: str
    price_usd: Decimal
    cost_cny: Decimal
    input_vat_cny: Decimal
    kg: Decimal
    m3: Decimal
    capacity: Decimal
    refund_rate: Decimal | None = None
    shipping: Mapping[str, Decimal] = field(default_factory=dict)
    taken_over: frozenset[str] = frozenset()


@cache
def usual_shipping() -> dict[str, Decimal]:
    """The figures of the first example's ``[shipping]``, which are illustrative."""
    file = examples()[0].folder / "study.toml"
    shipping = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)["shipping"]
    return {name: Decimal(shipping[name]) for name in SHIPPING}


def toml_of(beginning: Beginning) -> str:
    """The study file."""
    return "\n".join(_lines(beginning)) + "\n"


def _lines(said: Beginning) -> Iterator[str]:
    yield f"# {say('study.begun_comment')}"
    yield ""
    yield "schema = 2"
    yield f"on = {said.on.isoformat()} # {say('study.begun_on')}"
    named = ", ".join(f"{lang} = {toml_text(text)}" for lang, text in said.title.items())
    yield f"title = {{ {named} }}"
    yield ""
    yield "[firm]"
    yield f"name = {toml_text(said.firm)}"
    yield 'origin = "CHN"'
    yield f"city = {toml_text(said.city)}"
    yield f"vat_status = {toml_text(said.vat_status)}"
    yield ""
    yield "[[model]]"
    yield f"key = {toml_text(key_of(said.product))}"
    yield f"name = {toml_text(said.product)}"
    yield f"code = {toml_text(said.code)}"
    yield f"brand = {toml_text(said.brand)}"
    for name in ("price_usd", "cost_cny", "input_vat_cny", "kg", "m3"):
        yield f"{name} = {getattr(said, name)} # {say(f'study.begun_{name}')}"
    if said.refund_rate is not None:
        yield f"refund_rate = {said.refund_rate} # {say('study.begun_refund_rate')}"
    yield ""
    yield "[[plant]]"
    yield 'key = "home"'
    yield 'country = "CHN"'
    yield ""
    yield "[[plant.line]]"
    yield 'key = "main"'
    yield f"name = {toml_text(say('study.begun_line'))}"
    yield f"hours = {said.capacity} # {say('study.begun_capacity')}"
    yield ""
    yield "[shipping]"
    for name in SHIPPING:
        mark = f" # {say('study.begun_illustrative')}" if name in said.taken_over else ""
        yield f"{name} = {said.shipping[name]}{mark}"


def toml_text(value: Any) -> str:
    """A TOML string."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'


def key_of(name: str) -> str:
    """A model's key from its name.

    >>> key_of("55-inch QLED television")
    '55-inch-QLED-television'
    """
    return re.sub(r"[^\w.+-]+", "-", name).strip("-")[:40] or "model"
