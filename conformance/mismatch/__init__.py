"""Why a signature does not match: hypotheses about how a client signed, tried one by one. Pure."""
