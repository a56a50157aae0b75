"""Shocks as data: dated or made-up changes that a study can be put under, alone or together.

A shock file has ``[shock]`` (name, since, until, source, status) and any of ``[[imports]]`` (what
markets buy), ``[[duty]]`` (on top of what holds), ``[[refund]]`` (points of the export refund),
``[[exchange]]``, ``[[interest]]``, ``[[freight]]``, ``[[closed]]`` (weeks without shipping) and
``[[floor]]`` (a minimum price). The files of ``policy/shocks`` come with the package; other
packages add theirs by the entry point ``offing.shocks``. Every size can be scaled, which is how the
smallest shock that undoes a plan is looked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from offing.rules.regime_file import FileTable, read_checked
from offing.terms.caution import Caution, Value
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, Where
from offing.terms.messages import LANGUAGES, join_list, language, suggest
from offing.terms.money import currency_code, exact
from offing.terms.plugins import plugins, use_guarded

ENTRY: Literal["offing.shocks"] = "offing.shocks"
LARGEST_BARE = 2
"""A share without the sign of per cent."""
Status = Literal["official_text", "secondary", "recalled", "hypothetical", "user"]


def _share(raw: object) -> float:
    """``"-22.6%"`` or ``-0.226``; a bare number beyond ±2 was meant in per cent."""
    text = str(raw).strip().lstrip("+")
    try:
        if text.endswith("%"):
            return float(exact(text[:-1]) / 100)
        bare = exact(text)
        if abs(bare) > LARGEST_BARE:
            raise InputError("policy.bare_number", text=text)
        return float(bare)
    except InputError as error:
        raise ValueError(str(error)) from error


Change = Annotated[float, BeforeValidator(_share), Field(ge=-1, le=20)]
Country = Annotated[str, AfterValidator(lambda text: country_code(text))]
Countries = list[Country]
Currency = Annotated[str, AfterValidator(lambda text: currency_code(text))]


class AboutKeys(FileTable):
    """``[shock]``. ``repeat``: a shock of the past is laid on again; else one that is over by the
    study's day is refused, for the data have it.
    """

    name: Annotated[str, Field(min_length=1)]
    name_zh: str | None = None
    since: date | None = None
    until: date | None = None
    source: Annotated[str, Field(min_length=1)]
    source_zh: str | None = None
    status: Status = "user"
    repeat: bool = False


class ImportsKeys(FileTable):
    """``[[imports]]``: what markets buy of the product; by ``years`` of the data where it can."""

    change: Change
    years: tuple[int, int] | None = None
    markets: Countries = []
    products: list[str] = []


class DutyKeys(FileTable):
    """``[[duty]]``: an ad valorem duty on top of what holds, of all origins or all but some."""

    importer: Annotated[str, AfterValidator(lambda text: country_code(text, trading=False))]
    origins: Countries = []
    not_origins: Countries = []
    rate: Annotated[float, BeforeValidator(_share), Field(gt=0, le=10)]


class RefundKeys(FileTable):
    """``[[refund]]``: points of the export refund, such as ``"-4%"`` for a cut from 13 to 9 %, of
    the codes that begin so; of all goods where none is named.
    """

    products: list[str] = []
    points: Annotated[float, BeforeValidator(_share), Field(ge=-0.17, le=0.17)]


class CurrencyKeys(FileTable):
    """``[[exchange]]``: a currency against all others."""

    currency: Currency
    change: Annotated[float, BeforeValidator(_share), Field(gt=-0.9, le=9)]


class InterestKeys(FileTable):
    """``[[interest]]``: points of a currency's yearly interest, such as ``"5.25%"``."""

    currency: Currency
    points: Annotated[float, BeforeValidator(_share), Field(ge=-0.5, le=0.5)]


class FreightKeys(FileTable):
    """``[[freight]]``: the main carriage, to all markets where none is named."""

    change: Change
    markets: Countries = []


class ClosedKeys(FileTable):
    """``[[closed]]``: weeks in which nothing is shipped, of 52."""

    weeks: Annotated[float, Field(gt=0, le=52)]


class FloorKeys(FileTable):
    """``[[floor]]``: a minimum price, so far above ours; all markets where none is named."""

    above: Annotated[float, BeforeValidator(_share), Field(gt=0, le=20)]
    markets: Countries = []


class ShockFile(FileTable):
    """A whole shock file."""

    shock: AboutKeys
    imports: list[ImportsKeys] = []
    duty: list[DutyKeys] = []
    refund: list[RefundKeys] = []
    exchange: list[CurrencyKeys] = []
    interest: list[InterestKeys] = []
    freight: list[FreightKeys] = []
    closed: list[ClosedKeys] = []
    floor: list[FloorKeys] = []


@dataclass(frozen=True)
class Shock:
    """A shock by name, with the size at which it is laid on; 1 is as its file says."""

    key: str
    file: ShockFile
    where: Where | None = None
    size: float = 1.0

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        about = self.file.shock
        return about.name_zh if language() == "zh" and about.name_zh else about.name

    def scale_to(self, size: float) -> "Shock":
        """The same at another size: see :meth:`factor`; rates and points in proportion."""
        return replace(self, size=size)

    def factor(self, change: float) -> float:
        """A factor at the shock's size: a rise in proportion, a fall as often as that.

        Twice + 220 % is + 440 %, twice − 20 % is − 36 %: nothing falls below nought.
        """
        if change > 0:
            return 1 + change * self.size
        return float(max(1 + change, 0.0) ** self.size)

    def what(self) -> tuple[Caution, ...]:
        """What it says at its size: message keys and values."""
        file, size, said = self.file, self.size, self._caution
        return (
            *(said("imports", _by(self.factor(line.change))) for line in file.imports),
            *self._duties(),
            *(said("refund", _points(line.points * size)) for line in file.refund),
            *(
                said("exchange", _by(self.factor(line.change)), currency=line.currency)
                for line in file.exchange
            ),
            *(
                said("interest", _points(line.points * size), currency=line.currency)
                for line in file.interest
            ),
            *(said("freight", _by(self.factor(line.change))) for line in file.freight),
            *(said("closed", f"{line.weeks * size:.1f}") for line in file.closed),
            *(said("floor", _by(self.factor(line.above))) for line in file.floor),
        )

    @staticmethod
    def _caution(key: str, value: str, **more: Value) -> Caution:
        return Caution(f"policy.what_{key}", {"value": value, **more})

    def _duties(self) -> list[Caution]:
        """By importer, the least and the most of its duties."""
        rates: dict[str, list[float]] = {}
        for duty in self.file.duty:
            rates.setdefault(duty.importer.upper(), []).append(100 * duty.rate * self.size)
        return [
            self._caution(
                "duties" if max(several) > min(several) else "duty",
                f"{max(several):.3g}%",
                low=f"{min(several):.3g}%",
                importer={lang: country_name(importer, lang) for lang in LANGUAGES},
            )
            for importer, several in rates.items()
        ]

    def check(self, on: date) -> None:
        """Refuse a shock that is over by the study's day, unless it is to be repeated.

        Raises:
            InputError: ``policy.shock_in_past``.
        """
        about = self.file.shock
        over = about.until or about.since
        if over is not None and over < on and not about.repeat:
            raise InputError(
                "policy.shock_in_past", where=self.where, key=self.key, until=over, on=on
            )


def read_shock(path: Path) -> Shock:
    """The shock in a TOML file, checked.

    Raises:
        InputError: a key or a value that cannot be, or nothing that changes
            (``policy.empty_shock``).
    """
    file = read_checked(path, ShockFile)
    if not any(getattr(file, name) for name in ShockFile.model_fields if name != "shock"):
        raise InputError("policy.empty_shock", where=Where(path))
    return Shock(path.stem, file, Where(path))


@cache
def shocks() -> dict[str, Shock]:
    """The shocks that come with the package, and those of plug-ins, by name.

    The package's own lie in the past and are there to be laid on again.
    """
    folder = Path(str(resources.files("offing.policy").joinpath("shocks")))
    own: dict[str, Shock] = {}
    for shock in map(read_shock, sorted(folder.glob("*.toml"))):
        about = shock.file.shock.model_copy(update={"repeat": True})
        own[shock.key] = replace(shock, file=shock.file.model_copy(update={"shock": about}))
    for name, entry in plugins(ENTRY).items():
        for shock in use_guarded(ENTRY, name, partial(_of, entry)) or ():
            own.setdefault(shock.key, shock)
    return own


def _of(entry: Any) -> list[Shock]:
    path = Path(entry)
    return [read_shock(f) for f in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]


def named_shocks(
    names: Iterable[str], folder: Path = Path(), where: Where | None = None
) -> tuple[Shock, ...]:
    """Shocks by name, or by the path of a file.

    Paths end in ``.toml`` and are relative to ``folder``.

    Raises:
        InputError: ``policy.unknown_shock``, with the nearest name where one is near.
    """
    chosen = []
    for name in dict.fromkeys(names):
        available = shocks()
        if name in available:
            chosen.append(available[name])
        elif name.endswith(".toml"):
            chosen.append(read_shock(folder / name))
        else:
            names_of = {"all": join_list(sorted(available)), "meant": suggest(name, available)}
            raise InputError("policy.unknown_shock", where=where, text=name, **names_of)
    return tuple(chosen)


def _by(factor: float) -> str:
    """A factor as a change: ``0.774`` is ``−22.6%``."""
    return f"{100 * (factor - 1):+.1f}%".replace("-", "−")


def _points(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "−")


def percent_text(value: float) -> str:
    """A share as a rate text of a rule: ``0.425`` is ``42.5%``."""
    return f"{Decimal(str(round(100 * value, 6))).normalize():f}%"
