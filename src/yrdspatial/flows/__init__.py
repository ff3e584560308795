"""What moves between cities: tables of flows, gravity, and spatial interaction."""
