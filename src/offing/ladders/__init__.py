"""At what price: unit values, price tiers, and the place of a price on a market's ladder."""
