"""What to do: offers in joint scenarios, the programme that chooses among them, its moves."""
