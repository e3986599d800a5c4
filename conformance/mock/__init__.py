"""The mock endpoint: a program of its own that plays the service, lane by lane.

It speaks JSON lines on stdin and stdout, one reply for each message, in order:

    {"type": "start", "protocol": 1, "listen": "container" | "host",
     "certificates": {"trusted": [PEM, PEM], ...}}
        -> {"type": "started", "protocol": 1, "loop": "uvloop" | "asyncio"}
    {"type": "lane", "lane": NAME, "peer": IP | null}
        -> {"type": "lane", "lane": NAME, "port": PORT | null}
    {"type": "arm", "lane": NAME, "seq": N, "script": SCRIPT | null}
        -> {"type": "journal", "lane": NAME, "seq": N, "journal": JOURNAL}
    {"type": "stop"}  (or end of input): it exits 0.
    Anything it cannot do is answered {"type": "refused", "reason": TEXT}.

`container`: it listens on ports 443 (TLS) and 80 of all its addresses and knows a lane by the
address that the lane's connections come from (`peer`). `host`: each lane gets a loopback port of
its own that takes CONNECT, absolute-form proxy requests, TLS and plain HTTP alike; the first byte
tells them apart. A connection from nobody's address is answered 400 and never journalled to a
lane.

`certificates` are pairs of a chain and its key, by the names that scripts call them by. A
connection that begins with TLS is shown the one of the script that is armed then, else `trusted`;
a script that names another than these is refused. A client that does not like what it is shown is
no exchange but a failed handshake in the journal, also if it only goes away without a request.

`arm` disarms what was armed before on that lane and hands over what was seen since then, so a
trial costs one round trip with the mock: the journal of turn n comes with the arming of turn
n+1. `script: null` only disarms. The shapes of SCRIPT and JOURNAL are those of model/codec.py.
"""
