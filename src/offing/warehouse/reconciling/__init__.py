"""One estimate for each flow from the two reports of it, after Gaulier and Zignago (2010).

``reconcile`` makes the flows; ``prove`` hides reports and measures how well they are foretold.
"""

from offing.warehouse.reconciling.estimate import reconcile
from offing.warehouse.reconciling.proof import prove
from offing.warehouse.reconciling.reconciled import Proof, Reconciled

__all__ = ["Proof", "Reconciled", "prove", "reconcile"]
