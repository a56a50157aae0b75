"""The map of markets: land without borders, and a point for each country."""
