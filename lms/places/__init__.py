"""Units: provinces, communes, schools, classes."""
