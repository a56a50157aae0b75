"""Score the rankings out of time: no ranking sees anything later than its base year."""
