"""Pages of the documentation for each indicator, model, way of ranking and importer's rules.

Their formulas and sources are the docstrings'; what else they say is in ``docs/parts.toml``; the
record of the ways of ranking is computed on the starter world.
"""

import inspect
import tomllib
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from offing.terms.messages import LANGUAGES, Language, say, using_language

ROOT = Path(__file__).resolve().parents[1]
REGISTER = ROOT / "docs" / "parts.toml"
REGIMES = ROOT / "src" / "offing" / "rules" / "regimes"
Page = Callable[[], str]


@cache
def register() -> dict[str, dict[str, Any]]:
    """``docs/parts.toml``."""
    return tomllib.loads(REGISTER.read_text(encoding="utf-8"))


def words_of(lang: Language, kind: str = "words") -> dict[str, str]:
    """The words of the pages in a language; ``rules`` are those of the importers' pages."""
    words: dict[str, str] = register()[kind][lang]
    return words


def file_name(name: str, lang: Language) -> str:
    """The Markdown file of a page in a language."""
    return f"{name}.md" if lang == "en" else f"{name}.{lang}.md"


def documented(dotted: str) -> str:
    """The docstring of a module, or of a function in one, up to its arguments."""
    try:
        thing: Any = import_module(dotted)
    except ModuleNotFoundError:
        module, _, name = dotted.rpartition(".")
        thing = getattr(import_module(module), name)
    text = inspect.cleandoc(thing.__doc__)
    for heading in ("Args:", "Returns:", "Raises:", "Attributes:", ">>>"):
        text = text.split(f"\n{heading}")[0]
    return text.strip()


def _sources(code: list[str], words: dict[str, str]) -> list[str]:
    lines = [f"## {words['source']}", ""]
    for dotted in code:
        lines += [f"`{dotted}`", "", "```text", documented(dotted), "```", ""]
    return lines


def part_page(kind: str, key: str, lang: Language) -> str:
    """The page of an indicator or model of the register."""
    part, words = register()[kind][key], words_of(lang)
    lines = [f"# {part['name'][lang]}", "", part["says"][lang], ""]
    if "formula" in part:
        lines += [f"## {words['formula']}", "", "```text"]
        lines += [line.strip() for line in part["formula"].split(";  ")] + ["```", ""]
    if "run" in part:
        lines += [f"## {words['run']}", "", "```sh", part["run"], "```", ""]
    lines += [f"## {words['mind']}", "", part["mind"][lang], ""]
    lines += [f"## {words['record']}", "", words["held"].format(held=part["held"][lang]), ""]
    files = ("、" if lang == "zh" else ", ").join(f"`{name}`" for name in part["tests"])
    lines += [words["files"].format(files=files), "", *_sources(part["code"], words)]
    return "\n".join(lines).rstrip() + "\n"


@cache
def _record() -> Any:
    """The backtest of every way of ranking, one year on, on the starter world."""
    import offing
    from offing.warehouse.store import Warehouse, starter_folder

    return offing.backtest(warehouse=Warehouse(starter_folder(), is_starter=True), top="5,10")


def ranking_page(name: str, lang: Language) -> str:
    """The page of a way of ranking, with its record beside the yardsticks'."""
    from offing.forecast.scores.simple import RANKINGS
    from offing.report.views.backtest import rank_scores

    words, backtest = words_of(lang), _record().backtests[0]
    where = f"simple.{RANKINGS[name].score.__name__}" if name in RANKINGS else name
    dotted = f"offing.forecast.scores.{where}"
    with using_language(lang):
        title = say(f"market.rival_{name}")
        shown = {rival: say(f"market.rival_{rival}") for rival in register()["rankings"]}
    says = register()["rankings"][name] if lang == "zh" else documented(dotted).split("\n\n")[0]
    lines = [f"# {title[0].upper()}{title[1:]}", "", " ".join(says.split()), ""]
    lines += [f"## {words['record']}", ""]
    years = ", ".join(map(str, backtest.origins))
    lines += [words["captured"].format(years=years), ""]
    tops = (5, 10)
    scores = {
        (score.rival, top, weighting): score
        for top in tops
        for weighting in ("dollar", "equal")
        for score in rank_scores(backtest, top, weighting)
    }
    headings = [
        f"{words['first'].format(top=top)}, {words[weighting]}"
        for weighting in ("dollar", "equal")
        for top in tops
    ]
    lines += [f"| | {' | '.join(headings)} |", "| --- |" + " --- |" * len(headings)]
    beside = ("oracle", "three_year_mean", "persistence", "random")
    for rival in dict.fromkeys((name, *beside)):
        cells = []
        for weighting in ("dollar", "equal"):
            for top in tops:
                score = scores.get((rival, top, weighting))
                cells.append("–" if score is None else _interval(score))
        label = f"**{shown[rival]}**" if rival == name else shown[rival]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    lines += ["", words["repeat"], "", *_sources([dotted], words)]
    return "\n".join(lines).rstrip() + "\n"


def _interval(score: Any) -> str:
    low, high = score.low, score.high
    return f"{100 * score.value:.1f} ({100 * low:.1f} … {100 * high:.1f})"


def index_page(kind: str, lang: Language) -> str:
    """The list of the pages of a kind."""
    words = words_of(lang)
    lines = [f"# {words[kind]}", "", words[f"{kind}_lead"], ""]
    for key, part in register()[kind].items():
        lines.append(f"* [{part['name'][lang]}]({file_name(key, lang)}): {part['says'][lang]}")
    if kind == "models":
        lines += ["", f"## {words['rankings']}", ""]
        with using_language(lang):
            for name in register()["rankings"]:
                lines.append(f"* [{say(f'market.rival_{name}')}]({file_name(_of(name), lang)})")
    return "\n".join(lines) + "\n"


def _of(ranking: str) -> str:
    return f"ranking-{ranking.replace('_', '-')}"


# The rules of importers.


def regime_names() -> list[str]:
    """The importers that have a file, in small letters."""
    return sorted(file.stem for file in REGIMES.glob("???.toml"))


@cache
def _book() -> Any:
    from offing.rules.regime_file import shipped

    return shipped()


def _table(heads: str, rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    columns = heads.split("|")
    lines = [f"| {' | '.join(columns)} |", "| --- |" + " --- |" * (len(columns) - 1)]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def _cited(rule: Any) -> str:
    from offing.rules.rule_use import cite_source

    return cite_source(rule.cited).replace("|", "/")


def _status(rule: Any) -> str:
    return say(f"report.status_{rule.status}")


def basis(regime: Any) -> str:
    """What customs value rests on: CIF where freight is in it."""
    base = next(c.base for c in reversed(regime.charges) if c.name == "customs_value")
    return "CIF" if "freight" in base else "FOB"


def _regime(name: str) -> Any:
    return next(regime for regime in _book().regimes.values() if regime.importer.lower() == name)


def regime_page(name: str, lang: Language) -> str:
    """The rules of one importer."""
    from offing.rules.register import register as registered_in
    from offing.terms.countries import country_name

    words, regime = words_of(lang, "rules"), _regime(name)

    def span(when: Any) -> str:
        return f"{when.since or '…'} {words['to']} {when.until or '…'}"

    def rate_of(charge: Any) -> str:
        named = words["tariff"].format(name=charge.tariff) if charge.tariff else words["sum"]
        return str(charge.rate or named)

    with using_language(lang):
        joint = "、" if lang == "zh" else ", "
        names = joint.join(country_name(code, lang) for code in regime.destinations)
        first = country_name(regime.destinations[0], lang)
        several = len(regime.destinations) > 1
        lines = [f"# {regime.importer}: {names if not several else regime.importer}", ""]
        if not several:
            lines = [f"# {first} ({regime.importer})", ""]
        else:
            lines = [f"# {say_union(regime.importer, lang)}", ""]
        about = {"names": names, "currency": regime.currency, "basis": basis(regime)}
        law = next(law for law in registered_in(_book()) if law.importer == regime.importer)
        looked = {"looked": law.looked_at, "count": sum(law.counts.values()), "last": law.last_look}
        lines += [words["of"].format(**about, **looked), ""]
        lines += [words["ask"].format(code=regime.destinations[0]), ""]
        lines += [f"## {words['formula']}", ""]
        lines += _table(
            words["charges"],
            [
                [f"`{c.name}`", " + ".join(c.base), rate_of(c), span(c.when), _status(c), _cited(c)]
                for c in regime.charges
            ],
        )
        lines += [f"## {words['source']}", "", *_details(regime, words, span)]
        lines += [f"## {words['record']}", ""]
        lines += [f"* {case.name} ({case.on}): {case.source}" for case in regime.cases] or [
            words["none"]
        ]
    return "\n".join(lines).rstrip() + "\n"


def say_union(importer: str, lang: Language) -> str:
    """The name of an importer with several countries."""
    names = {"EUR": {"en": "European Union (EUR)", "zh": "欧盟（EUR）"}}
    return names[importer][lang]


MOST_CODES = 30
"""Of a list that a page has; the rules file has all of them."""


def _shortened(codes: Sequence[str]) -> str:
    """Codes, or the first of many with how many there are more."""
    rest = len(codes) - MOST_CODES
    return ", ".join(codes[:MOST_CODES]) + (f" … (+ {rest})" if rest > 0 else "")


def _codes(line: Any) -> str:
    return _shortened([f"`{code}`" for code in line.codes])


def _details(regime: Any, words: dict[str, str], span: Callable[[Any], str]) -> list[str]:
    rates = [rate for rate in _book().rates if rate.where == regime.where]
    lines = _table(
        words["rates"],
        [[f"`{r.id}`", str(r.duty), span(r.when), _status(r), _cited(r)] for r in rates],
    )
    lines += _table(
        words["lines"],
        [
            [_codes(r), r.regime, str(r.duty), span(r.when), _status(r), _cited(r)]
            for r in regime.lines
        ],
    )
    lines += _table(
        words["lists"],
        [
            [
                f"`{r.name}`",
                _shortened((*r.codes, *(f"−{code}" for code in r.without))),
                span(r.when),
                _cited(r),
            ]
            for r in regime.listed
        ],
    )
    lines += _table(
        words["cautions"],
        [
            [
                f"`{r.message.removeprefix('landed.')}`",
                ", ".join((*r.charges, *r.lists, *r.origins)),
                span(r.when),
                _status(r),
                _cited(r),
            ]
            for r in regime.cautions
        ],
    )
    return lines or ["–", ""]


def rules_index(lang: Language) -> str:
    """The importers, with the status of their rules."""
    from offing.rules.register import STATUSES, register
    from offing.terms.countries import country_name

    words, rows = words_of(lang, "rules"), []
    for law in register(_book()):
        union = len(law.destinations) > 1
        title = say_union(law.importer, lang) if union else country_name(law.destinations[0], lang)
        rows.append(
            [
                f"[{title}]({file_name(law.importer.lower(), lang)})",
                law.currency,
                basis(_regime(law.importer.lower())),
                *(str(law.counts[status]) for status in STATUSES),
                str(law.cases),
                str(law.since),
                f"{law.looked_at} ({law.last_look or '–'})",
            ]
        )
    lines = [f"# {words['title']}", "", words["lead"], "", *_table(words["heads"], rows)]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[str, Page]:
    """File below ``docs`` → what makes its text."""
    by_file: dict[str, Page] = {}
    for lang in LANGUAGES:
        for kind in ("indicators", "models"):
            by_file[f"{kind}/{file_name('index', lang)}"] = partial(index_page, kind, lang)
            for key in register()[kind]:
                by_file[f"{kind}/{file_name(key, lang)}"] = partial(part_page, kind, key, lang)
        for name in register()["rankings"]:
            by_file[f"models/{file_name(_of(name), lang)}"] = partial(ranking_page, name, lang)
        by_file[f"rules/{file_name('index', lang)}"] = partial(rules_index, lang)
        for name in regime_names():
            by_file[f"rules/{file_name(name, lang)}"] = partial(regime_page, name, lang)
    return by_file
