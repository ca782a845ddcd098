"""Learners, persons, and what ties them together."""
