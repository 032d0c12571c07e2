"""Pages of the work: lists, my day, the next person, bulk acts, queues, people."""
