"""A year without data is refused with the years there are, from the first to the last."""

import pytest

from ladder_flows import row, table
from offing.ladders.build import ladder
from offing.terms.errors import MissingDataError


@pytest.mark.parametrize(("known", "named"), [((2018,), "2018"), ((2017, 2018, 2020), "2017–2020")])
def test_the_years_there_are(known: tuple[int, ...], named: str) -> None:
    flows = table([row(year=year, exporter="CHN", value_usd=1e6, items=1e4) for year in known])
    with pytest.raises(MissingDataError) as refused:
        ladder(flows, product="852872", market="DEU", year=2019)
    assert refused.value.key == "ladder.no_year"
    assert refused.value.values["years"] == named
