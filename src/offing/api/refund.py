"""The export VAT refund (出口退税): of a firm's months, of one more unit; and do papers fit?"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from offing.api import typed
from offing.api.asking import Answer, open_warehouse, question
from offing.api.refund_months import CENTS, MonthsRefund, months_refund
from offing.api.refund_papers import PapersCheck, papers_check
from offing.api.refund_request import RefundRequest
from offing.api.refund_study import ProductRefund, month_cautions, other_rates, product_refunds
from offing.sources.user_table import day_of
from offing.study.costs import must_have_rates
from offing.study.file import read_study
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.warehouse.exchange_rates import fx_of

__all__ = [
    "CENTS",
    "MonthsRefund",
    "PapersCheck",
    "ProductRefund",
    "RefundAnswer",
    "RefundRequest",
    "refund",
]


@dataclass(frozen=True)
class RefundAnswer(Answer):
    """What was asked for: a firm's months, its papers, or a study's products.

    Attributes:
        on: the day that it was looked from.
        months: the firm's months.
        papers: the match of its papers.
        products: of a study.
        explain: whether the steps and sources are to be told.
    """

    on: date
    months: MonthsRefund | None = None
    papers: PapersCheck | None = None
    products: tuple[ProductRefund, ...] = ()
    explain: bool = False
    cautions: tuple[Caution, ...] = ()

    @property
    def put_aside(self) -> int:
        """Rows of the months or the papers that could not be used."""
        if self.papers is not None:
            return len(self.papers.quarantined)
        return 0 if self.months is None else len(self.months.file.quarantined)

    @property
    def complete(self) -> bool:
        """Whether every row could be used and all papers fit."""
        return super().complete and not (self.papers and self.papers.findings)

    def data(self) -> Any:
        """The part that was asked for."""
        checked = self.months or self.papers
        return [product.data() for product in self.products] if checked is None else checked.data()


@question(RefundRequest)
def refund(request: RefundRequest) -> RefundAnswer:
    """The months in the terms of the return, the claim calendar and what needs a look.

    Raises:
        InputError: ``refund.which_months`` where nothing is asked, or a file or value that cannot
            be used.
        RuleError: the rulebook has no rate of the day.
    """
    on = request.on if isinstance(request.on, date) else None
    on = on or (datetime.now(UTC).date() if request.on is None else day_of(str(request.on)))
    path = None if request.study is None else Path(request.study)
    study = None if path is None else read_study(path)
    own = None if path is None or study is None else (path, study)
    reforms = typed.reforms_of(request.reform)
    laws = typed.rules_with_files(reforms, request.rules, request.rules_key, own)
    if study is not None:
        oldest = study.rates_age if request.rates_age is None else request.rates_age
        fx = laws.fx(fx_of(open_warehouse(request.warehouse), study.on, oldest=oldest))
        must_have_rates(study.model, study.on, laws.refund_rates, Path(str(request.study)))
        products = tuple(product_refunds(study, request, laws, fx))
        doubts = (*fx.cautions(("CNY", "USD")), *other_rates(study), *month_cautions(study))
        return RefundAnswer(study.on, products=products, explain=request.explain, cautions=doubts)
    if request.declarations is not None:
        return RefundAnswer(on, papers=papers_check(request, on, laws))
    if request.months is None:
        raise InputError("refund.which_months")
    return RefundAnswer(on, months_refund(request, on, laws), explain=request.explain)
