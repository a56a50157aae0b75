"""Files of a study by part: where a slip stands, what a field offers, what a firm hands in."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cautions import keyed
from offing.ladders.build import PANEL
from offing.planning.plan import UnclaimedPreference
from offing.study import markets, sales, share
from offing.study.costs import must_have_rates
from offing.study.edit import every_key, key_at, keys_of, required_keys
from offing.study.file import Study, codes_of_goods, place_text, read_study
from offing.study.inputs import StudyInputs, _must_earn, study_matters
from offing.study.result import Firm, LineResult, MarketResult, ProductResult, StudyResult, schema
from offing.study.schema import Limits, Line, Shape, shape_of
from offing.study.target import parse_target
from offing.study.template import _enough, answer_study, fill_in, key_of, toml_text, toml_value
from offing.study.unit_costs import add_given
from offing.study.value_types import _percent
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.messages import LANGUAGES, say, using_language
from plain_study import STUDY
from study.stand_ins import like, plain

D = Decimal
MODEL = STUDY[STUDY.index("[[model]]") : STUDY.index("[[plant]]")]
TWO = STUDY.replace(MODEL, MODEL + MODEL.replace("LX-55U", "LX-65U"))


def refused(tmp_path: Path, text: str) -> OffingError:
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(file)
    assert str(caught.value)
    return caught.value


SECOND = TWO.index("LX-65U")
LATE = "\n[stress]\nshocks = []\n"


@pytest.mark.parametrize(
    ("text", "slip", "key", "place"),
    [
        (TWO[:SECOND] + TWO[SECOND:].replace("kg = 16", "kg = -1"), "kg = -1", "study.bad_value",
         "[[model]] 2, kg"),
        (TWO.replace("kg = 16", "kg = -1", 1), "kg = -1", "study.bad_value", "[[model]] 1, kg"),
        (TWO[:SECOND] + TWO[SECOND:].replace("kg = 16", "gk = 16"), "gk = 16",
         "errors.unknown_name", "[[model]] 2, gk"),
        (STUDY.replace('"青岛"', '"青岛" # city\nfirm_class = 0'), "firm_class = 0",
         "study.bad_value", "[firm], firm_class"),
        (STUDY + "\n[limits]\nentry_share = 2\n", "entry_share = 2", "study.bad_value",
         "[limits], entry_share"),
        (STUDY.replace("hours = 60000", "hours = 0"), "hours = 0", "study.bad_value",
         "[[plant]] 1, line, 1, hours"),
        (TWO.replace("LX-65U", "LX-55U"), 'key = "LX-55U"', "study.bad_value", "[[model]] 2, key"),
        (STUDY + '\n[markets]\nmust_keep = ["FRA"]\nleave_out = ["FRA"]\n', "must_keep",
         "study.bad_value", "[markets], must_keep"),
        (STUDY + "\n[[channel]]\n[[channel]]\n", None, "study.bad_value", "[[channel]] 2, markets"),
        (STUDY + LATE, "shocks", "study.bad_value", "[stress], shocks"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_its_line(
    tmp_path: Path, text: str, slip: str | None, key: str, place: str
) -> None:
    error = refused(tmp_path, text)
    assert error.key == key
    assert error.where is not None
    assert error.where.key == place
    lines = [n for n, line in enumerate(text.splitlines(), 1) if slip and slip in line]
    wanted = lines[-1:] if "2" in place or len(lines) == 1 else lines[:1]
    assert error.where.row == (wanted[0] if wanted else None)


def test_places_of_a_file_in_words() -> None:
    with using_language("en"):
        assert place_text(("model", 0, "code")) == "[[model]] 1, code"
        assert place_text(("settlement", "held", 2, "until")) == "[settlement], held, 3, until"
        assert place_text(("on",)) == "on"


@pytest.mark.parametrize(
    ("first", "key"),
    [("", "missing_key"), ("schema = 1", "old_schema"), ("schema = 3", "other_schema"),
     ("product = 1", "old_schema")],
)  # fmt: skip
def test_schemas_of_a_file(tmp_path: Path, first: str, key: str) -> None:
    assert refused(tmp_path, STUDY.replace("schema = 2", first)).key == f"study.{key}"
    bare = STUDY.replace("[firm]", "[rate]")
    assert refused(tmp_path, bare).key == "study.is_reform"


def test_codes_of_a_study_that_is_not_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    models = ['code = "8528724000"', 'code = "73239300"', 'code = "later"', 'name = "x"']
    file.write_text("\n".join(f"[[model]]\n{line}" for line in models), encoding="utf-8")
    assert codes_of_goods(file) == codes_of_goods(tmp_path) == {"852872", "732393"}
    for text in ('model = 3\n[firm]\nname = "x"', '[[model]]\ncode = "later"', "model = [1]"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError):
            codes_of_goods(file)
    with pytest.raises(InputError) as caught:
        codes_of_goods(tmp_path / "none")
    assert caught.value.key == "study.no_file"


def test_what_a_field_of_the_form_says() -> None:
    def at(name: str) -> Any:
        return key_at(tuple(name.split(".")))

    assert at("firm.vat_status").name == "vat_status"
    assert (at("firm.firm_class").seldom, at("firm.vat_status").seldom) == (True, False)
    defaults = {
        "firm.vat_status": "manufacturer", "firm.firm_class": 2, "firm.name": None,
        "markets.leave_out": None, "markets.consider": "all", "shipping.insurance_rate": D("0.003"),
        "limits.worst_twentieth_cny": None, "duty": None, "ledger.keep_prices": False,
    }  # fmt: skip
    assert {name: at(name).default for name in defaults} == defaults
    with using_language("en"):
        field = at("shipping.inland_usd_per_m3")
        told = say("key.inland_usd_per_m3").split("\n", 1)
        assert [field.label, field.help] == told
        assert dict(at("firm.vat_status").options()) == {
            name: say(f"key.vat_status_{name}")
            for name in ("manufacturer", "trader", "small_scale")
        }  # fmt: skip
        terms = dict(at("settlement.terms").options())
        assert terms["sight_lc"] == say("settle.terms_sight_lc")
        assert ("split-2007", "split-2007") in at("markets.tiers").options()
        assert at("firm.city").options() == ()
    assert required_keys(Line) == ("key", "hours")
    assert next(key.path for key in keys_of(Limits, ("limits",))) == (
        "limits",
        "largest_market_share",
    )
    paths = [key.path for key in every_key()]
    assert len(paths) == len(set(paths))
    assert {("plant", "line", "hours"), ("entering", "market", "pilot_cny"), ("title",),
            ("ranges", "freight", "low")} <= set(paths)  # fmt: skip
    assert not {("firm",), ("plant", "line"), ("title", "en")} & set(paths)
    assert shape_of(list[int] | None) == Shape("whole", many=list)
    assert shape_of(dict[str, list[Decimal]]) == Shape("number", dict, "text", lists=True)


def test_an_entry_without_a_name_is_shown_in_part() -> None:
    for typed, shown in (("9" * 70, "9" * 60), (" 120 ", "120")):
        with pytest.raises(InputError) as caught:
            key_at(("settlement", "buyer_limits_cny")).read(typed)
        assert caught.value.values["text"] == shown
    for typed in ("1,200; 3", "1，200"):
        with pytest.raises(InputError):
            key_at(("ledger", "bands_usd")).read(typed)
    assert key_at(("ledger", "bands_usd")).read("0.5, 1200; 1300") == [D("0.5"), D(1200), D(1300)]
    with pytest.raises(InputError):
        key_at(("model", "market_prices_usd")).read("Germany 3; DEU 4")


def test_an_answer_that_the_whole_study_refuses_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        answer_study(tmp_path, {"model.0.line": "nowhere"})
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.key) == (file, "[[model]] 1, line")
    assert file.read_text("utf-8") == STUDY
    with pytest.raises(InputError) as caught:
        answer_study(tmp_path / "none", {})
    assert caught.value.key == "study.no_file"


def test_answers_of_several_models_stand_each_at_its_own() -> None:
    waits = TWO.replace("kg = 16", "#? kg = # of a packed unit")
    filled = fill_in(waits, {"model.1.kg": "18"})
    assert filled.count("#? kg = # of a packed unit") == 1
    assert filled.index("#? kg") < filled.index("kg = 18 # of a packed unit")
    usual = STUDY.replace("inland_usd_per_m3 = 6.50", "#? inland_usd_per_m3 = # inland")
    for typed in ("6.5", "6.6"):  # also what an example has is the firm's own
        filled = fill_in(usual, {"inland_usd_per_m3": typed})
        assert f"inland_usd_per_m3 = {typed} # inland" in filled
    assert toml_text('a"b\\c\nd') == '"a\\"b\\\\c d"'
    assert toml_value({"a": [True, "x", D("1.50")]}) == '{ "a" = [true, "x", 1.50] }'
    keys = [key_of(name) for name in ("?" * 50, "x" * 50, " a/b  c ", "-y-", "S1.5")]
    assert keys == ["model", "x" * 40, "a-b-c", "y", "S1-5"]


def test_what_a_person_says_comes_before_the_ledger() -> None:
    """Of a nothing is said of its weight, b is named by its label, and c is not in the table."""
    lines = pl.DataFrame({"name": ["a", "b2", "c"], "kg": [1.0, 2.0, 3.0]})
    given = pl.DataFrame({
        "name": ["a", "b"], "kg": [None, 9.0], "cost_cny": [7.0, 8.0], "input_vat_cny": [None] * 2,
        "m3": [None] * 2, "refund_rate": [None] * 2,
    })  # fmt: skip
    label = pl.col("name").str.slice(0, 1)
    found, headings = add_given(lines, {"kg": "重量"}, given, label)
    assert found.rows(named=True) == [
        {"name": "a", "kg": 1.0, "cost_cny": 7.0}, {"name": "b2", "kg": 9.0, "cost_cny": 8.0},
        {"name": "c", "kg": 3.0, "cost_cny": None},
    ]  # fmt: skip
    assert headings == {"kg": "", "cost_cny": ""}


def test_models_without_a_refund_rate_are_named_together(tmp_path: Path) -> None:
    first = plain().model[0]
    on, bare = date(2024, 12, 31), {"refund_rate": None}
    models = [first.model_copy(update=bare | {"key": key, "code": code})
              for key, code in (("A", "999001"), ("B", "999002"))]  # fmt: skip
    with pytest.raises(InputError) as caught:
        must_have_rates([first, *models], on, [], tmp_path)
    error = caught.value
    assert (error.values["models"], error.where and error.where.key) == (
        "A, B",
        "[[model]] 2, refund_rate",
    )
    assert "999001" in str(error.values["reason"])
    must_have_rates([first], on, [], tmp_path)


def world(**parts: Any) -> StudyInputs:
    given = dict.fromkeys(("warehouse", "laws", "rates", "history", "km", "groups"))
    inputs: dict[str, Any] = {"file": Path("home/study.toml"), "study": plain(), "ledger": None}
    return StudyInputs(**{**given, **inputs, **parts})


def test_a_line_without_a_rate_names_its_file_and_row() -> None:
    """The second line has none; two of its currency have none."""
    lines = pl.DataFrame({"row": [4, 5, 6], "currency": ["USD", "XXX", "XXX"],
                          "on": [date(2024, 1, 2)] * 3, "usd": [1.0, None, None]})  # fmt: skip
    own = plain().model_copy(update={"ledger": like(file=Path("sales.csv"))})
    for study, file in ((plain(), None), (own, Path("home/sales.csv"))):
        with pytest.raises(MissingDataError) as caught:
            world(study=study).must_be_rated(lines)
        error = caught.value
        assert error.key == "study.ledger_no_rate"
        assert error.where is not None
        assert (error.where.file, error.where.row) == (file, 5)
        assert (error.values["currency"], error.values["count"]) == ("XXX", 2)
    world().must_be_rated(lines.head(1))


def test_a_cost_above_every_price_is_refused() -> None:
    """7 yuan a dollar: 2,240 of the usual price, 2,800 of the one in Germany."""
    rates: Any = like(convert=lambda amount, *_: amount * 7)
    first = plain().model[0]

    def study(cost: str, **prices: Decimal) -> Study:
        told = {"cost_cny": D(cost), "market_prices_usd": prices}
        return plain().model_copy(update={"model": [first, first.model_copy(update=told)]})

    _must_earn(study("2239.99"), rates, Path("x"))
    _must_earn(study("2799.99", DEU=D(400)), rates, Path("x"))
    for made in (study("2240"), study("2800", DEU=D(400))):
        with pytest.raises(InputError) as caught:
            _must_earn(made, rates, Path("x"))
        assert caught.value.where is not None
        assert caught.value.where.key == "[[model]] 2, cost_cny"


def test_goods_of_a_study_in_its_markets() -> None:
    """The importer's own code, else that of all importers, else the model's; not at home, but for
    a firm in China, whose refund is a matter there."""
    book = like(destinations=lambda: ["DEU", "GBR", "CHN", "FRA"],
                regime=lambda at: like(importer="EUR" if at != "GBR" else "GBR"))  # fmt: skip
    laws: Any = like(rulebook=book)

    def goods(origin: str, codes: dict[str, str], named: Any = "all") -> list[tuple[str, str]]:
        base = plain()
        told = {
            "model": [base.model[0].model_copy(update={"national_codes": codes})],
            "firm": base.firm.model_copy(update={"origin": origin}),
            "markets": base.markets.model_copy(update={"consider": named, "leave_out": ["FRA"]}),
        }  # fmt: skip
        matters = study_matters(base.model_copy(update=told), laws)
        assert {(m.on, m.origin) for m in matters} == {(base.on, origin)}
        return [(m.country, str(m.code)) for m in matters]

    own = {"EUR": "85287240", "HS": "852872"}
    assert goods("CHN", own) == [("DEU", "85287240"), ("GBR", "852872"), ("CHN", "85287240")]
    assert goods("GBR", {}) == [("DEU", "8528"), ("CHN", "8528")]
    assert goods("VNM", {}, ["FRA", "GBR"]) == [("GBR", "8528"), ("CHN", "8528")]


def test_markets_that_import_nothing_are_named() -> None:
    """The first eight of those considered; where none is left, a dash."""
    trade = pl.DataFrame({"year": [2020, 2020], "importer": ["CHN", "DEU"]})
    warehouse = like(trade_set=lambda *_: "made", flows=lambda *_, **__: trade)

    def said(**told: Any) -> str:
        looked = plain().markets.model_copy(update={"year": 2020, **told})
        study = plain().model_copy(update={"markets": looked})
        with pytest.raises(OffingError) as caught:
            markets.imports_of(world(study=study, warehouse=warehouse), study.model[0])
        return f"{caught.value.key} {caught.value.values.get('markets')}"

    nine = ["FRA", "GBR", "ITA", "ESP", "PRT", "POL", "USA", "MEX", "VNM"]
    assert said(consider=nine) == "study.no_markets ESP, FRA, GBR, ITA, MEX, POL, PRT, USA"
    assert said(consider="all", leave_out=["DEU"]) == "study.no_markets —"
    assert said(must_keep=["FRA", "DEU"]) == "study.must_keep_no_trade FRA"
    assert said(consider=["USA"], leave_out=["USA"]) == "study.all_left_out USA"
    early = plain().model_copy(update={"on": date(2019, 12, 31)})
    with pytest.raises(MissingDataError) as caught:
        markets.imports_of(world(study=early, warehouse=warehouse), early.model[0])
    assert (caught.value.key, caught.value.values["first"]) == ("study.no_year", 2020)


def test_a_panel_beside_customs_by_hand() -> None:
    """10 sets at 300 and 30 at 500 are 450 on the shelf; ours costs 400 there and 200 at CIF: 225,
    a quarter above the 180 of customs."""
    panel = like(dataset=PANEL, basis="shelf", suppliers=[
        like(unit_value=300.0, quantity=10.0), like(unit_value=500.0, quantity=30.0),
        like(unit_value=None, quantity=9.0), like(unit_value=9.0, quantity=None),
    ])  # fmt: skip
    customs = like(basis="cif", coverage=0.625, suppliers=[like(unit_value=180.0, quantity=2.0)])
    quote = like(landed_before_recoverable=D(600), landed=D(720), quantity=D(2))
    cost: Any = like(fob_usd=D(190), cif_usd=D(200), quote=quote)

    def notes(ladder: Any, beside: Any) -> list[tuple[str, dict[str, Any]]]:
        standing: Any = markets.Standing(cost, ladder, None, 0.1)
        return keyed(markets.panel_notes(like(customs={"DEU": beside}), {"DEU": standing}))

    [(key, said)] = notes(panel, customs)
    assert key == "study.note_panel"
    assert said == {"market": "DEU", "panel": "225", "customs": "180", "coverage": "62%",
                    "gap": "+25%"}  # fmt: skip
    assert notes(None, customs) == notes(panel, None) == notes(customs_like(panel), customs) == []
    assert notes(panel, like(basis="cif", coverage=1.0, suppliers=[])) == []
    levels = {"fob": 190.0, "cif": 200.0, "landed": 300.0, "shelf": 300 / 0.9 * 1.2}
    for level, price in levels.items():
        assert markets.price_at(cost, level, 0.1) == pytest.approx(price)  # type: ignore[arg-type]
    bare: Any = like(fob_usd=D(190), cif_usd=D(200), quote=None)
    assert [markets.price_at(bare, at, 0.1) for at in ("cif", "landed")] == [200.0, None]


def customs_like(panel: Any) -> Any:
    """The same ladder of another data set."""
    return like(dataset="baci", basis=panel.basis, suppliers=panel.suppliers)


def test_names_of_a_result() -> None:
    line = LineResult("main", "home", "CHN", "Main line", "主线", 60.0)
    made: Any = like(lines=(line,))
    assert StudyResult.line_name(made, "main", "en") == "Main line"
    assert StudyResult.line_name(made, "main", "zh") == "主线"
    assert StudyResult.line_name(made, "other", "zh") == "other"
    firm = Firm("Firm", "企业", "CHN", "Qingdao", "青岛", made_up=False)
    assert (firm.name("zh"), firm.city("en")) == ("企业", "Qingdao")
    assert ProductResult.name(like(name_en="TV", name_zh="电视"), "zh") == "电视"
    assert MarketResult("DEU", None, (), None, None, None, None).refund_usd == 0.0
    text = schema()
    assert text.startswith('{\n  "')
    assert text.endswith("}\n")
    assert json.loads(text)["type"] == "object"


def test_the_folder_of_a_run_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sales of two models of one heading add up to two digits; a run that was edited is refused."""
    rows = [like(product="A", market="DEU", sales_now_usd=1234567.0),
            like(product="B", market="DEU", sales_now_usd=1e6)]  # fmt: skip
    claim = UnclaimedPreference("A", "VNM", "RCEP", {}, 0.1, 0.0, 1234.0)
    move = like(kind="enter", product="B", market="POL")
    decided = like(without_sales=False, preferences=(claim,), moves=(move,), pilots=())
    goods = [like(product="A", code="852872"), like(product="B", code="852849")]
    made = like(
        products=goods, firm=like(name_zh="企业", name_en="Firm"), decided=decided,
        plan=like(rows=rows, capacity_used=(("x", 0.25),), outside=(("", 9e9), ("ARE", 5e4))),
        on=date(2026, 10, 31),
    )  # fmt: skip
    monkeypatch.setattr(share, "from_json", lambda text: made if text == "{}" else json.loads(text))

    def error() -> str:
        with pytest.raises(InputError) as caught:
            share.read_result(tmp_path)
        return caught.value.key

    assert error() == "firms.not_run"
    (tmp_path / "result.json").write_text("{}", encoding="utf-8")
    assert error() == "firms.unreadable", "no manifest"
    seal = {"result": {"sha256": hashlib.sha256(b"{}").hexdigest()}}
    (tmp_path / "manifest.json").write_text(json.dumps(seal), encoding="utf-8")
    line = share.read_result(tmp_path)
    assert (line.firm, line.name_en, line.on) == ("企业", "Firm", date(2026, 10, 31))
    assert line.sales == (("8528", "ARE", 5e4), ("8528", "DEU", 2200000.0))
    assert (line.wanted, line.spare) == ((("8528", "POL"),), 0.75)
    assert line.unclaimed == (("8528", "VNM", 1200.0, True),)
    made.decided.without_sales, made.firm.name_en = True, "企业"
    line = share.read_result(tmp_path)
    assert (line.sales, line.name_en) == (None, "")
    made.decided.without_sales, goods[1].code = False, "850760"
    assert error() == "firms.no_heading", "the plan's other markets do not say their goods"
    made.plan.outside = ()
    made.plan.rows[0].market = "Atlantis"
    assert error() == "firms.unreadable"
    (tmp_path / "result.json").write_text("[]", encoding="utf-8")
    assert error() == "firms.edited"


@pytest.mark.parametrize("text", ["sales 2.000 USD", "2.000 USD", "利润 2.000 CNY"])
def test_a_target_of_two_or_of_two_thousand_is_asked(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_target(text)
    assert caught.value.key == "money.thousand_or_one"
    for lang in LANGUAGES:
        with using_language(lang):
            assert "2.000" in str(caught.value)


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ([5.0] * 12, 12), ([5.0] * 13, 12),  # few: all; many alike: the most
        ([950.0, *[50 / 12] * 12], 1), ([940.0, *[60 / 12] * 12], 3),
        ([500.0, 450.0, *[50 / 12] * 12], 2), ([500.0, 450.0, *[50 / 12] * 12, -500.0], 2),
        ([0.6, 0.35, *[0.05 / 12] * 12], 2),
    ],
)  # fmt: skip
def test_models_that_have_nearly_all_of_a_ledger(sizes: list[float], kept: int) -> None:
    assert _enough(sizes) == kept


NOW = {"USD": Decimal(1), "EUR": Decimal("1.2")}
"""Dollars for one on the study's day; of yen there is no rate then."""
LINES = [
    ("DEU", date(2024, 6, 1), "EUR", 100.0, 10.0, 110.0),  # 11 dollars a piece
    ("DEU", date(2023, 12, 31), "USD", 999.0, 10.0, 999.0),  # a year ago: not now
    ("DEU", date(2024, 12, 31), "USD", 500.0, 5.0, 500.0),  # 100 a piece: of another tier
    ("DEU", date(2025, 1, 1), "USD", 777.0, 7.0, 777.0),  # to come
    ("FRA", date(2024, 1, 1), "USD", 50.0, 0.0, 50.0),  # no count, no price
    ("JPN", date(2024, 6, 1), "JPY", 9000.0, 3.0, 70.0),
]


def sold_world(*named: str) -> Any:
    columns = ["market", "on", "currency", "amount", "quantity", "usd"]
    lines = pl.DataFrame(LINES, schema=columns, orient="row").with_columns(key=pl.lit("A"))

    def convert(amount: Decimal, code: str, _: str) -> Decimal:
        if code not in NOW:
            raise MissingDataError("landed.no_rate")
        return amount * NOW[code]

    return like(
        study=like(on=date(2024, 12, 31)), model_sales=lines, named_models=set(named),
        must_be_rated=lambda _: None, rates=like(convert=convert),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _histories(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history is what its lines sum to; nothing is delivered otherwise than FOB."""

    def histories(lines: pl.DataFrame, facts: Any, on: date, to_fob: Any) -> dict[str, Any]:
        recent = lines.filter(pl.col("on").is_between(date(2024, 1, 1), on))
        sums = recent.group_by("market").agg(pl.col("usd_now").sum())
        return {market: like(sales_now_usd=usd) for market, usd in sums.iter_rows()}

    monkeypatch.setattr(sales, "sales_histories", histories)
    monkeypatch.setattr(sales, "_to_fob", lambda *_: ({}, ("JPN",)))


def standings(low: float | None, high: float | None) -> Any:
    return {"DEU": like(tier_fob=(low, high)), "ITA": like(tier_fob=(None, None))}


def test_of_a_model_that_the_ledger_names_all_prices_count() -> None:
    own = sales.sales_of(sold_world("A"), like(key="A"), standings(5.0, 20.0))
    assert own.now == {"DEU": pytest.approx(620.0), "ITA": 0.0}
    assert own.other_markets == {"FRA": 50.0, "JPN": 70.0}
    assert (own.other_tiers_usd, own.at_invoice, own.by_key) == (0.0, ("JPN",), True)
    assert own.usd == pytest.approx(740.0)


@pytest.mark.parametrize(
    ("low", "high", "now"),
    [(5.0, 20.0, 120.0), (11.0, 100.0, 120.0), (11.5, None, 500.0), (None, 100.5, 620.0),
     (None, None, 620.0), (200.0, 300.0, 0.0)],
)  # fmt: skip
def test_of_a_code_alone_those_of_its_tier_count(
    low: float | None, high: float | None, now: float
) -> None:
    own = sales.sales_of(sold_world(), like(key="A"), standings(low, high))
    assert own.now == {"DEU": pytest.approx(now), "ITA": 0.0}
    assert own.other_markets == {"FRA": 50.0, "JPN": 70.0}
    assert own.other_tiers_usd == pytest.approx(620.0 - now)
    assert not own.by_key
    assert own.usd == pytest.approx(740.0)


def test_a_model_without_a_line_sells_nothing() -> None:
    own = sales.sales_of(sold_world("B"), like(key="B"), standings(None, None))
    assert (own.now, own.other_markets, own.usd) == ({"DEU": 0.0, "ITA": 0.0}, {}, 0.0)


def test_a_share_in_quotes_is_one_up_to_a_whole() -> None:
    assert [_percent(text) for text in ("0.13", "13%", "1", "101%", "0")] == [
        Decimal(text) for text in ("0.13", "0.13", "1", "1.01", "0")
    ]
    assert _percent(0.5) == 0.5
    for text in ("1.01", "13"):
        with pytest.raises(InputError) as caught:
            _percent(text)
        assert caught.value.key == "study.percent_sign"
