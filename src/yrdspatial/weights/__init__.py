"""WHO IS A NEIGHBOUR: spatial weights, static or by year."""
