"""National tariff lines (本国税目) of a model in a market; the chosen one stands in the study."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from offing.api.asking import Answer, Asked, WarehouseIn, open_warehouse, question
from offing.api.quote import find_model, quote
from offing.rules.rulebook import Rulebook
from offing.rules.tariff import NationalLine, Tariffs, national, rank_lines, words_of
from offing.sources.text_file import newline_of, read_text
from offing.study.costs import EVERY, importer_of
from offing.study.edit import Change, apply_changes
from offing.study.file import Study, read_study
from offing.study.inputs import laws_of
from offing.terms.countries import country_code
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import join_list
from offing.terms.whole_file import write_text

GENERAL = "mfn"
"""The duty regime whose lines stand below a code where a list of goods parts them."""
NAMED = 6
"""Lines that a refusal names."""


@dataclass(frozen=True)
class LinesRequest:
    """Which national lines may a study's model have in a market, and what does each bring?

    Attributes:
        of: a model of the study, by its key; it may be left out where there is one.
        destination: the market.
        words: only lines whose words in the tariff have all of these.
        keep: the line that the study is to have; it is written into the file.
    """

    study: Annotated[Path, Asked("run.help_study", word=True)]
    destination: Annotated[str, Asked("landed.help_destination", word=True)]
    of: Annotated[str | None, Asked("landed.help_study_product", name="--product")] = None
    words: Annotated[str | None, Asked("rules.help_words")] = None
    keep: Annotated[str | None, Asked("rules.help_keep")] = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class LineQuote:
    """A national line, and what the study's shipment brings under it on the study's day.

    Attributes:
        code: of the importer's tariff.
        duty: as it is written.
        words: the tariff's own.
        landed: of one unit, in the quote's currency; ``None`` where it cannot be costed.
        margin_rate: what is left, a share of the price.
        missing: why it cannot.
        charges: what is due beside the duty: the waterfall's line, and its amount of one unit.
    """

    code: str
    duty: str
    words: str
    landed: Decimal | None = None
    margin_rate: Decimal | None = None
    missing: str = ""
    charges: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class LinesAnswer(Answer):
    """The lines of a model in a market.

    Attributes:
        file: the study.
        model: its key; ``at`` its place among the models.
        importer: whose tariff it is.
        lines: those that fit the model's name first; empty where all have one duty.
        chosen: the line that the study has; empty where it has none.
        currency: of what they bring.
    """

    told = "file model destination importer code chosen lines"
    file: Path
    model: str
    at: int
    destination: str
    importer: str
    code: str
    lines: tuple[LineQuote, ...]
    chosen: str
    currency: str

    def change(self, code: str) -> Change:
        """What of the study changes to have a line.

        Raises:
            InputError: ``rules.no_such_line`` of a code that is no line here, such as one of
                another country's tariff; ``landed.bad_code``.
        """
        line = national(code)
        if line not in {one.code for one in self.lines}:
            known = join_list([one.code for one in self.lines[:NAMED]])
            raise InputError(
                "rules.no_such_line",
                line=line, importer=self.importer, below=self.code, known=known,
            )  # fmt: skip
        return Change(("model", self.at, "national_codes", self.importer), line)


@question(LinesRequest)
def lines(request: LinesRequest) -> LinesAnswer:
    """The national lines of a model's code in a market, what each brings; one may be kept.

    Raises:
        InputError: the study cannot be read, ``landed.which_product``, ``errors.unknown_name``,
            ``rules.no_such_line``, ``rules.no_line_says``, and as :func:`offing.quote`.
        StorageError: ``cli.disk``.
    """
    file = request.study / "study.toml" if request.study.is_dir() else request.study
    study, market = read_study(file), country_code(request.destination)
    facts = find_model(study, request.of)
    at = study.model.index(facts)
    laws = laws_of(file, study)
    importer, code = importer_of(laws.rulebook, market), facts.national_codes.get(EVERY, facts.code)
    asked = {"study": file, "of": facts.key, "destination": market, "warehouse": request.warehouse}
    found, currency = [], ""
    below = _below(asked, study, code, laws.rulebook)
    parts = (request.words or "").casefold().split()
    named = [line for line in below if all(part in words_of(line).casefold() for part in parts)]
    if below and not named:
        raise InputError("rules.no_line_says", words=request.words, count=len(below), code=code)
    for line in named:
        quoted = _quote_line(asked, line)
        currency = quoted[1] or currency
        found.append(quoted[0])
    chosen = facts.national_codes.get(importer, "")
    answer = LinesAnswer(
        file, facts.key, at, market, importer, code, tuple(found), chosen, currency
    )
    if request.keep is None:
        return answer
    change = answer.change(request.keep)
    text = apply_changes(read_text(file), [change])
    write_text(file, text, check=read_study, newline=newline_of(file))
    return replace(answer, chosen=str(change.value))


def _below(
    asked: dict[str, Any], study: Study, code: str, book: Rulebook
) -> Sequence[NationalLine]:
    """The lines among which the duty of a code is not decided."""
    try:
        quote(**asked, code=code)
    except OffingError as error:
        if error.key == "landed.several_lines":
            every: Any = error.values["tariff_lines"]
        elif error.key == "landed.partly_on_list":
            regime = book.regime(asked["destination"])
            tariff = Tariffs(open_warehouse(asked["warehouse"])).of(regime.importer)
            near = tariff.of(code, study.firm.origin, study.on)
            every = [one for one in near if one.regime == GENERAL and len(one.code) > len(code)]
        else:
            raise
        facts = next(one for one in study.model if one.key == asked["of"])
        return rank_lines(every, code, [facts.name.en, facts.name.zh])
    return ()


def _quote_line(asked: dict[str, Any], line: NationalLine) -> tuple[LineQuote, str]:
    """A line with what it brings, and the money of that."""
    told = LineQuote(line.code, line.text or "", words_of(line))
    try:
        costed = quote(**asked, code=line.code).quote
    except OffingError as error:
        return replace(told, missing=error.found), ""
    each = costed.landed / costed.quantity
    due = (one for one in costed.lines if one.stage == "duty" and not one.subtotal and one.amount)
    charges = tuple((one.name, one.per_unit) for one in due if one.name != "duty")
    told = replace(told, landed=each, margin_rate=costed.margin_rate, charges=charges)
    return told, costed.currency
