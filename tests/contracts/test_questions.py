"""Every question has a frozen request, a documented answer, a telling and a command."""

from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import get_args, get_type_hints

import pytest

import offing
from offing.api.asking import Answer, fields_of, request_of
from offing.cli.commands import COMMANDS
from offing.terms.messages import known

NAMES = [name for name in offing.__all__ if "offing.api." in offing._WHERE.get(name, "")]


@pytest.mark.parametrize("name", NAMES)
class TestEveryQuestion:
    def test_its_request_says_how_each_field_is_asked_for(self, name: str) -> None:
        request = request_of(getattr(offing, name))
        assert request.__hash__ is not None, "frozen"
        asked = fields_of(request)
        assert {field.name for field in asked} == {field.name for field in fields(request)}
        assert [field.asked.help for field in asked if not known(field.asked.help)] == []

    def test_it_is_documented(self, name: str) -> None:
        assert getattr(offing, name).__doc__

    def test_each_answer_is_told(self, name: str) -> None:
        answer = get_type_hints(getattr(offing, name).__wrapped__)["return"]
        kinds: tuple[type, ...] = get_args(answer) or (answer,)
        for kind in kinds:
            assert is_dataclass(kind)
            assert kind.__doc__
        assert [kind for kind in kinds if not issubclass(kind, Answer)] == []
        for kind in kinds:
            telling = kind.__module__.replace("offing.api", "offing.report.tellings")
            assert callable(import_module(telling).tell)

    def test_it_has_a_command(self, name: str) -> None:
        assert offing._WHERE[name].rpartition(".")[2].replace("_", "-") in COMMANDS
