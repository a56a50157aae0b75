"""Names that may be those of two countries: asked about, or noted once where one is meant."""

import pytest

from offing.sources.ledger_cells import read_market
from offing.terms.countries import country_code, known_code, taking_notes
from offing.terms.errors import InputError

EXACT = {
    "Korea, Rep.": "KOR", "South Korea": "KOR", "KOR": "KOR", "韩国": "KOR",
    "Rep. of Korea": "KOR", "Korea (South)": "KOR", "S. Korea": "KOR", "大韩民国": "KOR",
    "Korea (North)": "PRK", "朝鲜": "PRK", "DPRK": "PRK",
    "Guinea": "GIN", "Equatorial Guinea": "GNQ", "Guinea-Bissau": "GNB", "Papua New Guinea": "PNG",
    "Samoa": "WSM", "American Samoa": "ASM", "Niger": "NER", "Sudan": "SDN",
    "Congo, Rep.": "COG", "Congo (Kinshasa)": "COD", "刚果（金）": "COD", "刚果布": "COG",
    "US Virgin Islands": "VIR", "Virgin Islands (British)": "VGB", "美属维尔京群岛": "VIR",
    "China": "CHN", "中国": "CHN", "China, Hong Kong SAR": "HKG", "China (Hong Kong)": "HKG",
    "中国（香港）": "HKG", "香港(中国)": "HKG", "Hong Kong, China": "HKG", "中国澳门": "MAC",
    "Macao, China": "MAC", "China, Taiwan": "TWN", "Taiwan, China": "TWN", "台湾省": "TWN",
    "Chinese Taipei": "TWN", "Taiwan Province of China": "TWN", "P.R. China": "CHN",
    "德国(汉堡)": "DEU", "印尼": "IDN",
}  # fmt: skip


@pytest.mark.parametrize(("name", "code"), EXACT.items())
def test_the_right_name_is_read_without_a_word(name: str, code: str) -> None:
    with taking_notes() as taken:
        assert read_market(name) == code
        assert known_code(name) in (code, None)  # a city beside it is the ledger's to read
    assert not taken


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Congo", ("COG", "COD")), ("刚果", ("COG", "COD")),
        ("Virgin Islands", ("VIR", "VGB")), ("维尔京群岛", ("VIR", "VGB")),
        ("St Martin", ("MAF", "SXM")), ("Republic of China", ("TWN", "CHN")),
    ],
)  # fmt: skip
def test_a_name_of_two_is_asked_about(name: str, codes: tuple[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        country_code(name)
    assert caught.value.key == "countries.ambiguous"
    assert all(code in caught.value.found for code in codes)
    assert read_market(name) is None
