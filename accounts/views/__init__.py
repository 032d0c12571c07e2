"""Pages about imports, clients and documents."""
