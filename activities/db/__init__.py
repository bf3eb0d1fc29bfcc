"""The office's books: every SELECT, INSERT and table of the office is in this folder."""
