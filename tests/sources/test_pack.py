"""The headings of a study's goods out of a publisher's zip, served as the publisher serves it."""

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from offing.api.fetch import fetch
from offing.api.ladder import ladder
from offing.sources import baci
from offing.sources.fetching import README, cut, name_of
from offing.terms.errors import InputError, StorageError
from offing.warehouse.store import Warehouse
from plain_study import STUDY
from sources.test_fetching import Manners, serving

CODES = (
    "country_code,country_name,country_iso2,country_iso3\n156,China,CN,CHN\n276,Germany,DE,DEU\n"
)
YEAR = (
    "t,i,j,k,v,q\n{year},156,276,852872,1500.5,12.25\n{year},156,276,850760,900,3\n"
    "{year},276,156,010121,7,1\n{year},156,276,852849,3,NA\n"
)


def archive(edition: str = "2017", years: Iterable[int] = (2022, 2023)) -> bytes:
    """Some years in BACI's layout: members, country codes, a paper."""
    tv = "852812" if edition < "2007" else "852872"
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for year in years:
            rows = YEAR.format(year=year).replace("852872", tv)
            packed.writestr(f"BACI_HS{edition[2:]}_Y{year}_V202601.csv", rows)
        packed.writestr("country_codes_V202601.csv", CODES)
        packed.writestr("Readme.txt", "BACI\n")
    return whole.getvalue()


def study(folder: Path) -> Path:
    file = folder / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    return file


def test_the_study_s_headings_come_as_a_pack_and_are_loaded(tmp_path: Path) -> None:
    manners = Manners(body=archive(), break_after=[500])
    with serving(manners) as url:
        answer = fetch("world", study=study(tmp_path), url=url.replace("file", "BACI_HS17_V202601"),
                       to=tmp_path / "packs", warehouse=tmp_path / "w")  # fmt: skip
    assert manners.asked == [None, "bytes=500-"], "a broken download goes on"
    assert answer.load is not None
    assert answer.load.report.load.dataset == "world-8528-2017"
    flows = Warehouse.open(tmp_path / "w").table("flows").sort("year", "product")
    assert flows.select("year", "product", "value_usd", "kg").rows() == [
        (2022, "852849", 3000.0, None), (2022, "852872", 1500500.0, 12250.0),
        (2023, "852849", 3000.0, None), (2023, "852872", 1500500.0, 12250.0),
    ]  # fmt: skip
    assert [file.name for file in (tmp_path / "packs").iterdir()] == [answer.file.name]
    with zipfile.ZipFile(answer.file) as pack:
        about = pack.read(README).decode()
        assert pack.read("country_codes_V202601.csv").decode() == CODES
    assert "CEPII" in about
    assert hashlib.sha256(manners.body).hexdigest() in about


def test_every_edition_comes_and_is_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three editions that a publisher offers; what is there is not fetched again."""
    bodies = {
        f"BACI_HS{edition[2:]}_V202601.zip": archive(edition, years)
        for edition, years in (("2022", (2022, 2023)), ("2017", (2020, 2022)), ("2002", (2006,)))
    }
    with contextlib.ExitStack() as served:
        manners = {name: Manners(body=body) for name, body in bodies.items()}
        files = {name: served.enter_context(serving(how)) for name, how in manners.items()}
        monkeypatch.setattr(baci, "ABOUT", replace(baci.ABOUT, files=files))
        answer, again = (
            fetch("world", study=study(tmp_path), to=tmp_path / "p", warehouse=tmp_path / "w")
            for _ in range(2)
        )
    assert again.file == answer.file
    assert [len(how.asked) for how in manners.values()] == [1, 1, 1]
    assert len(answer.others) == 2
    assert answer.load is not None
    assert answer.load.report.load.edition == "2022"
    told = ladder("852872", "Germany", edition="2022", year=2006, warehouse=tmp_path / "w")
    assert told.ladder.value_usd == 1_500_500.0, "852812 until 2006"


def test_a_pack_is_the_same_bytes_and_no_half_of_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "BACI_HS17_V202601.zip"
    whole.write_bytes(archive())
    first = cut(whole, ["8528"], tmp_path).read_bytes()
    assert cut(whole, ["8528"], tmp_path).read_bytes() == first
    assert cut(whole, ["8507", "8528"], tmp_path).name == name_of(whole.name, {"8528", "8507"})
    with pytest.raises(InputError) as caught:
        cut(whole, ["6203"], tmp_path)
    assert caught.value.key == "sources.none_of_headings"
    before = sorted(tmp_path.iterdir())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(StorageError) as refused:
        cut(whole, ["8528"], tmp_path)
    assert refused.value.key == "sources.disk"
    assert sorted(tmp_path.iterdir()) == before


def test_a_wrong_hash_and_a_wrong_use_are_refused(tmp_path: Path) -> None:
    with serving(Manners(body=archive())) as url, pytest.raises(InputError) as caught:
        fetch("world", study=study(tmp_path), url=url, sha256="0" * 64, to=tmp_path / "packs")
    assert caught.value.key == "sources.wrong_checksum"
    assert not list((tmp_path / "packs").iterdir())
    for wrong in ({"source": "world"}, {"source": "baci", "study": study(tmp_path)}):
        with pytest.raises(InputError) as caught:
            fetch(**wrong)
        assert caught.value.key == "load.for_world"
