"""What an administrator does: install, back up, restore, examine; and what runs by itself."""
