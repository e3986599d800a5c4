"""The mock endpoint: a program of its own that answers as the service does, for each lane apart.

It reads JSON lines on stdin and writes one reply for each to stdout, in order:

    {"type": "start", "protocol": 1, "listen": "container" | "host",
     "certificates": {"trusted": [PEM, PEM], ...}}
        -> {"type": "started", "protocol": 1, "loop": "uvloop" | "asyncio"}
    {"type": "lane", "lane": NAME, "peer": IP | null}
        -> {"type": "lane", "lane": NAME, "port": PORT | null}
    {"type": "arm", "lane": NAME, "seq": N, "script": SCRIPT | null}
        -> {"type": "journal", "lane": NAME, "seq": N, "journal": JOURNAL}
    {"type": "stop"}  (or the end of input): the mock exits 0.
    A message that cannot be carried out -> {"type": "refused", "reason": TEXT}

`listen` says how lanes are told apart. `container`: the mock listens on ports 443 (TLS) and 80 of
all its addresses, and the address that a connection comes from (`peer`) names the lane; any other
address is answered 400 and journalled nowhere. `host`: each lane gets a loopback port of its own
that accepts CONNECT, proxy requests in absolute form, TLS and plain HTTP; the first byte tells TLS
from the others.

`certificates` are pairs of a chain and its key, under the names that scripts use. A connection that
begins with TLS is shown the certificate of the script that is armed then, `trusted` if none is; a
script that names an unknown certificate is refused. A client that rejects the certificate, be it
only by going away without a request, is a failed handshake in the journal and no exchange.

`arm` replaces the script of a lane, or removes it (`null`), and returns the journal since the
arming before. So a turn costs one round trip with the mock: its journal comes with the arming of
the next turn. Requests that come while no script is armed are the `strays` of the next journal.
SCRIPT and JOURNAL are written and read by `model/codec.py`.
"""
