"""HOW ONE MARKET: segmentation by prices, coupling of systems, inequality and convergence."""
