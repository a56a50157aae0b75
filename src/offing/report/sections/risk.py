"""How the plan holds: the frontier, what would turn the plan around, what limits are worth."""

from offing.report.blocks import Section
from offing.report.decision import Decision
from offing.report.views import risk
from offing.study.result import StudyResult


def section(result: StudyResult) -> Section | None:
    """Folded, for whoever asks; ``None`` where the risk was not looked at."""
    if result.risk is None:
        return None
    return Section.of("risk", risk.view(Decision.of_result(result), result.risk))
