"""The smallest world of a trade table: two countries that trade with each other and at home."""

TRADE = "exporter,importer,trade\nCHN,CHN,80\nCHN,USA,20\nUSA,CHN,20\nUSA,USA,80\n"
