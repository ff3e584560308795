"""WHO DOES WHAT: specialization, concentration, and industrial transfer."""
