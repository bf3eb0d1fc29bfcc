"""The office's door: tills, other programs and people come in here."""
