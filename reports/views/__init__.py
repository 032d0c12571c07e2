"""Pages of reports: the board, one officer, the lists behind the figures, the jobs, and the admin's setup."""
