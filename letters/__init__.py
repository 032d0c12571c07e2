"""Everything we send: post, e-mail and texts."""
