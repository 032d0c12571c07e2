"""The work screen: one person, one call, one result (F23)."""
