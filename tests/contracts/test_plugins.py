"""What another package adds is found by its entry points; what fails is named and ends nothing."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import offing
from cautions import keyed
from market_world import distances, flows
from offing.forecast import scores
from offing.forecast.backtest.run import Design, backtest
from offing.landed.charges import Context, assessment
from offing.market.history import History
from offing.policy.shock_file import shocks
from offing.report import write_report
from offing.rules.duty_text import duty_of_user
from offing.rules.regime_file import shipped
from offing.rules.rule_use import RuleUse
from offing.rules.tariff import Tariff
from offing.study.manifest import manifest
from offing.terms import messages, plugins
from offing.terms.messages import say, using_language
from report_example import example

HERE = Path(__file__).resolve().parents[1] / "plugin_example"


def forget() -> None:
    for cached in (plugins.plugins, plugins._points, messages._plugin_messages, shipped, shocks):
        cached.cache_clear()
    plugins._failed.clear()


@pytest.fixture(autouse=True)
def _acme_is_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with a ``dist-info`` on the path is an installed package."""
    monkeypatch.syspath_prepend(str(HERE))
    forget()
    yield
    forget()
    for name in [name for name in sys.modules if name.startswith("acme_trade")]:
        del sys.modules[name]


def failed() -> set[str]:
    return {values["plugin"] for _, values in keyed(plugins.plugin_cautions())}


def test_a_source_loads_and_one_that_is_broken_is_named(tmp_path: Path) -> None:
    file = tmp_path / "acme.parquet"
    row = {"year": 2020, "product": "8528", "importer": "DEU", "exporter": "CHN", "value_usd": 5.0}
    row |= {"cif_usd": None, "kg": None, "items": None, "observed": "source"}
    pl.DataFrame([row]).write_parquet(file)
    answer = offing.load("acme", file, warehouse=tmp_path / "house")
    assert answer.report.load.good == 1
    assert [key for key, _ in keyed(answer.cautions)] == ["errors.plugin_failed"]
    held = offing.loaded(warehouse=tmp_path / "house")
    assert held.holdings[0].publisher == "Acme"
    assert {"acme-gone"} == failed()
    with using_language("zh"):
        assert "已略过" in say("errors.plugin_failed", **held.cautions[0].values)
        assert "Acme 统计的贸易" in str(held._repr_html_())


def test_a_regime_is_in_the_rulebook_and_its_case_holds() -> None:
    regime = shipped().regimes["ISL"]
    free = Tariff(duty_of_user("0"), RuleUse("user", "", None, None, "", "user"))
    context = Context(
        "ISL", date(2024, 6, 3), "CHN", "sea", {"mfn": free, "ipi": free}, frozenset()
    )
    for case in regime.cases:
        bill = assessment(shipped(), context).of(case.inputs, case.quantities)
        assert {name: bill.amount(name) for name in case.expected} == dict(case.expected)
    assert failed() == {"acme-again"}, "an importer that is there already"


def test_a_score_is_measured_and_one_that_fails_is_left_out() -> None:
    history = History.of(flows(), distances=distances())
    assert {"acme_momentum", "acme_broken"} <= set(scores.names())
    design = Design(
        origins=[history.years[-3]], rivals=["acme_momentum", "acme_broken"], draws=2, parts=False
    )
    tried = {s.rival for s in backtest(history, horizon=1, dataset="x", design=design).scores}
    assert "acme_momentum" in tried
    assert "acme_broken" not in tried
    assert "acme_broken" in failed()
    assert say("market.rival_acme_momentum") == "momentum (Acme)"


def test_a_section_is_on_the_page_and_the_notes_name_one_that_fails() -> None:
    page = write_report(example(), "en")
    assert "Acme counted" in page
    assert "acme has nothing to say" in page
    assert page.index("Acme counted") < page.index("acme has nothing to say")


def test_nothing_is_looked_up_before_a_registry_is_asked() -> None:
    code = (
        "import sys, importlib.metadata as m; m.entry_points = None; "
        "from offing.cli.app import run; sys.exit(run(['--help']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_shock_is_found_by_name_and_one_without_a_file_is_named() -> None:
    assert shocks()["acme-strike"].file.closed[0].weeks == 2
    assert "us-tariffs-2018" in shocks()
    assert "acme-gone" in failed()


def test_a_manifest_tells_a_run_with_plug_ins_from_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "study.toml"
    study.write_text("", encoding="utf-8")
    result = example()

    def noted() -> list[dict[str, str]]:
        notes = manifest(result, study_file=study, inputs=[], seed=1, lang="en")
        return [one for one in notes["plugins"] if one["package"] == "acme-trade"]

    scores.names()
    shocks()
    told = noted()
    assert {"offing.scores", "offing.shocks", "offing.regimes"} <= {one["group"] for one in told}
    assert {one["version"] for one in told} == {"1.0"}
    assert ("offing.shocks", "acme-gone") not in {(one["group"], one["name"]) for one in told}
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(HERE)])
    forget()
    assert noted() == []


def test_of_two_plug_ins_of_one_name_the_first_is_the_active_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = tmp_path / "zeta-2.0.dist-info"
    twin.mkdir()
    (twin / "METADATA").write_text("Metadata-Version: 2.1\nName: zeta\nVersion: 2.0\n")
    (twin / "entry_points.txt").write_text("[offing.scores]\nacme_momentum = zeta.momentum\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    scores.names()
    active = {(one["name"], one["package"]) for one in plugins.active_plugins()}
    assert ("acme_momentum", "acme-trade") in active
    assert ("acme_momentum", "zeta") not in active
    assert failed() >= {"zeta.momentum"}
