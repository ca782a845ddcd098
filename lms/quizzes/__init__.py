"""Checks: drawing a paper, keeping answers, marking."""
