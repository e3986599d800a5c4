"""The names of all rules, by which a list of known failures is checked.

A test compares them with the names in the source of this package.
"""

RULE_NAMES = frozenset({
    "auth.access-key", "auth.bare-plus", "auth.clear-text", "auth.expires",
    "auth.proxy-authorization", "auth.region", "auth.scheme", "auth.secret-leak",
    "auth.signature", "auth.time", "auth.token",
    "bodies.bytes", "bodies.coding", "bodies.parsed", "bodies.schema",
    "errors.caught", "errors.code", "errors.ec", "errors.host-id", "errors.kind",
    "errors.message", "errors.origin", "errors.request-id", "errors.shape", "errors.status",
    "naming.path-style", "naming.port", "naming.target", "naming.unasked", "naming.version",
    "process.canonical", "process.duplicate", "process.place", "process.string",
    "program.crash", "program.death", "program.end", "program.output", "program.silence",
    "program.state",
    "samples.compile", "samples.exit", "samples.handled", "samples.output",
    "transport.absolute-form", "transport.certificate", "transport.endless",
    "transport.fault-unused", "transport.malformed", "transport.method",
    "transport.open-connections", "transport.proxy", "transport.requests", "transport.scheme",
    "transport.stray", "transport.target-host", "transport.unasked-field", "transport.user-agent",
})  # fmt: skip
