"""Cases in, transcripts with their verdicts out: one lane each, side by side."""
