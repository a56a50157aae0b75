"""Firms planted in files: does a plan that is told only what a firm can tell find what there is?

Unlike ``tools.planted_worlds`` nothing is handed to the planner: a world is written as trade files,
a ledger and a study, they are loaded and planned as a person would, and what the plan decides is
judged in the world that it came from: ``python -m tools.planted_firms --worlds 36 --seed 1``.
"""
