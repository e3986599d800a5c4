"""The sizes on which several parts of the suite agree, in bytes.

They follow from each other: a trial with the largest body has to fit its bound, and the journal of
a trial at its bound has to fit a line.
"""

# Received and sent by the mock in one trial of a lane; mock/bounds.py says what follows beyond it.
TRIAL_BYTES = 20 * 2**20
# The body of a scripted reply: an SDK that retries four times stays within the bound of its trial.
# It is the largest number of `repeat` in schemas/vectors.schema.json too.
BODY_BYTES = TRIAL_BYTES // 5
# The output and the standard error of a program that are kept, each; a sample prints some hundred.
OUTPUT_BYTES = 2**20
# A line of JSON between the engine and a program. A journal has the bytes of its trial and of its
# strays as base64, at most 54 MiB.
LINE_BYTES = 64 * 2**20
