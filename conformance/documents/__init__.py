"""JSON documents: strict reading, validation by schema, and mistakes with their place."""
