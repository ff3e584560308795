"""How heavy work is run: here, in local processes or on a cluster, with the same numbers."""
