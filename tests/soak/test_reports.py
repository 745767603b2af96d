"""A hundred thousand operations in one report: how much memory they take, and what they take of the disk."""
