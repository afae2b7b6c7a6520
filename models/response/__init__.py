"""Response equations of a market, one a file: vectorised, pure, each with its values, ranges and sources."""
