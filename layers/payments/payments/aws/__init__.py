"""Amazon and nothing but Amazon: the table, the secret, the workflow, the event bus and the operators' topic."""
