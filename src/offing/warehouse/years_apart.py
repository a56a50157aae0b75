"""Years that have a file each, loaded one after the other, so that a load that stopped goes on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from offing.sources.staging import InputFile, YearFile, sha256_of
from offing.terms.caution import Caution
from offing.warehouse.catalog import Catalog, Load


def apart(
    files: Sequence[YearFile], catalog: Catalog, dataset: str, source: str
) -> tuple[dict[int, Load], list[list[YearFile]]]:
    """Year → the load that read its file as it is now, and which other files to load together.

    Years that are new to the data set are loaded each by itself. Years that take the place of
    others come together, all or none: a set is never half of one release and half of another.
    """
    loads = {load.id: load for load in catalog.loads if load.source == source}
    parts = catalog.parts_of("flows", dataset)
    there = {part.year: loads.get(part.load) for part in parts}
    before = {
        file.year: load
        for file in files
        if (load := there.get(file.year)) is not None and _has_read(load, file)
    }
    new = [file for file in files if file.year not in before]
    editions = {load.edition if load else None for load in there.values()}
    editions |= {file.edition for file in new}
    at_once = len(editions) > 1 or any(file.year in there for file in new)
    groups = [new] if at_once else [[file] for file in new]
    return before, [group for group in groups if group]


def _has_read(load: Load, file: YearFile) -> bool:
    if load.edition != file.edition:
        return False
    looks = file.origin.name, file.origin.stat().st_size
    same = [one for one in load.inputs if (one.name, one.bytes) == looks]
    return bool(same) and same[0].sha256 == sha256_of(file.origin)


def together(there: Mapping[int, Load], new: Sequence[Load]) -> Load:
    """Loads of some years each as one, for the person who asked for them.

    ``there`` are those of years that were not read again; they are told where nothing is new.
    """
    loads = new or [*{load.id: load for load in there.values()}.values()]
    inputs: dict[tuple[str, str], InputFile] = {}
    for one in (one for load in loads for one in load.inputs):
        before = inputs.get((one.name, one.sha256))
        rows = one.rows + (before.rows if before else 0)
        inputs[one.name, one.sha256] = replace(one, rows=rows)
    notes: list[Caution] = []
    for note in (note for load in loads for note in load.notes):
        notes += [] if note in notes else [note]
    if there:
        notes.append(Caution("warehouse.in_already", {"count": len(there)}))
    aside = [load.quarantine for load in loads if load.quarantine]
    quarantined, skipped = Counter[str](), Counter[str]()
    for load in loads:
        quarantined.update(load.quarantined)
        skipped.update(load.skipped)
    return replace(
        loads[-1],
        inputs=tuple(inputs.values()),
        rows_in=sum(load.rows_in for load in loads),
        good=sum(load.good for load in loads),
        quarantined=dict(sorted(quarantined.items())),
        # Of several the folder that they are in.
        quarantine=aside[0].rpartition("/")[0] if len(aside) > 1 else next(iter(aside), None),
        notes=tuple(notes),
        skipped=dict(sorted(skipped.items())),
    )
