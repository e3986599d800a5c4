"""A client of OSS, and a runner that greets instead of answering."""

print("tiny runner 0.1")
