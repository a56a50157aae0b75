"""The methods that a case may mean whose own name says none: by what it gives and asks for."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from offing.cases.answering import IMPORTER, given_answers, names_of
from offing.cases.importers import importer_method
from offing.cases.layouts import as_read
from offing.cases.phrases import likeness
from offing.cases.reading import Case
from offing.cases.readings import METHODS, SAME, methods_like
from offing.cases.words import Method, methods
from offing.rules.regime_file import shipped
from offing.terms.errors import InputError


def importers_like(case: Case) -> list[Method]:
    """The importers that a case may be of: with words of their own in it, in the case's money."""
    currency, usual = case.inputs.get("currency"), methods()[IMPORTER]
    found: list[tuple[int, bool, Method]] = []
    for code, regime in shipped().regimes.items():
        method = importer_method((*regime.words.models, code)[0])
        if method:
            given = [name for name in case.inputs if _knows(method, name)]
            own = sum(usual.reads.find(name) is None for name in given)
            asked = [name for name in case.expected if method.gives.find(name)]
            own += sum(usual.gives.find(name) is None for name in asked)
            if own > 1 or currency in (None, regime.currency):
                found.append((own, bool(regime.words.models), method))
    return [method for *_, method in sorted(found, key=itemgetter(0, 1), reverse=True)[:METHODS]]


def fits(case: Case) -> Iterator[Method]:
    """The methods that read all that a case gives, and give all that it asks for."""
    known = {name: method for name, method in methods().items() if name != IMPORTER}
    for method in (*methods_like(case, known), *importers_like(case)):
        try:
            laid = as_read(case, method)
        except InputError:
            continue
        gives = given_answers(laid, method)
        asked = all(gives.find(name) for name, _ in names_of(laid.expected, gives))
        given = names_of(laid.inputs, method.accepts)
        if asked and all(_knows(method, name, value) for name, value in given):
            yield method


def likeliest_named(name: str, found: Iterable[str]) -> list[str]:
    """The methods whose name is most like another one; all of them where none is like it."""
    known = methods()
    like = {
        one: max(likeness(name, of) for of in (one, *known[one].also)) if one in known else 0.0
        for one in found
    }
    best = max(like.values(), default=0.0)
    return [one for one, near in like.items() if best < SAME or near == best]


def _knows(method: Method, name: str, value: object = None) -> bool:
    """Whether a name is a word of the method itself, not only of its room."""
    named = method.accepts.find_for(name, value)
    return named is not None and named.word.name in method.accepts.own
