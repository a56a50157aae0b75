"""What is left: the dated rulebook, refund, duty, landed cost and settlement."""
