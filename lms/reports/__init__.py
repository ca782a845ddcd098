"""Figures: coverage with a dated denominator, and the files they leave in."""
