"""What the system does: one verb_noun a file, plain functions, everything by keyword."""
