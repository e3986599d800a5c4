"""From vector files to cases, and from cases and lanes to trials."""
