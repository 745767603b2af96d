"""The provider and nothing but the provider: its messages, its words, its addresses."""
