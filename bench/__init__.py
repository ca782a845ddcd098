"""Measurements: the product beside its limits, alternately, in one run. See docs/do-luong.md."""
