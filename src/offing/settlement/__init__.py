"""Currency, forwards and exposure."""
