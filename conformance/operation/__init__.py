"""The operations of the service as data: processing strings, parameters, responses. Pure."""
