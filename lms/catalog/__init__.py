"""What has ever been offered: the catalogue, its editions, and bringing it up to date."""
