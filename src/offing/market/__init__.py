"""Where to sell: the four axes of a segment, its outlook, and the proof of the ranking."""
