"""Years that have a file each, loaded one after the other, so that a load that stopped goes on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from offing.sources.staging import InputFile, YearFile, sha256_of
from offing.terms.caution import Caution
from offing.warehouse.catalog import Load
from offing.warehouse.store import Warehouse


def apart(
    files: Sequence[YearFile], warehouse: Warehouse, dataset: str, source: str
) -> tuple[dict[int, Load], list[list[YearFile]]]:
    """Year → the load that read its file as it is now, and which other files to load together.

    Years that are new to the data set are loaded each by itself. Years that take the place of
    others come together, all or none: a set is never half of one release and half of another.
    """
    loads = {load.id: load for load in warehouse.catalog.loads if load.source == source}
    there = {
        part.year: loads.get(part.load) if warehouse.is_whole(part) else None
        for part in warehouse.catalog.parts_of("flows", dataset)
    }
    before = {file.year: load for file in files if (load := _read(there.get(file.year), file))}
    new = [file for file in files if file.year not in before]
    editions = {getattr(load, "edition", None) for load in there.values()} or {files[0].edition}
    at_once = any(file.year in there or {file.edition} != editions for file in new)
    return before, [new] if at_once else [[file] for file in new]


def _read(load: Load | None, file: YearFile) -> Load | None:
    """The load, where it read the file as it is now."""
    if load is None or load.edition != file.edition:
        return None
    looks = file.origin.name, file.origin.stat().st_size
    same = [one for one in load.inputs if (one.name, one.bytes) == looks]
    return load if same and same[0].sha256 == sha256_of(file.origin) else None


def together(there: Mapping[int, Load], new: Sequence[Load]) -> Load:
    """Loads of some years each as one, for the person who asked for them.

    ``there`` are those of years that were not read again; they are told where nothing is new.
    """
    loads = new or [*{load.id: load for load in there.values()}.values()]
    notes: list[Caution] = []
    for load in loads:
        notes += [note for note in load.notes if note not in notes]
    if there:
        notes.append(Caution("warehouse.in_already", {"count": len(there)}))
    aside = [load.quarantine for load in loads if load.quarantine]
    quarantined, skipped = Counter[str](), Counter[str]()
    for load in loads:
        quarantined.update(load.quarantined)
        skipped.update(load.skipped)
    return replace(
        loads[-1],
        inputs=_inputs(loads),
        rows_in=sum(load.rows_in for load in loads),
        good=sum(load.good for load in loads),
        quarantined=dict(sorted(quarantined.items())),
        # Of several the folder that they are in.
        quarantine=aside[0].rpartition("/")[0] if len(aside) > 1 else next(iter(aside), None),
        notes=tuple(notes),
        skipped=dict(sorted(skipped.items())),
    )


def _inputs(loads: Sequence[Load]) -> tuple[InputFile, ...]:
    """What the loads read; of an archive that all of them read some of, the rows together."""
    inputs: dict[tuple[str, str], InputFile] = {}
    for one in (one for load in loads for one in load.inputs):
        before = inputs.get((one.name, one.sha256))
        rows = one.rows + (before.rows if before else 0)
        inputs[one.name, one.sha256] = replace(one, rows=rows)
    return tuple(inputs.values())
