"""Benchmarks: ours beside a peer, in one process."""
