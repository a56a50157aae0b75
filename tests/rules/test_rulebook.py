"""The rulebook: look-ups by day, careless files, reforms."""

import csv
import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tools.acts_read import counted, drawn, entries, first_importers, weights

from offing.landed.charges import Context, assessment
from offing.refunds.rules import claim_rules, dated_rates, firm_classes
from offing.rules.duty_text import duty_of_user
from offing.rules.reform import Close, Reform, apply_reform, read_reform
from offing.rules.regime_file import REGIMES, read_regime, rulebook_of, shipped
from offing.rules.rule_use import READ, RuleUse
from offing.rules.tariff import Tariff, listed_lines
from offing.terms.errors import InputError, OffingError, RuleError
from written import written

GOOD = """
[regime]
importer = "CHE"
currency = "CHF"

[[charge]]
name = "duty"
stage = "duty"
base = ["goods", "freight"]
tariff = "mfn"
since = 2020-01-01
source = "made up for this test"

[[charge]]
name = "vat"
stage = "tax"
base = ["goods", "duties"]
rate = "che.vat"
since = 2020-01-01
source = "made up for this test"

[[rate]]
id = "che.vat"
value = "0.077"
since = 2020-01-01
until = 2024-01-01
source = "made up for this test"

[[rate]]
id = "che.vat"
value = "0.081"
since = 2024-01-01
source = "made up for this test"
"""


def test_closed_open_days(tmp_path: Path) -> None:
    book = rulebook_of([written(tmp_path, GOOD, "che.toml")])
    assert book.rate("che.vat", date(2023, 12, 31)).share == Decimal("0.077")
    assert book.rate("che.vat", date(2024, 1, 1)).share == Decimal("0.081")
    with pytest.raises(RuleError) as error:
        book.rate("che.vat", date(2019, 12, 31))
    assert "[2020-01-01, …)" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "key", "row"),
    [
        ("until = 2024-01-01", "until = 2024-02-01", "landed.two_rules", None),
        ("until = 2024-01-01", "until = 2019-01-01", "landed.rule_file_bad_value", 22),
        ('value = "0.081"', "value = 0.081", "landed.rule_file_bad_value", 31),
        ('currency = "CHF"', 'currency = "CHX"', "landed.rule_file_bad_value", 4),
        ("[regime]", "[regime", "errors.not_toml", None),
    ],
)
def test_careless_files_are_refused_with_their_place(
    tmp_path: Path, old: str, new: str, key: str, row: int | None
) -> None:
    path = written(tmp_path, GOOD.replace(old, new), "che.toml")
    with pytest.raises(OffingError) as error:
        rulebook_of([path])
    assert error.value.key == key
    assert error.value.where is not None
    if row is not None:
        assert error.value.where.row == row
    assert str(error.value)


LISTED = """
[[list]]
name = "che_luxury"
codes = ["9101", "85287264"]
since = 2024-01-01
until = 2025-01-01
source = "made up for this test"
"""


def test_codes_that_a_file_lists_are_on_it_in_its_days(tmp_path: Path) -> None:
    regime, _ = read_regime(written(tmp_path, GOOD + LISTED, "che.toml"))

    def on(code: str, day: date) -> list[str]:
        return [line.code for line in listed_lines(regime, code, day)]

    assert on("85287264", date(2024, 1, 1)) == ["85287264"]
    assert on("8528726440", date(2024, 12, 31)) == ["85287264"]
    assert on("852872", date(2024, 6, 1)) == ["85287264"], "below the code: in part"
    assert on("91011100", date(2024, 6, 1)) == ["9101"]
    assert on("85287264", date(2025, 1, 1)) == []
    assert on("85287272", date(2024, 6, 1)) == []


REFORM = """
[reform]
name = "a tenth on top, and a lower tax"

[[rate]]
id = "eur.vat.deu"
value = "16%"
since = 2026-01-01
until = 2026-07-01

[[charge]]
importer = "EUR"
before = "vat"
name = "case.extra"
stage = "duty"
base = ["customs_value"]
rate = "extra"
since = 2026-01-01

[[rate]]
id = "extra"
value = "0.10"
since = 2026-01-01

[[close]]
id = "gbr.vat"
until = 2026-03-01
"""
NO_DUTY = {"mfn": Tariff(duty_of_user("0"), RuleUse("user", "", None, None, "", "user"))}


def paid(book: object, destination: str, on: date) -> Decimal:
    found = assessment(book, Context(destination, on, tariffs=NO_DUTY))  # type: ignore[arg-type]
    return found.of({"goods": Decimal(1000)}).paid


def test_a_reform_holds_in_its_days_only(tmp_path: Path) -> None:
    book = apply_reform(shipped(), read_reform(written(tmp_path, REFORM)))
    assert paid(book, "DEU", date(2025, 12, 31)) == Decimal("190.00")
    assert paid(book, "DEU", date(2026, 6, 30)) == Decimal("276.00")  # 100 + 0.16 × 1100
    assert paid(book, "DEU", date(2026, 7, 1)) == Decimal("309.00")  # 100 + 0.19 × 1100
    assert paid(book, "FRA", date(2025, 1, 1)) == Decimal("200.00")
    assert paid(book, "GBR", date(2026, 2, 28)) == Decimal("200.00")
    with pytest.raises(RuleError, match=r"\[2011-01-04, 2026-03-01\)"):
        paid(book, "GBR", date(2026, 3, 1))
    assert book.rate("eur.vat.deu", date(2026, 2, 1)).use().status == "user"
    assert shipped().rate("eur.vat.deu", date(2026, 2, 1)).share == Decimal("0.19")


def test_a_charge_can_be_closed() -> None:
    book = apply_reform(shipped(), Reform("no tax", (), (Close("eur.vat", date(2026, 1, 1)),)))
    assert paid(book, "DEU", date(2025, 12, 31)) == Decimal("190.00")
    assert paid(book, "DEU", date(2026, 1, 1)) == 0


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (
            '[reform]\nname = "x"\n[[close]]\nid = "gbr.vta"\nuntil = 2026-01-01',
            "landed.unknown_rule",
        ),
        ('[reform]\nname = "x"\n[[clsoe]]\nid = "gbr.vat"', "errors.unknown_name"),
        (REFORM.replace('before = "vat"', 'before = "vta"'), "landed.unknown_rule"),
        (REFORM.replace('importer = "EUR"', 'importer = "EUX"'), "landed.unknown_rule"),
        ("", "sources.empty"),
    ],
)
def test_careless_reforms_are_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(OffingError) as error:
        apply_reform(shipped(), read_reform(written(tmp_path, text)))
    assert error.value.key == key
    assert str(error.value)


def test_no_shipped_file_has_one_day_for_all_its_entries() -> None:
    """Each entry has its own day, or none."""
    for file in sorted(REGIMES.glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        assert "reviewed" not in {*data, *data.get("regime", {})}, file.name


def test_the_word_of_earlier_versions_is_read_and_an_unknown_status_refused(tmp_path: Path) -> None:
    text = (REGIMES / "hkg.toml").read_text(encoding="utf-8")
    status = next(line for line in text.splitlines() if line.startswith("status"))
    old = tmp_path / "hkg.toml"
    old.write_text(text.replace(status, 'status = "checked"'), encoding="utf-8")
    regime, _ = read_regime(old)
    assert "secondary" in {charge.status for charge in regime.charges}
    old.write_text(text.replace(status, 'status = "offical"', 1), encoding="utf-8")
    with pytest.raises(InputError, match="official") as error:
        read_regime(old)
    assert error.value.key == "landed.rule_file_bad_value"
    assert error.value.where
    assert error.value.where.row


def test_only_what_was_read_at_an_address_of_a_state_is_official() -> None:
    """The first address of a source is that of the page that was read."""
    book = shipped()
    dated = [*book.rates, *dated_rates(), *(c for r in book.regimes.values() for c in r.charges)]
    official = [rule.source for rule in dated if rule.status == "official"]
    hosts = {re.findall(r"https?://([^/\s]+)", source)[0] for source in official}
    state = re.compile(
        r"(^|\.)(go|gov|gob|nic|govdelivery|europa|revenuquebec|u|gc)\.[a-z.]+$|(^|\.)gov$"
        # where states publish their law
        r"|^www\.(gesetze-im-internet\.de|boe\.es|riksdagen\.se|irishstatutebook\.ie|et\.gr)$"
        r"|^(legilux\.public\.lu|www\.(legifrance\.gouv\.fr|slov-lex\.sk|bcn\.cl))$"
        r"|^(adilet\.zan\.kz|vanban\.chinhphu\.vn)$"
        r"|^(e-tar\.lt|finlex\.fi|legislation\.mt|likumi\.lv|lovdata\.no|njt\.hu)$"
        r"|^(legislatie\.just\.ro|wetten\.overheid\.nl)$"
        r"|^www\.(normattiva\.it|parliament\.bg|retsinformation\.dk)$"
        r"|^(toll\.no|bazg\.admin\.ch)$"  # the customs of Norway and Switzerland
        r"|^(ghalii|tanzlii|ulii)\.org$"  # by the judiciaries of Ghana, Tanzania and Uganda
    )
    assert official
    assert {host for host in hosts if not state.search(host)} == set()


def test_a_word_of_one_letter_is_a_word(tmp_path: Path) -> None:
    path = tmp_path / "reform.toml"
    path.write_text(
        '[reform]\nname = "a"\n[[rate]]\nid = "chn.refund.general"\nvalue = "9%"\n'
        'since = 2026-01-01\n[[case]]\nname = "b"\nid = "c"\non = 2026-05-01\n'
        'expected = "9%"\nsource = "d"\n', "utf-8",
    )  # fmt: skip
    assert read_reform(path).name == "a"
    assert len(read_reform(path).settings) == 1


def test_an_entry_of_law_counts_once() -> None:
    """By hand: ``[[…]]`` in the files of ``regimes`` but cases, and lines of trade defence."""
    files = sorted(REGIMES.glob("*.toml"))
    headings = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    tables = [line for line in headings if line.startswith("[[") and line != "[[case]]"]
    rows = [
        row
        for file in (REGIMES.parent / "trade_defence").glob("*.csv")
        for row in csv.reader(file.read_text("utf-8").splitlines()[1:])
    ]
    found = entries()
    assert len(found) == len(tables) + len(rows)
    looked = sum(line.startswith("still_valid_on") for line in headings)
    assert sum(bool(entry.looked_on) for entry in found) == looked + sum(bool(r[-1]) for r in rows)
    assert sum(whole for _, whole in counted(found).values()) == len(found)


def test_entries_to_look_at_again_are_drawn_alike_with_one_seed() -> None:
    """Each was looked at, none comes twice, another seed draws others."""
    found = entries()
    once = drawn(found, 20, 7)
    assert once == drawn(found, 20, 7) != drawn(found, 20, 8)
    assert len(set(once)) == 20
    assert all(entry.looked_on and entry.document and entry.says for entry in once)


def test_importers_count_by_what_china_sells_them() -> None:
    shares = weights()
    first = first_importers(shares)
    assert first[0] == "EUR"
    assert {"USA", "JPN", "VNM"} <= set(first)
    assert sum(share for name, share in shares.items() if name in first and name != "EAEU") >= 75


def test_what_was_only_recalled_is_not_called_read() -> None:
    """``official`` and ``secondary`` mean that the value was read in the source named."""
    book = shipped()
    charges = [charge for regime in book.regimes.values() for charge in regime.charges]
    said = [(rate.status, rate.source) for rate in book.rates]
    said += [(charge.status, charge.source) for charge in charges]
    said += [(dated.status, dated.source) for dated in dated_rates()]
    said += [(claim.status, claim.source) for claim in claim_rules()]
    said += [(firm.status, firm.source) for firm in firm_classes().values()]
    for status, source in said:
        unread = any(word in source for word in ("recalled", "usual", "not read", "by hand"))
        assert source
        assert not (status in READ and unread), source
        assert status == "recalled" or "@recalled" not in source, source


def test_members_of_the_union_have_a_rate_on_every_day_since_they_joined() -> None:
    """Directive 2006/112/EC began on 2007-01-01; Croatia joined on 2013-07-01."""
    book = shipped()
    for place in book.regimes["EUR"].destinations:
        first = date(2013, 7, 1) if place == "HRV" else date(2007, 1, 1)
        for days in range(0, 7200, 13):
            day = first + timedelta(days=days)
            share = book.rate(f"eur.vat.{place.lower()}", day).share
            assert Decimal("0.15") <= share <= Decimal("0.27")
    assert book.rate("eur.vat.deu", date(2020, 12, 31)).share == Decimal("0.16")
    with pytest.raises(RuleError, match="No rule"):
        book.rate("eur.vat.hrv", date(2013, 6, 30))


def test_a_document_that_was_looked_at_is_named_with_what_it_says_and_a_day(tmp_path: Path) -> None:
    book = shipped()
    rows = [*book.rates, *(c for regime in book.regimes.values() for c in regime.charges)]
    seen = [row for row in rows if row.says or row.still_valid_on]
    assert {row.id for row in seen} >= {"gbr.vat", "kor.vat", "eur.vat.deu", "eur.vat.esp"}
    for row in seen:
        assert row.looked_at, row.id
        assert len(row.says.split()) <= 25
        assert row.still_valid_on is not None
        assert row.still_valid_on.year >= 2026
    text = (REGIMES / "kor.toml").read_text(encoding="utf-8")
    bad = tmp_path / "kor.toml"
    for change in (
        ("still_valid_on = 2026-11-26\n", ""),
        ('status = "official"', 'status = "recalled"'),
        ('says = "10 %."', f'says = "{"one " * 26}"'),
    ):
        bad.write_text(text.replace(*change), encoding="utf-8")
        with pytest.raises(InputError) as error:
            read_regime(bad)
        assert error.value.key == "landed.rule_file_bad_value"


def test_of_two_regimes_for_a_destination_the_first_counts() -> None:
    book = shipped()
    union, swiss = book.regime("DEU"), book.regime("CHE")
    both = replace(swiss, destinations=(*swiss.destinations, "DEU"))
    first, last = (
        replace(book, regimes={"a": a, "b": b}) for a, b in ((union, both), (both, union))
    )
    assert first.regime("DEU") is union
    assert last.regime("DEU") is both
    assert first.destinations() == sorted({*union.destinations, "CHE"})


def test_one_charge_is_a_regime_and_none_is_not(tmp_path: Path) -> None:
    """A line of several codes is named by the first and the last of them."""
    lines = '\n[[line]]\n{}\nduty = "5%"\nsource = "made up for this test"\n'
    duty_only = GOOD.partition('[[charge]]\nname = "vat"')[0]
    codes = lines.format('codes = ["8528", "8529", "8530"]'), lines.format('code = "9403"')
    regime, _ = read_regime(written(tmp_path, duty_only + "".join(codes), "che.toml"))
    assert [charge.name for charge in regime.charges] == ["duty"]
    assert [(line.id, line.codes) for line in regime.lines] == [
        ("che.mfn.8528…8530", ("8528", "8529", "8530")),
        ("che.mfn.9403", ("9403",)),
    ]
    head = GOOD.partition("[[charge]]")[0]
    with pytest.raises(InputError) as error:
        read_regime(written(tmp_path, "charge = []\n" + head, "none.toml"))
    assert error.value.key == "landed.rule_file_bad_value"
