"""Credentials, roles, browser sessions, and slowing down guesses."""
