"""How much to each segment: build, solve, read back."""

from offing.plan.allocation import Limits, Model, Solution, build, read_back, solve
from offing.plan.candidates import Candidate, Reach, reach
from offing.plan.explain import explain_row
from offing.plan.shape import Plan, PlanRow

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
