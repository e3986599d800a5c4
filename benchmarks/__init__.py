"""What a run costs, as ratios within one run; see README.md of this folder."""
