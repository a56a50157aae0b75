"""A made-up importer whose law has days, for tests of ages, both sums and calendars."""

from pathlib import Path

LAW = """
[regime]
importer = "ISL"
currency = "ISK"

[[charge]]
name = "customs_value"
stage = "value"
base = ["goods", "freight", "insurance"]
since = 2009-01-01
source = "planted"
status = "official"

[[charge]]
name = "duty"
stage = "duty"
base = ["customs_value"]
tariff = "mfn"
since = 2009-01-01
source = "planted"
status = "official"

[[charge]]
name = "safeguard"
stage = "duty"
base = ["customs_value"]
rate = "isl.safeguard"
not_on = ["freed"]
since = 2020-01-01
until = 2028-01-01
source = "planted"
status = "official"

[[charge]]
name = "vat"
stage = "tax"
base = ["customs_value", "duties"]
rate = "isl.vat"
recoverable = true
since = 2009-01-01
source = "planted"
status = "official"

[[list]]
name = "freed"
codes = ["640299"]
since = 2020-01-01
until = 2027-03-01
source = "planted"
status = "official"

[[rate]]
id = "isl.safeguard"
value = "10%"
since = 2020-01-01
source = "planted"
status = "STATUS"

[[rate]]
id = "isl.vat"
value = "24%"
since = 2009-01-01
until = 2027-06-01
source = "planted"
status = "official"
says = "24 % of the value"
still_valid_on = 2026-11-01

[[rate]]
id = "isl.vat"
value = "22%"
since = 2027-06-01
source = "planted"
status = "official"
says = "22 % from June 2027"
still_valid_on = 2026-11-01
"""


def law_file(folder: Path, *, status: str = "official") -> Path:
    """The law as a file; ``status`` is that of the safeguard's rate."""
    file = folder / "isl.toml"
    file.write_text(LAW.replace("STATUS", status), encoding="utf-8")
    return file
