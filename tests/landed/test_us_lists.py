"""American layers by code and day, each against the words of its note, notice or table.

The tariff and its lists are those of the shared data; where they are absent, what the regime file
itself says is tested alone (``DUTY`` is typed then).
"""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import offing
from cautions import keyed
from dated_law import law_file
from offing.api.quote import QuoteAnswer
from offing.landed.batch import compare_preferences
from offing.landed.quote import quote, rates_of
from offing.landed.shipment import Shipment
from offing.report import words
from offing.report.views.quote import view
from offing.rules.regime_file import shipped
from offing.rules.rule_use import EXCEPTIONS_NOT_READ, list_name
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import say, using_language
from offing.terms.money import Money
from offing.warehouse import Warehouse, load
from shared_data import shared
from tariff_house import tariff_house

D = Decimal
DAY = date(2026, 11, 30)


@cache
def _folder(base: Path) -> Path:
    tariff = shared("us_tariffs", "us_mfn_hts8.csv").parent
    files = [tariff / "us_mfn_hts8.csv", tariff / "section301_lists_yale.csv"]
    load("tariff-us", [*files, tariff / "trade_war_lists"], base)
    return base


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The whole American tariff with its lists."""
    return Warehouse(_folder(tmp_path_factory.mktemp("usa") / "house"))


def asked(code: str, on: date, origin: str = "CHN", **more: object) -> Shipment:
    price = Money(D(100), "USD")
    return Shipment(code, "USA", on, D(10), "USD", price=price, origin=origin, **more)  # type: ignore[arg-type]


def layers(house: Warehouse, code: str, on: date, origin: str = "CHN") -> dict[str, Decimal]:
    """The duties besides column 1, in per cent of the value."""
    lines = quote(asked(code, on, origin), shipped(), house).lines
    return {
        line.name: line.amount / 10
        for line in lines
        if line.stage == "duty" and line.name != "duty" and line.amount
    }


def cautions(house: Warehouse, code: str, on: date, origin: str = "CHN") -> str:
    with using_language("en"):
        made = quote(asked(code, on, origin), shipped(), house).warnings
        return "\n".join(words.caution_text(Caution(key, values)) for key, values in keyed(made))


# ---- the action on forced labour: HTSUS 9903.05.86, U.S. note 52(b) ----


@pytest.mark.shared_data
def test_the_62_lines_bear_no_duty_on_forced_labour(house: Warehouse) -> None:
    with shared("us_forced_labour", "electronics_exempt.csv").open(encoding="utf-8") as file:
        codes = [row["hts8"] for row in csv.DictReader(file)]
    assert len(codes) == 62
    for code in codes:
        assert "us301_forced_labour" not in layers(house, code, DAY), code


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "share"),
    [
        ("300490", None),  # medicines: 3004.90.10 and .92 are both on the list of 856
        ("09011100", None),  # coffee
        ("71081250", None),  # gold
        ("85171400", "12.5"),  # other telephones are not: only for civil aircraft (9903.05.88)
        ("85287264", "12.5"),  # television sets
        ("61091000", "12.5"),  # T-shirts
    ],
)
def test_codes_on_the_list_of_856_and_codes_that_are_not(
    house: Warehouse, code: str, share: str | None
) -> None:
    assert layers(house, code, DAY).get("us301_forced_labour") == (share and D(share))
    # before the action began nobody paid it
    assert "us301_forced_labour" not in layers(house, code, date(2026, 7, 23))


def test_the_list_is_whole_and_stands_for_every_origin() -> None:
    regime = shipped().regime("USA")
    [exempt] = [one for one in regime.listed if one.name == "us301_fl_exempt"]
    assert len(exempt.codes) == len(set(exempt.codes)) == 856
    [by_use] = [one for one in regime.listed if one.name == "us301_fl_by_use"]
    assert len(by_use.codes) == 1235
    assert not set(exempt.codes) & set(by_use.codes)
    named = [c for c in regime.charges if c.name.startswith("us301_forced_labour")]
    assert all("us301_fl_exempt" in charge.not_on for charge in named)


@pytest.mark.shared_data
def test_what_use_or_description_frees_is_said_where_the_note_names_the_line(
    house: Warehouse,
) -> None:
    assert "civil aircraft or pharmaceutical use" in cautions(house, "85171400", DAY)
    assert "civil aircraft or pharmaceutical use" in cautions(house, "29335995", DAY)
    assert "civil aircraft" not in cautions(house, "61091000", DAY)
    assert "civil aircraft" not in cautions(house, "85171400", DAY, "KEN"), "not one of the sixty"


# ---- vehicle parts: U.S. note 33(g) and (h)(ii) ----


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "on", "part"),
    [
        ("8507600020", date(2025, 6, 20), False),  # lithium-ion, other than for vehicles
        ("8507600010", date(2025, 6, 20), True),  # for vehicles of 8703.40 to .80
        ("8471300100", date(2025, 6, 20), False),  # a laptop, though 8471 is named
        ("85371030", DAY, False),  # panels for goods of 8421, 8422, 8450, 8516
        ("87083050", DAY, True),  # brakes
    ],
)
def test_what_is_no_part_of_a_vehicle_bears_other_layers(
    house: Warehouse, code: str, on: date, *, part: bool
) -> None:
    found = layers(house, code, on)
    assert ("us232_auto_parts" in found) is part
    if code == "8507600020":
        assert found["ieepa_reciprocal"] == 10
        assert layers(house, code, DAY)["us301_forced_labour"] == D("12.5")


@pytest.mark.shared_data
def test_the_user_says_that_a_layer_does_not_hold_or_at_what_rate(house: Warehouse) -> None:
    """Wiring sets of ships are no vehicle parts: the reciprocal duty holds instead."""

    def typed(code: str, **duties: str) -> dict[str, Decimal]:
        made = quote(asked(code, date(2025, 6, 20), duties=duties), shipped(), house)
        return {line.name: line.amount / 10 for line in made.lines if line.stage == "duty"}

    assert typed("85443000")["us232_auto_parts"] == 25
    ships = typed("85443000", us232_auto_parts="0")
    assert "us232_auto_parts" not in ships
    assert ships["ieepa_reciprocal"] == 10
    # an exclusion by description, and a battery for a car among the others
    assert typed("8473301180", us301_3="0").get("us301_3", 0) == 0
    assert typed("8507600020", us232_auto_parts="25%")["us232_auto_parts"] == 25
    with pytest.raises(InputError, match="no duty of the name"):
        typed("85443000", us232_autoparts="0")


@pytest.mark.shared_data
def test_the_eight_digits_say_which_ten_are_another_matter(house: Warehouse) -> None:
    said = cautions(house, "85371091", DAY)
    assert "8537109130" in said
    assert "Section 232, vehicle parts" in said


# ---- goods of the review of 2024 before it: the USITC's table of 2020-01-01 ----


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("72104900", date(2023, 5, 1), {"us301_4a": "7.5", "us232_steel": "25"}),
        ("87038000", date(2023, 5, 1), {"us301_1": "25"}),
        ("76042910", date(2023, 5, 1), {"us301_4a": "7.5", "us232_aluminium": "10"}),
        ("76042910", date(2019, 9, 2), {"us301_4a": "15", "us232_aluminium": "10"}),
        ("85414300", date(2018, 8, 22), {"us201_modules": "30"}),
        ("85414300", date(2018, 8, 23), {"us301_2": "25", "us201_modules": "30"}),
        ("85423100", date(2024, 12, 31), {"us301_2": "25"}),  # raised in 2025
        ("85423100", date(2025, 1, 1), {"us301_review_2025": "50"}),
        ("90183100", date(2023, 5, 1), {}),  # needles: no list of 2018 or 2019 has them
        ("25041010", date(2025, 1, 15), {}),  # graphite, from 2026
        ("87038000", date(2024, 9, 27), {"us301_review_100": "100"}),
    ],
)
def test_goods_of_the_review_on_days_before_it(
    house: Warehouse, code: str, on: date, expected: dict[str, str]
) -> None:
    assert layers(house, code, on) == {name: D(share) for name, share in expected.items()}


@pytest.mark.shared_data
def test_no_line_of_the_review_is_refused_on_an_earlier_day(house: Warehouse) -> None:
    lists = shared("us_tariffs", "section301_lists_yale.csv")
    with lists.open(encoding="utf-8") as file:
        codes = {row["hts8"] for row in csv.DictReader(file) if row["list"].startswith("biden")}
    refused = set()
    for code in sorted(codes):
        try:
            found = layers(house, code, date(2023, 5, 1))
        except InputError as error:  # a duty by quantity, or ten digits are needed
            refused.add(error.key)
            continue
        assert sum(name.startswith("us301") for name in found) <= 1, code
    assert refused <= {"landed.quantity_needed", "landed.partly_on_list"}


# ---- lists in part, by statistical number: U.S. note 20(g), (s)(ii) and (vvv) ----


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("8517620090", date(2024, 6, 28), {"us301_4a": "7.5"}),  # 20(g) item 2, 20(s)(ii) item 2
        ("8517620010", date(2024, 6, 28), {"us301_3": "25"}),
        ("9401806021", date(2024, 6, 28), {}),  # child seats, 20(g) item 9
        ("9401710007", date(2024, 6, 28), {"us301_4a": "7.5"}),
        ("4901990040", date(2024, 6, 28), {}),  # prayer books
        ("84433210", date(2024, 6, 28), {"us301_4a": "7.5"}),  # printers: list 4A alone
        ("3401190000", date(2024, 6, 28), {}),  # 20(vvv)(iv): a whole number
        ("3401190000", date(2026, 11, 9), {"us301_forced_labour": "12.5"}),
        ("3401190000", date(2026, 11, 10), {"us301_4a": "7.5", "us301_forced_labour": "12.5"}),
        ("8483509040", date(2024, 6, 28), {}),  # on lists 1 and 3: excluded of both
        ("4015191010", date(2020, 8, 10), {}),  # 20(iii), to the end of 2020
    ],
)
def test_numbers_that_a_note_leaves_out(
    house: Warehouse, code: str, on: date, expected: dict[str, str]
) -> None:
    if code == "4015191010":  # a number of before 2022, which the tariff of 2025 has no line for
        request = asked(code, on, duties={"mfn": "Free"})
        lines = quote(request, shipped(), house).lines
        assert not [line for line in lines if line.name.startswith("us301")]
        return
    assert layers(house, code, on) == {name: D(share) for name, share in expected.items()}


# ---- Section 201: U.S. notes 17 and 18 ----


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "on", "origin", "name", "share"),
    [
        ("85414300", date(2024, 10, 15), "CHN", "us201_modules", "14.25"),
        ("85414300", date(2018, 2, 7), "KOR", "us201_modules", "30"),
        ("85414300", date(2021, 2, 7), "VNM", "us201_modules", "18"),
        ("85414300", date(2026, 2, 6), "THA", "us201_modules", "14"),
        ("85414300", date(2026, 2, 7), "THA", "us201_modules", None),
        ("85414300", date(2024, 10, 15), "IDN", "us201_modules", None),  # note 18(b)
        ("8541430080", date(2024, 10, 15), "CHN", "us201_modules", None),
        ("84502000", date(2019, 6, 1), "CHN", "us201_washers", "45"),
        ("84501100", date(2023, 2, 7), "VNM", "us201_washers", "30"),
        ("84501100", date(2023, 2, 8), "VNM", "us201_washers", None),
    ],
)
def test_safeguards_by_day(
    house: Warehouse, code: str, on: date, origin: str, name: str, share: str | None
) -> None:
    assert layers(house, code, on, origin).get(name) == (share and D(share))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("code", "on", "said"),
    [
        ("84502000", date(2019, 6, 1), "18 % instead of 45 %"),
        ("85414300", date(2023, 6, 1), "bifacial"),
        ("85414200", date(2024, 10, 15), "14.25 % on crystalline silicon cells beyond a quota"),
        ("30049092", DAY, "patented medicines"),  # Proclamation 11020
        ("87163900", DAY, "chassis for containers"),  # HTSUS 9903.91.12
        ("84261900", DAY, "ship-to-shore gantry cranes bear 25 % and 100 % more"),
        ("88062200", DAY, "unmanned aircraft"),  # Proclamation of 2026-08-13
        ("85414300", date(2026, 12, 4), "least prices"),  # Proclamation of 2026-08-06
        ("68109900", DAY, "safeguard on quartz surface products"),
    ],
)
def test_what_the_code_does_not_decide_is_said_on_its_days(
    house: Warehouse, code: str, on: date, said: str
) -> None:
    assert said in cautions(house, code, on)
    assert said not in cautions(house, code, date(2017, 6, 1))


# ---- the rest ----


@cache
def _nothing() -> Warehouse:
    from tariff_house import tariff_house

    return tariff_house()


def test_a_remedy_is_not_told_before_it_was_opened() -> None:
    from offing.rules.remedies import measures_of, remedies

    assert not [
        remedy
        for code in ("25041010", "38011050")
        for remedy in remedies("USA", "CHN", code, date(2019, 6, 1))
        if remedy.kind == "investigation"
    ]
    assert remedies("USA", "CHN", "38011050", date(2025, 6, 1))
    assert all(remedy.when.since for remedy in measures_of("USA") or ())


def test_the_error_of_a_code_in_part_names_the_list_in_words() -> None:
    with pytest.raises(InputError) as caught:
        quote(asked("94036080", DAY, duties={"mfn": "Free"}), shipped(), _nothing())
    assert "us232_furniture" not in str(caught.value)
    assert "9403608093" in str(caught.value)


def quoted_with(folder: Path, status: str, **more: Any) -> QuoteAnswer:
    given: dict[str, Any] = {
        "on": date(2026, 11, 30), "price": "1000 ISK", "currency": "ISK", "freight": "100 ISK",
        "quantity": 1, "duty": "5%", "rules": law_file(folder, status=status),
    }  # fmt: skip
    return offing.quote("851660", "ISL", **given | more)


def test_both_sums_by_hand(tmp_path: Path) -> None:
    """1,100 × 5 % = 55; 1,100 × 10 % = 110; tax 24 % of 1,265 or of 1,155."""
    made = quoted_with(tmp_path, EXCEPTIONS_NOT_READ).quote
    assert made.landed == D("1568.60")  # 1,100 + 165 + 303.60
    assert made.duties == D("165.00")
    assert made.without is not None
    assert made.without.charges == ("safeguard",)
    assert (made.without.duties, made.without.duties_without) == (D("165.00"), D("55.00"))
    assert made.without.landed == D("1432.20")  # 1,100 + 55 + 277.20
    assert made.without.landed_before_recoverable == D("1155.00")
    said = dict(keyed(made.warnings))["landed.warn_exceptions"]
    assert (said["landed"], said["landed_without"]) == ("1,568.60", "1,432.20")


def test_a_price_that_holds_the_duty_has_another_margin_without_it(tmp_path: Path) -> None:
    """Duty paid, the landed cost stays: what the charge takes is in the price."""
    made = quoted_with(tmp_path, EXCEPTIONS_NOT_READ, term="DDP", price="2000 ISK").quote
    assert made.landed == D("2000.00")
    assert made.without is not None
    assert abs(made.without.landed - D("2000.00")) <= D("0.01"), "but for its rounding"
    assert made.without.duties_without < made.without.duties


@pytest.mark.parametrize(("on", "shown"), [(date(2027, 11, 1), False), (date(2027, 11, 2), True)])
def test_past_its_horizon_the_age_stands_beside_the_figure(
    tmp_path: Path, on: date, shown: bool
) -> None:
    """The tax was looked at on 2026-11-01, which is trusted for 365 days."""
    answer = quoted_with(tmp_path, "official", on=on, rates_age=999)
    with using_language("en"):
        told = "\n".join(map(str, view(answer)))
    assert ("official text, looked at 366 days before" in told) is shown
    keys = [key for key, _ in keyed(answer.quote.warnings)]
    assert keys.count("rules.warn_aged") == shown


TROUSERS = Shipment(
    "620342200", "JPN", date(2026, 3, 31), Decimal(10), "JPY", price=Money(Decimal(100000), "JPY"),
    freight=Money(Decimal(0), "JPY"),
)  # fmt: skip


def seen(request: Shipment) -> list[tuple[str, Decimal | None, Decimal]]:
    house = tariff_house()
    found = compare_preferences(request, shipped(), house, rates_of(request, house))
    return [(one.regime, None if one.duty is None else one.duty.amount, one.saved) for one in found]


def test_each_agreement_with_what_it_saves() -> None:
    assert seen(TROUSERS) == [
        ("mfn", Decimal(91000), Decimal(0)),
        ("rcep", Decimal(63000), Decimal(2800)),
    ]
    assert seen(replace(TROUSERS, preference="rcep")) == seen(TROUSERS)
    house = tariff_house()
    found = compare_preferences(TROUSERS, shipped(), house, rates_of(TROUSERS, house))
    assert [one.landed for one in found] == [109_100, 106_300], "of one pair"


def test_a_general_duty_of_one_s_own_is_that_of_the_first_alone() -> None:
    own = seen(replace(TROUSERS, duties={"mfn": "5%"}))
    assert own == [("mfn", Decimal(50000), Decimal(0)), ("rcep", Decimal(63000), Decimal(-1300))]


@pytest.mark.parametrize("status", ["official", "secondary", "recalled"])
def test_other_charges_have_one_sum(tmp_path: Path, status: str) -> None:
    made = quoted_with(tmp_path, status).quote
    assert made.without is None
    assert "landed.warn_exceptions" not in dict(keyed(made.warnings))


def test_nothing_where_no_agreement_is_loaded_for_the_origin_or_the_day() -> None:
    assert seen(replace(TROUSERS, origin="USA")) == []
    assert seen(replace(TROUSERS, product="852872", destination="DEU")) == []


def test_goods_that_do_not_pay_it_have_one_sum(tmp_path: Path) -> None:
    made = offing.quote(
        "640299", "ISL", on=date(2026, 11, 30), price="1000 ISK", currency="ISK", quantity=1,
        duty="5%", rules=law_file(tmp_path, status=EXCEPTIONS_NOT_READ),
    ).quote  # fmt: skip
    assert made.without is None


def test_a_charge_of_that_status_marks_its_rate(tmp_path: Path) -> None:
    """Its rate may be official: the line is not."""
    file = law_file(tmp_path)
    text = file.read_text(encoding="utf-8")
    name = 'name = "safeguard"'
    begin, end = text.split(name)
    file.write_text(
        begin + name + end.replace('"official"', f'"{EXCEPTIONS_NOT_READ}"', 1), "utf-8"
    )
    made = offing.quote("851660", "ISL", on=date(2026, 11, 30), price="1000 ISK", currency="ISK",
                 quantity=1, duty="5%", rules=file).quote  # fmt: skip
    line = next(line for line in made.lines if line.name == "safeguard")
    assert line.rule is not None
    assert line.rule.status == EXCEPTIONS_NOT_READ
    assert made.without is not None


@pytest.mark.parametrize("key", ["landed.partly_on_list", "landed.warn_without"])
def test_the_name_of_a_list_is_no_second_list(key: str) -> None:
    name = list_name("us301_2024_25")
    values = {"lists": name, "list": name, "codes": "", "example": "", "outside": ""}
    assert "list a list" not in say(key, code="85076000", **values)
