"""The long work of jobs: functions at the top level, which a process of its own can call."""

from pathlib import Path


def run_study(study: Path, results: Path, warehouse: Path | None) -> None:
    """Run a study and put its results in the place of the old ones.

    Raises:
        OffingError: as :func:`offing.run`.
    """
    from offing.api.run import run
    from offing.report.folder import write_folder
    from offing.terms.progress import stretch

    with stretch(0.0, 0.85):
        answer = run(study, warehouse=warehouse)
    write_folder(answer, results)
