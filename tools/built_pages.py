"""Pages that are made when the site is built, of what the package holds: none is in the repository.

Commands, functions, the register of the rulebook, and a page for each indicator, model and importer
(``tools/part_pages.py``).
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tools import part_pages

DOCS = Path(__file__).resolve().parents[1] / "docs"

CHINESE = {
    "Table of Contents": "目录",
    "**Commands**:": "**命令**：",
    "**Parameters**:": "**参数**：",
    "**Arguments**:": "**参数**：",
    "**Usage**:": "**用法**：",
    "[required]": "[必填]",
    "[default: ": "[默认：",
    "**选项**:": "**选项**：",
}
"""Words that cyclopts puts into its pages itself."""


def commands(lang: str = "en") -> str:
    """Every command with its options.

    In a process of its own: the words of an option are those of the language in which its command
    was first imported.
    """
    code = (
        "from offing.cli.build import build_app\n"
        "from offing.terms.messages import using_language\n"
        f"with using_language({lang!r}):\n"
        "    print(build_app().generate_docs(output_format='markdown', heading_level=1))"
    )
    spoken = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", env=spoken
    )
    done.check_returncode()
    text = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip() + "\n"
    for english, chinese in CHINESE.items() if lang == "zh" else ():
        text = text.replace(english, chinese)
    return text


def _span(since: Any, until: Any) -> str:
    return f"{since or '…'} to {until or '…'}"


def _cited(rule: Any) -> str:
    from offing.rules.rule_use import cite_source

    return cite_source(rule.cited).replace("|", "/")


def _exports_covered() -> list[str]:
    """What ``make coverage`` measured, by destination."""
    from offing.terms.countries import country_name

    made = json.loads((DOCS / "record" / "china-exports-coverage.json").read_text(encoding="utf-8"))
    words = {
        "one rate": "one rate for all goods",
        "tariff": "by its tariff, loaded",
        "typed": "to be typed",
        "none": "–",
    }
    lines = [
        "## How much of China's exports this covers",
        "",
        (
            f"{made['landed_cost']} % of China's exports by value go to destinations with "
            f"a landed cost, {made['duty_known']} % to those whose duty nobody has to "
            "type, once the public tariffs that offing reads are loaded "
            f"({made['loaded']}); with what comes along {made['starter']} %. Exports by "
            f"destination: {made['source']}. Measured by `make coverage`; destinations of "
            "a tenth of a per cent and more:"
        ),
        "",
        "| destination | % of exports | importer | duty |",
        "| --- | --- | --- | --- |",
    ]
    for one in made["destinations"]:
        if one["share"] >= 0.1:
            importer = (
                f"[{one['importer']}](../rules/{one['importer'].lower()}.md)"
                if one["importer"]
                else "none"
            )
            lines.append(
                f"| {country_name(one['market'], 'en')} | {one['share']:.1f} | {importer} | "
                f"{words[one['duty']]} |"
            )
    return [*lines, ""]


def coverage() -> str:
    """Which regime, which rules, checked by what, when."""
    from offing.refunds.rules import claim_rules, dated_rates, firm_classes
    from offing.rules.regime_file import shipped
    from offing.rules.register import STATUSES, horizon_days, keeper, version
    from offing.rules.rule_use import cite_source, value_text
    from offing.warehouse.store import Warehouse, starter_folder

    book = shipped()
    lines = [
        "# Register of the rulebook",
        "",
        (
            "Which importer, which rules, read where, checked by what, and when. "
            "*Official* means that the value was read in a text of the state that made "
            "it; *secondary* in another's page about it, such as a forwarder's, which is "
            "named, so that you can judge it; *recalled* that it is from memory; "
            "*illustrative* that it is plausible and to be replaced. Duty rates are not "
            "here: they are data (see the last section)."
        ),
        "",
        (
            f"Rules of version {version()}. *Looked at* are the charges and rates whose "
            "document somebody looked at on a day of its own; a look is trusted for the "
            "days of the last column but one."
        ),
        "",
        (
            "| importer | currency | duty on | official | exceptions not read | secondary"
            " | recalled | illustrative | worked examples | from | looked at | trusted, "
            "days | kept by |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    regimes = sorted(book.regimes.values(), key=lambda regime: regime.importer)
    for regime in regimes:
        rules = [*regime.charges, *(rate for rate in book.rates if rate.where == regime.where)]
        tally = Counter(rule.status for rule in rules)
        counts = [tally[status] for status in STATUSES]
        looked, id_ = sum(rule.looked_at for rule in rules), f"{regime.importer.lower()}."
        since = min(charge.when.since for charge in regime.charges if charge.when.since)
        lines.append(
            f"| [{regime.importer}](../rules/{regime.importer.lower()}.md) | {regime.currency} | "
            f"{part_pages.basis(regime)} | {' | '.join(map(str, counts))} | {len(regime.cases)} | "
            f"{since} | {looked} of {len(rules)} | {horizon_days(id_)} | {keeper(id_)} |"
        )
    lines += [
        "",
        (
            "The rules of each importer stand on its own page. Beside their examples, the"
            " tests run every importer through worked cases in the words of forwarders "
            "(`tests/cases/landed.yaml`), and the United States' duties against the "
            "duties that its customs collected in 2024 "
            "(`tests/landed/test_us_effective_duty.py`)."
        ),
        "",
    ]
    lines += _exports_covered()
    lines += [
        "## China: the export refund",
        "",
        "Checked by the worked cases of `tests/cases/test_check_cases.py` and `refunds.yaml`.",
        "",
        "| group | levy / refund | exported | status | read in |",
        "| --- | --- | --- | --- | --- |",
    ]
    for dated in dated_rates():
        lines.append(
            f"| `{dated.group}` | {dated.levy_rate} / {dated.refund_rate}"
            f"{' (cancelled)' if dated.cancelled else ''} | "
            f"{_span(dated.when.since, dated.when.until)} | {dated.status} | {_cited(dated)} |"
        )
    lines += [
        "",
        "| rule | value | exported | status | read in |",
        "| --- | --- | --- | --- | --- |",
    ]
    for claim in claim_rules():
        rule = claim.use()
        lines.append(
            f"| `{rule.id}` | {value_text(rule)} | {_span(rule.since, rule.until)} "
            f"| {rule.status} | "
            f"{_cited(claim)} |"
        )
    for firm in firm_classes().values():
        lines.append(
            f"| class {firm.number} | {firm.working_days} working days | | {firm.status} | "
            f"{_cited(firm)} |"
        )
    lines += [
        "",
        (
            "Not confirmed by a text that could be read: that the 2026 rules still carry "
            "a reduction above its cap to the next month (older guidance does), the "
            "wording on the reconciliation of a handbook, and whether the last of the 36 "
            "months' days is the export's day or the one before. A refund that rests on "
            "one of them says so."
        ),
        "",
        "## Duty lines",
        "",
        (
            "The starter world, inside the package, has these lines. `offing load` adds "
            "your own; see [Load reference data](../how-to/load-reference-data.md)."
        ),
        "",
        "| importer | regime | lines | chapters | source |",
        "| --- | --- | --- | --- | --- |",
    ]
    world = Warehouse(starter_folder(), is_starter=True)
    for row in world.duck.execute(
        "SELECT importer, regime, count(*), string_agg(DISTINCT code[1:2], ', ' "
        f"ORDER BY code[1:2]), min(source) FROM {world.source_sql('duty_lines')} "
        "GROUP BY ALL ORDER BY 1, 2"
    ).fetchall():
        *cells, source = row
        lines.append("| " + " | ".join(map(str, (*cells, cite_source(source)))) + " |")
    return "\n".join(lines).rstrip() + "\n"


def functions() -> str:
    """The functions an economist may call, from their docstrings."""
    from offing import _QUESTIONS

    modules = [
        ("Questions", [f"offing.api.{name}" for name in _QUESTIONS]),
        ("Warehouse", ["offing.warehouse.store.Warehouse", "offing.warehouse.loading.load"]),
        ("One estimate for each flow", ["offing.warehouse.reconciling"]),
        (
            "Unit values and tiers",
            [
                "offing.ladders.tiers",
                "offing.ladders.tiers",
                "offing.ladders.build",
                "offing.ladders.place",
            ],
        ),
        (
            "Gravity",
            [
                "offing.market.gravity.batch",
                "offing.market.gravity.expected",
                "offing.market.gravity.panel",
                "offing.market.gravity.careful",
            ],
        ),
        (
            "Indicators",
            [
                "offing.market.indicators.space",
                "offing.market.indicators.export_potential",
                "offing.market.indicators.of_year",
                "offing.market.indicators.survival",
            ],
        ),
        ("Refund", ["offing.refunds.methods", "offing.refunds.marginal"]),
        ("Quote", ["offing.landed.quote", "offing.rules.duty"]),
        ("Plan", ["offing.planning.programme", "offing.planning.offers"]),
        (
            "Shapes",
            [
                "offing.ladders.ladder",
                "offing.forecast.results",
                "offing.landed.shipment",
                "offing.planning.plan",
                "offing.study.result",
            ],
        ),
    ]
    lines = ["# Functions", ""]
    for title, names in modules:
        lines += [f"## {title}", ""]
        for name in names:
            lines += [f"::: {name}", "    options:", "      heading_level: 3", ""]
    return "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands,
    "reference/commands.zh.md": partial(commands, "zh"),
    "reference/rule-coverage.md": coverage,
    "reference/functions.md": functions,
    **part_pages.pages(),
}
"""File below ``docs``, as a link names it → what makes its text."""
