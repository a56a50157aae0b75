"""Sources that nobody publishes at an address."""

import pytest

from offing.api.fetch import chosen
from offing.sources.about import source
from offing.terms.errors import InputError


@pytest.mark.parametrize(("name", "where"), [("ledger", "the firm"), ("gacc", "customs.gov.cn")])
def test_without_an_address_it_says_where_the_file_is_from(name: str, where: str) -> None:
    with pytest.raises(InputError) as raised:
        chosen(source(name).ABOUT, None, None)
    told = str(raised.value.as_json()["next"])
    assert where in told
    assert f"offing load {name} FILE" in told
