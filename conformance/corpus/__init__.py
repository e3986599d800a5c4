"""Vector files to cases, and cases with lanes to trials."""
