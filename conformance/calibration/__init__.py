"""Published signatures that the verifier must reproduce, and changed ones that it must refuse."""
