"""CHECK THE PAPER: the main job and the claims."""
