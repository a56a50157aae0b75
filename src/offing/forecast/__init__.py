"""What may come: the outlook, rankings of markets, and how they did on earlier years."""
