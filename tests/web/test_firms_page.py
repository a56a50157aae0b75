"""The page of a province's firms: answers handed in, the sums of the command, a brief."""

from io import BytesIO
from pathlib import Path

from docx import Document

import offing
from firm_answers import answers
from offing.terms.plain import plain
from web_server import Served

USERS = ("anna", "bo")


def test_answers_are_added_up_and_the_brief_is_a_file(server: Served, tmp_path: Path) -> None:
    anna, bo = server.browser("anna"), server.browser("bo")
    assert "firm-answers" not in anna.get("/firms", lang="en").text
    for name, content in answers(12).items():
        (tmp_path / name).write_bytes(content)
    sent = [("answers", (name, content)) for name, content in answers(12).items()]
    done = anna.http.post("/firms/add", data={"csrf": anna.mark}, files=sent)
    assert done.status_code == 200
    asked = {"stress": "us-tariffs-2025"}
    told = anna.get("/firms.json", **asked).json()["data"]
    whole = plain(offing.firms(tmp_path, stress="us-tariffs-2025").data())
    assert [told[k] for k in ("answered", "sums", "cover")] == [
        whole[k] for k in ("answered", "sums", "cover")
    ]
    assert told["exposures"][0]["touched"] == 12e6
    for lang, words in (("en", "12 firms answered"), ("zh", "12 家企业已填报")):
        assert words in anna.get("/firms", **asked, lang=lang).text
        brief = anna.get("/firms/brief", **asked, lang=lang)
        assert words in "".join(p.text for p in Document(BytesIO(brief.content)).paragraphs)
    assert "12" not in bo.get("/firms", lang="en").text.partition("<main")[2].partition("<form")[0]
    file = tmp_path / "shock.toml"
    file.write_text('[shock]\nname = "x"\nsource = "y"\n', "utf-8")
    assert anna.get("/firms", stress=str(file)).status_code == 400, "no text is ever opened"
    anna.post("/firms/away")
    assert "12 firms answered" not in anna.get("/firms", lang="en").text
