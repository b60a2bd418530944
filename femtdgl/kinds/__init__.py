"""One room for each kind of problem, and what they have in common."""
