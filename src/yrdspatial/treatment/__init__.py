"""DID IT DO IT: openings as treatment, event studies, bounds on what could be wrong with them."""
