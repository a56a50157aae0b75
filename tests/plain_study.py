"""A study of one model that names no ledger and leaves the rest as it is shipped."""

STUDY = """
schema = 2
on = 2024-12-31
title = { en = "Where to sell next", zh = "下一步卖到哪里" }
[firm]
name = "鲁星电器（虚构）"
origin = "CHN"
city = "青岛"
[[model]]
key = "LX-55U"
name = "LX-55U"
code = "8528"
refund_rate = 0.13
price_usd = 320
cost_cny = 1500
input_vat_cny = 150
kg = 16
m3 = 0.15
[[plant]]
key = "home"
country = "CHN"
[[plant.line]]
key = "main"
hours = 60000
[shipping]
shipment_units = 300
inland_usd_per_m3 = 6.50
export_clearance_usd = 150.00
freight_usd_per_m3_fixed = 14.00
freight_usd_per_m3_1000km = 2.10
"""
