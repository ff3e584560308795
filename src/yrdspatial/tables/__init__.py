"""SHOW THE NUMBERS: frames and their notes as text, LaTeX and HTML, in files written whole or not at all."""
