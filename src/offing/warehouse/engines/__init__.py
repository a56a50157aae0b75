"""Engines that flows may lie on, one file each; a file is imported when its engine is met."""
