"""WHAT WE OBSERVE: the panel of cities by year, its columns, and its known breaks."""
