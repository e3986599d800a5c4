# Does in a lane's container what a test asks for.
eval "$PROBE"
