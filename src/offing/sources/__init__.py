"""Outside data sets: one file for each. It reads the set, checks it and names its columns.

A source is a module with ``ABOUT`` (an :class:`~offing.sources.about.About`) and
``read(paths, staging, **options)``. It knows nothing of the warehouse: it writes the tables of
``offing.terms.tables`` into a :class:`~offing.sources.staging.Staging`.
"""
