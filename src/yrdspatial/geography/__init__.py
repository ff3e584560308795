"""WHERE: the 41 units, their polygons, and named sets of them."""
