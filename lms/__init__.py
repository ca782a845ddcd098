"""Bình dân học vụ số: a course platform. Importing a room must not import Flask."""
