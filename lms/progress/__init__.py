"""What was completed, at which level, and what that earns."""
