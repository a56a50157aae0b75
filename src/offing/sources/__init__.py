"""Every outside file, the firm's own included: read, checked, its columns named.

A firm's tables (months, deals, papers) have a layout in ``data/firm_tables.toml`` and become the
records of ``offing.terms.firm_records``; :mod:`offing.sources.user_table` reads them.

A source is a module with ``ABOUT`` (an :class:`~offing.sources.about.About`) and
``read(paths, staging, **options)``. It knows nothing of the warehouse: it writes the tables of
``offing.terms.tables`` into a :class:`~offing.sources.staging.Staging`.
"""
