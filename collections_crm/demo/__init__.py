"""The demo: invented people, twelve months of history that keeps the contact rules, written in bulk."""
