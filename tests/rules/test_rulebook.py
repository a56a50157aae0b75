"""The rulebook: look-ups by day, careless files, reforms."""

import csv
import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tools.acts_read import counted, drawn, entries, first_importers, weights

from offing.cli.app import run
from offing.landed.charges import Context, assessment
from offing.refunds.rules import claim_rules, dated_rates, firm_classes
from offing.rules.duty_text import duty_of_user
from offing.rules.packs import MANIFEST, read_pack, seal
from offing.rules.reform import Close, Reform, apply_reform, read_reform
from offing.rules.regime_file import REGIMES, read_regime, rulebook_of, shipped
from offing.rules.requirements import EVERYWHERE, every_requirement, requirements_of
from offing.rules.rule_use import READ, RuleUse, Unit, cite_source, value_text
from offing.rules.tariff import Tariff, listed_lines
from offing.terms.errors import InputError, OffingError, RuleError
from offing.terms.messages import using_language
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder
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


def test_citations_stay_and_remarks_are_translated() -> None:
    with using_language("zh"):
        assert (
            cite_source("Customs Act, s. 16 · @recalled") == "Customs Act, s. 16 · 未经官方文本核实"
        )
        assert cite_source("@rcep|country=AUS") == "RCEP 附件一，澳大利亚承诺表"
        assert cite_source("@mof_list|year=2024|number=15|list=2").startswith(
            "财政部 税务总局公告 2024"
        )
        assert cite_source("Directive 2006/112/EC, art. 96") == "Directive 2006/112/EC, art. 96"
    with using_language("en"):
        same = "EU common customs tariff as at 2020, in the UK Global Tariff table"
        assert cite_source("@eu_in_uk|year=2020") == same


def use(value: str, unit: Unit, **inputs: str) -> RuleUse:
    return RuleUse("x", value, None, None, "", "official", unit, tuple(inputs.items()))


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (
            use("goods + freight + insurance", "sum"),
            "货值 + 运费 + 保险费",
            "goods + freight + insurance",
        ),
        (
            use("04-30", "claim_day", limit_months="36"),
            "次年 04-30 前；36 个月",
            "by 04-30 of the next year; 36 months",
        ),
        (use("Free", "duty"), "Free", "Free"),
        (use("0.20", "share"), "20%", "20%"),
        (
            use("0.12", "share", urban="0.07", education="0.03", local="0.02"),
            "7% + 3% + 2% = 12%",
            None,
        ),
        (use("5", "working_days"), "5 个工作日", "5 working days"),
    ],
)
def test_values(given: RuleUse, zh: str, en: str | None) -> None:
    with using_language("zh"):
        assert value_text(given) == zh
    with using_language("en"):
        assert value_text(given) == (zh if en is None else en)


def test_every_source_of_the_starter_tariffs_is_in_chinese_or_an_act() -> None:
    house = Warehouse(Path(starter_folder()), is_starter=True)
    rows = house.query(f"SELECT DISTINCT source FROM {house.source_sql('duty_lines')}")
    acts = ("EO ", "memorandum of")
    with using_language("zh"):
        for source in rows["source"]:
            assert cite_source(source) != source or source.startswith(acts), source


def test_json_has_the_words_of_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    day = "--on", "2026-10-30", "--price", "800 USD", "--quantity", "100"
    assert run(["quote", "8528720404", "USA", *day, "--json"]) == 0
    out = capsys.readouterr().out
    assert "@usitc" not in out
    assert cite_source("@usitc") in out


ON = date(2026, 11, 26)
ROWS = every_requirement()
STATES = (
    "legislation.gov.uk", "phmsa.dot.gov", "eur-lex.europa.eu", "ecfr.gov", "govinfo.gov",
    "laws.e-gov.go.jp", "www.law.go.kr",
)  # fmt: skip


def test_the_status_of_a_row_is_honest() -> None:
    """Official and secondary rows name where the text was read and some words of it."""
    for row in ROWS:
        read = row.status in ("official", "secondary")
        assert bool(row.source) == bool(row.says) == bool(row.still_valid_on) == read, row.id
        assert row.status in ("official", "secondary", "recalled")
        assert len(row.says.split()) <= 25
        if row.status == "official":
            assert row.source.startswith(STATES), row.id


def test_unknown_is_not_checked_and_never_none() -> None:
    coffee = requirements_of("090121", "EUR", ON)
    assert (coffee.known, coffee.checked, coffee.lead_weeks, coffee.ready_on) == (
        (),
        False,
        None,
        None,
    )
    chile = requirements_of("8528", "CHL", ON)
    assert not chile.checked
    batteries = requirements_of("850760", "CHL", ON)  # what every carrier asks is known
    assert [row.id for row in batteries.known] == ["all.un383.battery"]
    assert batteries.lead_weeks is None
    assert all(
        row.market in ("EUR", EVERYWHERE) for row in requirements_of("850710", "EUR", ON).known
    )
    assert not any("un383" in row.id for row in requirements_of("850710", "EUR", ON).known)


DAY = date(2026, 10, 30)
REFUND = """[reform]
name = "our bureau's"

[[rate]]
id = "chn.refund.battery"
value = "3%"
since = 2026-01-01
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "bureau-2026"
    folder.mkdir()
    for name in ("bureau", "more"):
        (folder / f"{name}.toml").write_text(REFUND, encoding="utf-8")
    return folder


def refused(pack: Path) -> str:
    with pytest.raises(InputError) as error:
        read_pack(pack)
    return error.value.key


def test_a_pack_is_its_files_and_their_hashes(pack: Path) -> None:
    assert refused(pack) == "rules.pack_no_manifest"
    made = seal(pack, DAY)
    assert (made.name, made.version, made.made) == ("bureau-2026", "2026-10-30", DAY)
    assert made.files == (pack / "bureau.toml", pack / "more.toml")
    assert hashlib.sha256(REFUND.encode()).hexdigest() in (pack / MANIFEST).read_text()
    manifest = pack / MANIFEST
    manifest.write_text(
        manifest.read_text().replace('"2026-10-30"', '"3"').replace("bureau-2026", "b")
    )
    again = seal(pack, date(2026, 11, 2))
    assert (again.name, again.version, again.made) == ("b", "3", date(2026, 11, 2)), (
        "its words stay"
    )
    (pack / "bureau.toml").unlink()
    (pack / "more.toml").unlink()
    with pytest.raises(InputError) as error:
        seal(pack, DAY)
    assert error.value.key == "rules.pack_empty"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda file: file.write_text(file.read_text() + "#\n"), "rules.pack_changed"),
        (lambda file: file.unlink(), "rules.pack_missing"),
        (lambda file: file.with_stem("other").write_text(REFUND), "rules.pack_unlisted"),
    ],
)
def test_a_file_changed_taken_or_put_in_is_refused(
    pack: Path, change: Callable[[Path], object], key: str
) -> None:
    seal(pack, DAY)
    change(pack / "bureau.toml")
    assert refused(pack) == key
