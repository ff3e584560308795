"""WHICH CHOICES MATTER: tests between weights, averages over models, and every specification at once."""
