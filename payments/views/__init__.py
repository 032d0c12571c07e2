"""Pages of money: payments, promises, plans, batches, one debt."""
