"""The mock endpoint: a separate program that answers as OSS does, with a script for each lane.

It reads JSON lines from stdin and writes one reply for each to stdout; replies about one lane come
in order:

    {"type": "start", "protocol": 1, "listen": "container" | "host",
     "certificates": {"trusted": [PEM, PEM], ...}, "tap": TAP | absent}
        -> {"type": "started", "protocol": 1, "loop": "uvloop" | "asyncio"}
    {"type": "lane", "lane": NAME, "peer": IP | null}
        -> {"type": "lane", "lane": NAME, "port": PORT | null}
    {"type": "arm", "lane": NAME, "seq": N, "script": SCRIPT | null, "continues": true | absent}
        -> {"type": "journal", "lane": NAME, "seq": N, "journal": JOURNAL}
    {"type": "stop"}  or end of input: the mock exits with status 0.
    A message that cannot be carried out
        -> {"type": "refused", "lane": NAME | null, "reason": TEXT}

`listen` selects how the mock identifies lanes. `container`: it listens on ports 443 (TLS), 80 and
others (TLS, plain HTTP and CONNECT; see `oss.naming.PORTS`) of every address and identifies a lane
by its source address (`peer`); a request from any other address is answered 400 and not journalled.
`host`: each lane has its own loopback port, which accepts CONNECT, proxy requests in absolute form,
TLS and plain HTTP; TLS is recognised by its first byte.

`certificates` maps the names used in scripts to pairs of a certificate chain and its key. On a TLS
connection the mock presents the certificate of the script armed at that moment, or `trusted` if
there is none. A script that names an unknown certificate is refused. If the client rejects a wrong
certificate, even just by disconnecting without a request, the journal holds a failed handshake and
no exchange.

`tap` makes the mock the tap of a live run, which `tap.py` describes; its members are those of
`TapSettings`, and `requests`: the most that are forwarded.

`arm` replaces the script of a lane, or removes it (`null`), and returns everything journalled since
the previous `arm`. A turn therefore costs one round trip with the mock: its journal arrives when
the next turn is armed. Requests that arrive while no script is armed are `strays` in the next
journal. `continues` says that the script belongs to the same case as the previous one: the journal
counts the open connections that were opened since the first script of the case was armed.

Each lane is served by a process of its own (`lane_process.py`), so that one that floods the mock
leaves the others their time. The parent reads the messages and, in a container, accepts the
connections; it passes both on and waits for no lane. All processes end with the parent.

A client that does not read its answers gets no more of them, and is not read from any further. A
connection on which it is the client's turn is closed after 75 seconds of silence.

Each arming has bounds (`bounds.py`). Past one of them the mock answers nothing, reads no further,
closes each connection after a second and accepts new ones slowly, until the next `arm`; the journal
then says which bound it was. A lane whose trial takes much of the processor is answered slowly
before that.
`model/codec.py` reads and writes SCRIPT and JOURNAL.
"""
