"""``offing check FILE``: run worked cases and say which hold."""

import json
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cases.checking import Checked, check_file, method_of
from offing.cases.given import Value, case_files
from offing.cli.show import AsJson, print_error, print_json
from offing.report.blocks import Block, Text, number, place_figures, table_of, text
from offing.report.terminal import print_line, show
from offing.terms.errors import InputError
from offing.terms.messages import join_list, language, say


def exact_json(value: Value) -> str:
    """JSON whose numbers have every digit that the Decimals have.

    >>> exact_json({"refund": Decimal("10000000000000.01"), "ok": True})
    '{"refund": 10000000000000.01, "ok": true}'
    """
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(key)}: {exact_json(item)}" for key, item in value.items())
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(exact_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _report(cases: Sequence[Checked]) -> Iterator[Block]:
    """The answers that are not as expected, what was not used, and how many cases hold."""
    yield table_of(
        "misses",
        say("check.title_misses"),
        [(case, name) for case in cases if not case.error for name in case.misses],
        (text("check.column_case"), lambda row: row[0].id),
        (text("check.column_model"), lambda row: row[0].name),
        (text("check.column_answer"), lambda row: row[1]),
        (number("check.column_expected"), lambda row: exact_json(row[0].expected[row[1]])),
        (number("check.column_got"), lambda row: exact_json(row[0].got[row[1]])),
    )
    for case in cases:
        for key, names in (("check.unused", case.unused), ("check.charged", case.charged)):
            if names:
                yield Text((say(key, case=case.id, names=join_list(names)),))
    yield Text((say("check.summary", passed=sum(case.ok for case in cases), all=len(cases)),))


def _print_words(name: str, *, as_json: bool) -> None:
    """The words of a method or model: what a case may give, and what it may ask."""
    method, lang = method_of(name), language()
    if as_json:
        print_json({"inputs": method.reads.words, "answers": method.gives.words})
        return
    kind = text("check.column_kind"), lambda word: say(f"check.kind_{word.kind}")
    show(
        table_of(
            key,
            say(f"check.title_{key}", method=name, meaning=method.meaning[lang]),
            words.words.values(),
            (
                text("check.column_word"),
                lambda word: " ".join((word.name, *(f"_{form}" for form in word.forms))),
            ),
            (text("check.column_meaning"), lambda word: word.meaning.get(lang, "")),
            kind if key == "reads" else None,
        )
        for key, words in (("reads", method.reads), ("gives", method.gives))
    )


def check(
    *files: Annotated[Path, Parameter(name="FILE", help=say("check.help_file"))],
    words: Annotated[str | None, Parameter(help=say("check.help_words"))] = None,
    as_json: AsJson = False,
) -> int:
    """Exit code 0 if all cases hold, 1 if one does not, 2 if a file or a case cannot be used."""
    if words is not None:
        _print_words(words, as_json=as_json)
    if not files:
        if words is None:
            raise InputError("check.no_file_named")
        return 0
    files = tuple(file for named in files for file in case_files(named))
    by_file = {file: check_file(file) for file in files}
    cases = [case for checked in by_file.values() for case in checked]
    passed = sum(case.ok for case in cases)
    if as_json:
        told: list[Value] = [
            {"id": case.id, "ok": case.ok, "expected": case.expected, "got": case.got}
            for case in cases
        ]
        counts = {"passed": Decimal(passed), "failed": Decimal(len(cases) - passed)}
        sys.stdout.write(exact_json({**counts, "cases": told}) + "\n")
    else:
        for file, checked in by_file.items():
            if len(files) > 1:
                print_line(str(file), "bold")
            show(place_figures(_report(checked)))
    unusable = [case.error for case in cases if case.error]
    for error in unusable:
        print_error(error)
    return 2 if unusable else int(passed < len(cases))
