"""How the tables came to be, a file for each revision. A file that was published never changes."""
