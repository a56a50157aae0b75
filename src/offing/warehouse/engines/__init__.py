"""Query engines beside DuckDB; each faces the shared conformance suite."""
