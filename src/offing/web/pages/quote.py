"""What one shipment costs landed and what is earned on it: a waterfall, each line with its rule."""

from offing.api.quote import quote
from offing.terms.incoterms import INCOTERMS
from offing.web.again import of_study
from offing.web.asking import answered
from offing.web.choices import countries, currencies, goods, models
from offing.web.page import Page, View
from offing.web.visit import Visit

OF_STUDY = ("of", "destination", "quantity", "price", "on", "preference")
ALONE = ("product", "destination", "quantity", "price", "cost", "freight", "term", "on")


def show(visit: Visit) -> View:
    """Of a model of the open study, with the firm's own figures; else of any goods."""
    own = () if visit.value("alone") else models(visit)
    names = OF_STUDY if own else ALONE
    return answered(
        visit,
        quote,
        names=names,
        options={"of": own, "term": [(term, term) for term in ("FOB", *_others())]},
        hints={"product": goods(), "destination": countries(), "currency": currencies()},
        without=("product",) if own else ("of",),
        needs=("destination",),
        of_study=bool(own),
    )


def _others() -> list[str]:
    return [term for term in INCOTERMS if term != "FOB"]


PAGE = Page("quote", order=40, show=show, rests_on=of_study)
