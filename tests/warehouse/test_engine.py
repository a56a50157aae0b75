"""An engine is asked for by its address; nobody else meets Spark. See also ``tests/cluster``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import offing
from offing.cli.app import run
from offing.terms.errors import InputError
from offing.terms.tables import Flows
from offing.warehouse import Warehouse, spark
from offing.warehouse.store import starter_folder

UNKNOWN = ["hdfs://host", "local[two]", "spark://", "sc:host", "", 3]


@pytest.mark.parametrize("engine", UNKNOWN)
def test_what_is_no_address_is_refused(engine: str | int) -> None:
    with pytest.raises(InputError) as error:
        Warehouse.open(starter_folder(), engine=engine)
    assert error.value.key == "engine.unknown"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    monkeypatch.setenv("OFFING_ENGINE", "local[1]")
    with pytest.raises(InputError) as error:
        offing.ladder("8528", "Germany")
    assert (error.value.key, error.value.values) == ("engine.needs", {"package": "pyspark"})
    assert offing.ladder("8528", "Germany", engine="home").work is None


def test_spark_reads_each_number_as_one() -> None:
    """Without Java: the columns of flows as a cluster is told to read them."""
    names = {"Int16": "SMALLINT", "Float64": "DOUBLE"}
    kinds = Flows.create_empty().schema
    assert {
        name: names[str(kind)] for name, kind in kinds.items() if str(kind) in names
    } == spark.TYPES


def test_an_address_of_flows_needs_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError) as error:
        offing.ladder("8528", "Germany", flows="s3a://trade/flows")
    assert error.value.key == "engine.address"
    assert run(["ladder", "8528", "Germany", "--flows", "s3a://trade/flows", "--lang", "en"]) == 2
    assert "s3a://trade/flows is an address" in " ".join(capsys.readouterr().err.split())


def test_a_warehouse_in_a_store_is_read_by_an_engine_and_never_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By ``--warehouse`` or ``OFFING_WAREHOUSE``: no starter world answers in its place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFING_WAREHOUSE", "s3a://trade/house")
    for line in (["ladder", "8528", "Germany"], ["sources"], ["reconcile"]):
        assert run([*line, "--lang", "en"]) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert "s3a://trade/house is an address that a cluster reads" in said
    file = tmp_path / "reports.csv"
    file.write_text("period,flowCode,reporterISO,partnerISO,cmdCode,primaryValue\n")
    for named in ([], ["--warehouse", "hdfs://trade/house", "--engine", "local[1]"]):
        assert run(["load", "comtrade", str(file), *named, "--lang", "en"]) == 2
        assert "Nothing is loaded into" in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["reports.csv"]


def test_who_does_not_ask_for_spark_does_not_import_it(tmp_path: Path) -> None:
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark" / "__init__.py").write_text("raise OSError('imported')")
    own = os.pathsep.join([str(tmp_path), *sys.path])
    line = [sys.executable, "-m", "offing", "ladder", "8528", "Germany"]
    asked = {**os.environ, "PYTHONPATH": own}
    assert subprocess.run(line, env=asked, capture_output=True, check=False).returncode == 0
    line += ["--engine", "local[1]"]
    refused = subprocess.run(line, env=asked, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "No session could be started at local[1]: imported" in refused.stderr
