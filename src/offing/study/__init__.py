"""One TOML file is one reproducible run; the only room that knows the whole flow."""
