"""Pure rules of the work: facts in, queue, next step and points out. Standard library only."""
