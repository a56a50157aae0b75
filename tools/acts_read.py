"""How many entries of the rulebook rest on an act that was read: ``python -m tools.acts_read``.

Such an entry names the act with its article, quotes at most 25 words of it and says on which day
they were read. The command counts them by importer, beside all entries, and says how far the bar of
:data:`BAR` is. Each series of a rate is an entry, those of ``also`` too: one heading of a tariff a
country. How many different words they rest on is said as well.

``--draw 20 --seed 20261126`` lists words drawn at random, for somebody else to read again.
"""

import argparse
from collections import Counter
from random import Random

from offing.refunds.rules import claim_rules, dated_rates, firm_classes
from offing.rules.dated import Dated
from offing.rules.regime_file import shipped
from offing.rules.requirements import every_requirement

BAR = 200


def words() -> list[tuple[str, str | None]]:
    """Every entry of the rulebook: its part, and the words of its act where it was read."""
    book = shipped()
    dated: list[tuple[str, Dated]] = [(rate.id.split(".")[0].upper(), rate) for rate in book.rates]
    for regime in book.regimes.values():
        dated += [(regime.importer, charge) for charge in regime.charges]
    refund = [*dated_rates(), *claim_rules(), *firm_classes().values()]
    dated += [("China: export refund", entry) for entry in refund]
    entries = [(part, entry.says if entry.looked_at else None) for part, entry in dated]
    for row in every_requirement():
        read = row.status == "official" and row.document and row.says and row.still_valid_on
        entries.append(("requirements", row.says if read else None))
    return entries


def counted() -> dict[str, tuple[int, int]]:
    """Part of the rulebook → entries whose act was read, all entries."""
    entries = words()
    whole = Counter(part for part, _ in entries)
    read = Counter(part for part, quote in entries if quote)
    return {part: (read[part], whole[part]) for part in sorted(whole)}


def drawn(size: int, seed: int) -> list[tuple[str, str]]:
    """Words of acts drawn at random, with their part; words that serve many entries count once."""
    different = sorted({(part, quote) for part, quote in words() if quote})
    return Random(seed).sample(different, size)


def main() -> None:
    """Print the count, or words drawn at random."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draw", type=int, help="how many different words to draw")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.draw:
        print("\n".join(f"{part}: {quote}" for part, quote in drawn(options.draw, options.seed)))
        return
    counts = counted()
    for name, (read, whole) in counts.items():
        if read:
            print(f"{name:24} {read:4} of {whole}")
    read, whole = (sum(pair[at] for pair in counts.values()) for at in (0, 1))
    texts = len({(part, quote) for part, quote in words() if quote})
    print(f"{'all':24} {read:4} of {whole}, by {texts} different quotes; the bar is {BAR}")


if __name__ == "__main__":
    main()
