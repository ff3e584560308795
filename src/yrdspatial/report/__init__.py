"""SHOW: maps, figures, and the report."""
