"""One estimate for each flow from the two reports of it, after Gaulier and Zignago (2010).

``estimate.reconcile`` makes the flows; ``estimate.prove`` hides reports and measures how well they
are foretold.
"""
