"""HOW FAR: the rail network of any day, travel times between cities, and accessibility."""
