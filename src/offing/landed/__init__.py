"""One shipment from the factory to landed, and back, on a day."""
