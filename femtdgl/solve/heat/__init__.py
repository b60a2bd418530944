"""Heat in the coupled system: temperatures as unknowns, their rows and what is joined to them."""
