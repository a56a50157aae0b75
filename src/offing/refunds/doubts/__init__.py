"""What a careful accountant doubts in the papers of a claim, one kind after another."""
