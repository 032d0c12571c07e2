"""Pages and parts of the work screen."""
