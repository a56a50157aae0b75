"""A finished study as charts, map, HTML and XLSX."""
