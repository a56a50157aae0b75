"""Every question has a frozen request, a documented answer, a telling and a command."""

import ast
import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import offing
from offing.api.asking import Answer, fields_of, request_of
from offing.cli.commands import COMMANDS
from offing.report.views import teller
from offing.terms.messages import has_message

NAMES = [name for name in offing.__all__ if "offing.api." in offing._WHERE.get(name, "")]


def test_a_type_checker_sees_what_the_top_level_gives() -> None:
    stub = Path(offing.__file__).with_suffix(".pyi")
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    seen = {
        alias.asname: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert seen == offing._WHERE


def test_help_says_parameters_and_not_options() -> None:
    assert "market: only this market; needs origin\n" in (offing.gravity.__doc__ or "")


@pytest.mark.parametrize("name", NAMES)
class TestEveryQuestion:
    def test_its_request_says_how_each_field_is_asked_for(self, name: str) -> None:
        request = request_of(getattr(offing, name))
        assert request.__hash__ is not None, "frozen"
        asked = fields_of(request)
        assert {field.name for field in asked} == {field.name for field in fields(request)}
        assert [field.asked.help for field in asked if not has_message(field.asked.help)] == []

    def test_help_tells_every_parameter(self, name: str) -> None:
        text = getattr(offing, name).__doc__
        told = re.findall(r"^    (\w+): \S", text.partition("Args:")[2].partition("\n\n")[0], re.M)
        assert told == list(inspect.signature(getattr(offing, name)).parameters)
        assert text.count("Args:") == 1

    def test_its_signature_can_be_read(self, name: str) -> None:
        signature = inspect.signature(getattr(offing, name))
        assert "Asked(" not in str(signature)
        assert "Answer" in str(signature.return_annotation)

    def test_each_answer_is_told(self, name: str) -> None:
        answer = get_type_hints(getattr(offing, name).__wrapped__)["return"]
        kinds: tuple[type, ...] = get_args(answer) or (answer,)
        for kind in kinds:
            assert is_dataclass(kind)
            assert kind.__doc__
        assert [kind for kind in kinds if not issubclass(kind, Answer)] == []
        for kind in kinds:
            assert callable(teller(kind.__module__.rpartition(".")[2]))

    def test_it_has_a_command(self, name: str) -> None:
        assert offing._WHERE[name].rpartition(".")[2].replace("_", "-") in COMMANDS
