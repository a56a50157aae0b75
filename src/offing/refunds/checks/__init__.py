"""What is checked before a claim: the papers beside each other, and the lines of the months."""
