"""How much to each segment: build, solve, read back."""
