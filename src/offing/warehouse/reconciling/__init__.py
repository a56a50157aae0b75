"""One estimate for each flow from the two reports of it, after Gaulier and Zignago (2010).

``reconcile`` makes the flows; ``prove`` hides reports and measures how well they are foretold.
"""

from offing.warehouse.reconciling.estimate import (
    Proof,
    ReconciledTrade,
    prove,
    reconcile,
    reconcile_beside,
)

__all__ = ["Proof", "ReconciledTrade", "prove", "reconcile", "reconcile_beside"]
