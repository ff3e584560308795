"""The report, chapter by chapter: each turns results into text, figures and tables."""
