"""Printed tables of yearbooks: files to grids, grids to blocks, headers to columns, cells to numbers."""
