"""The pictures, one file each: a function from results to SVG, its words in the language in use."""
