"""School years, classes, their rosters, joining a class, and what is assigned to it."""
