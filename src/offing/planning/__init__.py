"""How much to each segment: build, solve, read back."""

from offing.planning.allocation import Limits, Model, Solution, build, read_back, solve
from offing.planning.candidates import Candidate, Reach, reach
from offing.planning.explain import explain_row
from offing.planning.plan import Plan, PlanRow

__all__ = [
    "Candidate",
    "Limits",
    "Model",
    "Plan",
    "PlanRow",
    "Reach",
    "Solution",
    "build",
    "explain_row",
    "reach",
    "read_back",
    "solve",
]
