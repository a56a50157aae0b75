"""Where a province's exports stand: its customs file, beside the country's trade."""

from offing.api.province import province
from offing.web.choices import countries
from offing.web.page import Page, View, Visit
from offing.web.papers import answered_from_files, drop, forget


def show(visit: Visit) -> View:
    """The file that is there, and what it says."""
    names = ("province", "origin", "product", "digits", "ahead", "horizon")
    return answered_from_files(visit, province, names=names, hints={"origin": countries()})


PAGE = Page(
    "province",
    order=48,
    show=show,
    guide="see-where-a-province-stands",
    asks=province,
    takes=("exports",),
    file_label="web.province_file_{}",
    changes={"drop": drop, "forget": forget},
    replaces_files=True,
)
