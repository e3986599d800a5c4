"""Published signatures that the verifier must reproduce, and mutations that it must reject."""
