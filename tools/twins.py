r"""An OpenAPI description of the workbench's JSON twins, for a tester such as schemathesis.

``python -m tools.twins > twins.json``, then against a running ``offing serve --study
examples/tv-maker``::

    schemathesis run twins.json --url http://127.0.0.1:8628 --phases examples,coverage,fuzzing \
        --exclude-checks positive_data_acceptance

The parameters are those of the questions that the pages ask, each a text as a person types it, so
most texts are rightly refused: that check is left out. The answers are what
:mod:`offing.web.rendering` writes: a page, or an error with found, where, expected and next.
"""

import json
import sys
from typing import Any

import offing
from offing.web.asking import askable
from offing.web.pages import pages

ASKED = {
    "ladder": offing.ladder, "markets": offing.markets, "quote": offing.quote,
    "refund": offing.refund, "settle": offing.settle, "law": offing.law, "proof": offing.backtest,
    "ledger": None, "plan": None, "edit": None, "start": None, "data": None, "what-if": None,
}  # fmt: skip
EXAMPLES = {
    "product": ["8528", "电视机"], "market": ["DEU"], "destination": ["DEU"], "price": ["560"],
    "quantity": ["300"], "on": ["2024-12-31"], "cost": ["3150 CNY"], "amount": ["1000"],
    "study": ["tv-maker"], "of": ["HC-65M"], "currency": ["EUR"],
    "origin": ["CHN"], "country": ["DEU"], "lang": ["en", "zh"],
}  # fmt: skip
TEXT = {"type": "string"}
ERROR = {
    "type": "object",
    "required": ["error", "found", "where", "expected", "next"],
    "properties": {"error": {"type": "string"}, "found": {"type": "string"}},
}
TWIN = {
    "type": "object",
    "required": ["page", "title", "study", "language", "data", "told"],
    "properties": {
        "page": {"type": "string"},
        "language": {"enum": ["en", "zh"]},
        "told": {"type": "array", "items": {"type": "object", "required": ["kind"]}},
    },
}


def described() -> dict[str, Any]:
    """Every page's twin with its parameters and answers."""
    paths = {}
    for page in pages():
        ask = ASKED.get(page.name)
        names = [] if ask is None else [field.name for field in askable(ask)]
        paths[f"/{page.name}.json"] = {
            "get": {
                "operationId": page.name,
                "parameters": [_parameter(name) for name in ("lang", "study", *names)],
                "responses": {
                    "200": _answer(TWIN),
                    **{status: _answer(ERROR) for status in ("400", "404", "413", "429")},
                },
            }
        }
    return {"openapi": "3.1.0", "info": {"title": "offing", "version": "1"}, "paths": paths}


def _parameter(name: str) -> dict[str, Any]:
    shown = {str(n): {"value": value} for n, value in enumerate(EXAMPLES.get(name, ()))}
    return {"name": name, "in": "query", "schema": TEXT, **({"examples": shown} if shown else {})}


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "-", "content": {"application/json": {"schema": schema}}}


if __name__ == "__main__":
    json.dump(described(), sys.stdout, ensure_ascii=False, indent=1)
