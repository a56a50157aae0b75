"""Scoring methods, one file each; found by the folder."""
