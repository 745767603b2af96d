"""Amazon and nothing but Amazon: the table, the secret, the events, the workflow."""
