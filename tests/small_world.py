"""A duty of 25 % in the United States on goods of China, and the trade of three countries."""

EXTRA = """
[reform]
name = "25 % more in the US"
elasticity = 3
[[charge]]
importer = "USA"
name = "extra"
stage = "duty"
base = ["customs_value"]
rate = "usa.extra"
origins = ["CHN"]
[[rate]]
id = "usa.extra"
value = "25%"
"""

TRADE = """exporter,importer,trade
CHN,CHN,500
CHN,USA,40
CHN,DEU,20
USA,CHN,20
USA,USA,400
USA,DEU,20
DEU,CHN,15
DEU,USA,20
DEU,DEU,90
"""
