"""How many entries of the rulebook rest on an act that was read: ``python -m tools.acts_read``.

Such an entry names the act with its article, quotes at most 25 words of it and says on which day
they were read. The command counts them by importer, beside all entries, and says how far the bar of
:data:`BAR` is.
"""

from collections import Counter

from offing.refunds.rules import claim_rules, dated_rates, firm_classes
from offing.rules.regime_file import shipped
from offing.rules.requirements import every_requirement

BAR = 200


def counted() -> dict[str, tuple[int, int]]:
    """Part of the rulebook → entries whose act was read, all entries."""
    book = shipped()
    rows = [(rate.id.split(".")[0].upper(), rate.act_was_read) for rate in book.rates]
    for regime in book.regimes.values():
        rows += [(regime.importer, charge.act_was_read) for charge in regime.charges]
    refund = [*dated_rates(), *claim_rules(), *firm_classes().values()]
    rows += [("China: export refund", dated.act_was_read) for dated in refund]
    for row in every_requirement():
        read = bool(row.status == "official" and row.document and row.quote and row.reviewed)
        rows.append(("requirements", read))
    whole, read_rows = Counter(name for name, _ in rows), Counter(n for n, read in rows if read)
    return {name: (read_rows[name], whole[name]) for name in sorted(whole)}


def main() -> None:
    """Print the count."""
    made = counted()
    for name, (read, whole) in made.items():
        if read:
            print(f"{name:24} {read:4} of {whole}")
    read, whole = (sum(pair[at] for pair in made.values()) for at in (0, 1))
    print(f"{'all':24} {read:4} of {whole}; the bar is {BAR}")


if __name__ == "__main__":
    main()
