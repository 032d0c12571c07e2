"""Pages of disputes and call scripts."""
