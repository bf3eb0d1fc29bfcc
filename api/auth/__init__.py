"""Who is who: tokens, proofs and grants of the office's own issuer."""
