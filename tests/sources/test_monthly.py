"""Months of three offices: one row a month, whatever their files do to them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from offing.sources import comexstat, comtrade_monthly, gacc, us_monthly
from offing.sources.monthly_rows import read_month
from offing.sources.staging import Staging
from offing.terms.errors import InputError
from offing.warehouse import Warehouse, load
from offing.warehouse.trade import months_below

GACC = "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,美元,\n"
CENSUS = "CTY_CODE,CTY_NAME,I_COMMODITY,GEN_VAL_MO,YEAR,MONTH\n"


def staged(tmp_path: Path) -> Staging:
    folder = tmp_path / "staging"
    folder.mkdir()
    return Staging(folder)


def written(staging: Staging) -> pl.DataFrame:
    keys = ["year", "month", "direction", "partner", "product"]
    return pl.concat([pl.read_parquet(part.file) for part in staging.parts]).sort(keys)


def query(*lines: str) -> str:
    return GACC + "".join(f"{line},\n" for line in lines)


class TestMonthsAsWritten:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("202401", (2024, 1, False)), ("2024-1", (2024, 1, False)),
            ("2024/12", (2024, 12, False)), ("2024年3月", (2024, 3, False)),
            ("March 2024", (2024, 3, False)), ("2024年1-6月", (2024, 6, True)),
            ("2024年1至6月累计", (2024, 6, True)), ("202401-202406", (2024, 6, True)),
        ],
    )  # fmt: skip
    def test_is_read(self, text: str, found: tuple[int, int, bool]) -> None:
        assert read_month(text) == found


class TestGacc:
    def read(self, tmp_path: Path, text: str, **options: object) -> Staging:
        path = tmp_path / "query.csv"
        path.write_bytes(text.encode("gb18030"))
        staging = staged(tmp_path)
        gacc.read([path], staging, **{"flow": "export", **options})  # type: ignore[arg-type]
        return staging

    def test_sums_from_january_on_that_say_so_become_months(self, tmp_path: Path) -> None:
        lines = [f"20240{m},85076000,a,502,美国,1,千克,{100 * m * m}" for m in (1, 2, 3, 5)]
        staging = self.read(tmp_path, query(*lines).replace("美元", "1至当月累计（美元）"))
        assert written(staging).select("month", "value").rows() == [
            (1, 100.0),
            (2, 300.0),
            (3, 500.0),
        ]
        # May alone is not known without April's sum.
        assert staging.skipped == {"sources.skipped_gap": 1}
        assert [note.key for note in staging.notes] == ["sources.note_cumulated"]

    def test_sums_that_do_not_say_so_are_asked_for(self, tmp_path: Path) -> None:
        lines = [f"20240{m},85076000,a,502,美国,1,千克,{100 * m}" for m in range(1, 7)]
        with pytest.raises(InputError) as refused:
            self.read(tmp_path, query(*lines))
        assert refused.value.key == "sources.looks_cumulated"
        assert refused.value.where is not None
        assert refused.value.where.row == 2
        for said, june in ((True, 100.0), (False, 600.0)):
            folder = tmp_path / str(said)
            folder.mkdir()
            rows = written(self.read(folder, query(*lines), cumulated=said))
            assert rows.filter(pl.col("month") == 6)["value"].to_list() == [june]

    def test_totals_and_returned_goods_are_left_out_and_unknown_names_quarantined(
        self, tmp_path: Path
    ) -> None:
        staging = self.read(
            tmp_path,
            query(
                "202401,85076000,a,000,合计,1,千克,99",
                "202401,85076000,a,142,中国,1,千克,3",
                "202401,85076000,a,999,某地,1,千克,3",
                "202401,8507600,a,502,美国,1,千克,3",
                "202413,85076000,a,502,美国,1,千克,3",
                "202402,85076000,a,502,美国,1,千克,无",
                "202401,85076000,a,502,美国,1,千克,3",
            ),
        )
        assert staging.skipped == {"sources.skipped_group": 1, "sources.skipped_returned": 1}
        assert staging.reasons == {
            "sources.unknown_country": 1,
            "sources.lost_zero": 1,
            "sources.bad_month": 1,
            "sources.bad_value": 1,
        }
        assert written(staging).height == 1

    def test_a_row_of_all_modes_or_places_beside_single_ones_is_a_sum(self, tmp_path: Path) -> None:
        head = "数据年月,商品编码,贸易伙伴名称,贸易方式编码,贸易方式名称,注册地,美元\n"
        rows = (
            "10,一般贸易,山东省,3",
            "15,进料加工,山东省,2",
            ",合计,山东省,5",
            "10,一般贸易,全国,3",
        )
        text = head + "".join(f"202401,850760,美国,{row}\n" for row in rows)
        staging = self.read(tmp_path, text + "202402,850760,美国,,合计,山东省,7\n")
        assert written(staging)["value"].to_list() == [5.0, 7.0], "where it is alone it counts"
        assert staging.skipped == {"reference.total_line": 2}
        few = next(note for note in staging.notes if note.key == "sources.few_places")
        assert few.values["places"] == "山东省"


V1 = (
    "typeCode,freqCode,refYear,refMonth,period,reporterCode,reporterISO,flowCode,partnerCode,"
    "partnerISO,partner2Code,classificationCode,cmdCode,customsCode,mosCode,motCode,netWgt,"
    "primaryValue\n"
)


def v1(period: str, partner: str, value: float, freq: str = "M") -> str:
    number = {"CHN": 156, "JPN": 392}[partner]
    return (
        f"C,{freq},{period[:4]},{period[4:]},{period},276,DEU,M,{number},{partner},0,H6,850760,"
        f"C00,0,0,12,{value}\n"
    )


class TestComtrade:
    def read(self, tmp_path: Path, *texts: str) -> Staging:
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"{number}.csv")
            paths[-1].write_text(text, encoding="utf-8")
        staging = staged(tmp_path)
        comtrade_monthly.read(paths, staging)
        return staging

    def test_the_interface_with_frequency_m(self, tmp_path: Path) -> None:
        text = V1 + v1("202401", "CHN", 10) + v1("202402", "JPN", 7.5)
        rows = written(self.read(tmp_path, text))
        assert rows.select("year", "month", "direction", "reporter", "partner", "value").rows() == [
            (2024, 1, "import", "DEU", "CHN", 10.0),
            (2024, 2, "import", "DEU", "JPN", 7.5),
        ]


class TestUnitedStates:
    def read(self, tmp_path: Path, text: str, **options: object) -> Staging:
        path = tmp_path / "us.csv"
        path.write_text(text, encoding="utf-8")
        staging = staged(tmp_path)
        us_monthly.read([path], staging, **options)  # type: ignore[arg-type]
        return staging

    def test_the_census_interface(self, tmp_path: Path) -> None:
        text = CENSUS + (
            '5700,CHINA,8507600020,"1,000",2024,01\n5800,"KOREA, SOUTH",8507600020,5,2024,01\n'
            "5700,CHINA,8507600010,500,2024,01\n-,TOTAL FOR ALL COUNTRIES,8507600020,9,2024,01\n"
            "0014,PACIFIC RIM COUNTRIES,8507600020,9,2024,01\n"
        )
        staging = self.read(tmp_path, text)
        assert written(staging).select("direction", "partner", "product", "value").rows() == [
            ("import", "CHN", "850760", 1_500.0),
            ("import", "KOR", "850760", 5.0),
        ]
        assert staging.skipped == {"sources.skipped_group": 2}


BRAZIL = "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;KG_LIQUIDO;VL_FOB\n"


class TestBrazil:
    def read(self, tmp_path: Path, text: str, name: str = "EXP_2024.csv", **said: str) -> Staging:
        path = tmp_path / name
        path.write_text(text, encoding="latin-1")
        staging = staged(tmp_path)
        comexstat.read([path], staging, **said)  # type: ignore[arg-type]
        return staging

    def test_states_ways_and_offices_are_added_up(self, tmp_path: Path) -> None:
        text = BRAZIL + (
            "2024;1;09011110;21;249;SP;1;817800;10;100\n2024;1;09011110;21;249;MG;1;817800;20;50\n"
            "2024;1;9011190;21;249;SP;1;717600;5;7\n2024;1;09011110;21;023;SP;1;817800;1;9\n"
        )
        rows = written(self.read(tmp_path, text))
        assert rows.select("direction", "partner", "product", "value", "kg").rows() == [
            ("export", "DEU", "090111", 9.0, 1.0),
            ("export", "USA", "090111", 157.0, 35.0),
        ]


class TestWarehouse:
    def house(self, tmp_path: Path, name: str, text: str, **options: object) -> Path:
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        load("gacc", [path], tmp_path / "house", flow="export", **options)  # type: ignore[arg-type]
        return tmp_path / "house"

    def test_of_a_month_in_two_loads_the_later_one_counts(self, tmp_path: Path) -> None:
        self.house(
            tmp_path,
            "first",
            query("202401,850760,a,502,美国,1,千克,100", "202402,850760,a,502,美国,1,千克,50"),
        )
        path = tmp_path / "second.csv"
        path.write_text(
            query("202402,850760,a,502,美国,1,千克,60", "202403,850760,a,502,美国,1,千克,70"),
            encoding="utf-8",
        )
        load("gacc", [path], tmp_path / "house", flow="export")
        found, *_ = months_below(Warehouse.open(tmp_path / "house"), "8507", date(2025, 1, 1))
        assert found["value_usd"].to_list() == [100.0, 60.0, 70.0]

    def test_months_after_the_day_are_not_seen(self, tmp_path: Path) -> None:
        lines = [f"20240{m},850760,a,502,美国,1,千克,{10 + m % 2}" for m in (1, 2, 3)]
        house = Warehouse.open(self.house(tmp_path, "one", query(*lines)))
        assert months_below(house, "8507", date(2024, 3, 31))[0]["month"].to_list() == [1, 2]
        assert months_below(house, "8507", date(2024, 4, 1))[0]["month"].to_list() == [1, 2, 3]
        assert months_below(house, "8528", date(2024, 4, 1))[0].is_empty()

    def test_yuan_become_dollars_by_the_mean_rate_of_the_month(self, tmp_path: Path) -> None:
        text = query("202401,850760,a,502,美国,1,千克,710").replace("美元", "人民币")
        rates = pl.DataFrame(
            {
                "on": [date(2024, 1, 2), date(2024, 1, 3)] * 2,
                "currency": ["USD", "USD", "CNY", "CNY"],
                "per_eur": [1.0, 1.2, 7.7, 7.9],
            }
        )
        house = Warehouse.open(self.house(tmp_path, "yuan", text))
        with_rates = Warehouse.from_frames(house, fx_rates=rates)
        (usd,) = months_below(with_rates, "8507", date(2025, 1, 1))[0]["value_usd"]
        assert usd == pytest.approx(710 * 1.1 / 7.8)
