"""Write the reference pages that follow from the code; a test fails where they are stale.

Run ``python docs/generate.py`` after changing a study key, a table or a result. Pages that are made
of data (commands, functions, rules, models, indicators) are made with the site: ``tools/built_pages.py``.
"""

import inspect
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

DOCS = Path(__file__).resolve().parent
def _type(kind: Any) -> str:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return " or ".join(_type(part) for part in get_args(kind) if part is not type(None))
    if origin in (list, tuple):
        return f"list of {_type(get_args(kind)[0])}"
    if origin is dict:
        key, value = get_args(kind)
        return f"table: {_type(key)} → {_type(value)}"
    if (
        str(origin) == "typing.Literal"
        or (origin is not None
        and origin.__class__.__name__ == "_LiteralSpecialForm")
    ):
        return ", ".join(f"`{part}`" for part in get_args(kind))
    if get_args(kind) and origin is not None and not isinstance(kind, type):
        return _type(get_args(kind)[0])
    names = {
        "Decimal": "number",
        "str": "text",
        "int": "whole number",
        "bool": "true or false",
        "Path": "path",
        "date": "day",
    }
    return names.get(getattr(kind, "__name__", str(kind)), getattr(kind, "__name__", str(kind)))


def _section(model: type[BaseModel], name: str, done: set[str]) -> list[str]:
    if name in done:
        return []
    done.add(name)
    lines = [f"## `{name}`", "", inspect.cleandoc(model.__doc__ or ""), ""]
    lines += ["| key | value | if left out |", "| --- | --- | --- |"]
    below: list[tuple[type[BaseModel], str]] = []
    for python_name, field in model.model_fields.items():
        key, kind = field.alias or python_name, field.annotation
        inner = [
            part
            for part in (kind, *get_args(kind))
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        if inner:
            title = f"[[{key}]]" if get_origin(kind) is list else f"[{key}]"
            full = title if name == "study" else title.replace(key, f"{name.strip('[]')}.{key}")
            below.append((inner[0], full))
            value = f"see `{full}`"
        else:
            value = _type(kind)
        if field.is_required():
            default = "**needed**"
        elif field.default is None or isinstance(field.default, BaseModel):
            default = "–"
        elif field.default is PydanticUndefined or field.default in ({}, [], ()):
            default = "none"
        elif isinstance(field.default, list | tuple):
            default = ", ".join(str(item) for item in field.default)
        else:
            default = f"{field.default}"
        lines.append(f"| `{key}` | {value} | {default} |")
    lines.append("")
    for child, full in below:
        lines += _section(child, full, done)
    return lines


def study_file() -> str:
    """Every key of a study file."""
    from offing.study.file import Study

    head = [
        "# The study file",
        "",
        "A study is one TOML file. Keys that are not listed here are refused, with the nearest one.",
        "`examples/tv-maker/study.toml` shows them in use.",
        "",
    ]
    return "\n".join([*head, *_section(Study, "study", set())]).rstrip() + "\n"


def tables() -> str:
    """Every table of the warehouse and its columns."""
    from offing.terms.tables import TABLES

    lines = ["# The tables of the warehouse", ""]
    for name, spec in TABLES.items():
        lines += [f"## {name}", "", inspect.cleandoc(spec.schema.__doc__ or ""), ""]
        how = "one file for each year" if spec.by_year else "one file"
        replaced = (
            f"a load replaces rows with the same {', '.join(spec.slices)}"
            if spec.slices
            else "a load replaces the whole data set"
        )
        lines += [f"On disk: {how}, in the order {', '.join(spec.order)}; {replaced}.", ""]
        lines += ["| column | type | may be missing |", "| --- | --- | --- |"]
        for column, rule in spec.schema.columns().items():
            lines.append(
                f"| `{column}` | {type(rule).__name__} | {'yes' if rule.nullable else 'no'} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def result_schema() -> str:
    """The JSON schema of ``result.json``."""
    from offing.study.result import schema

    return schema()


PAGES = {
    "reference/study-file.md": study_file,
    "reference/tables.md": tables,
    "reference/result.schema.json": result_schema,
}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
