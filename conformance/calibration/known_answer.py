"""A known answer of Signature V4: a published signature with all that went into it.

An entry of vectors/signature-v4-known-answers.json; known_form.py reads it, known_answer_v1.py
is the same for V1. The answer makes the whole request that it stands for, because a signature
that is reproduced says nothing about a verifier that cannot read it out of a request.
"""

from dataclasses import dataclass, replace

from conformance.model.case import KnownKey
from conformance.model.http import Header, Request, first
from conformance.oss import v4
from conformance.oss.encode import encode

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """One published signature. mode: `header` or `query`. signtime: Unix seconds. expires: seconds,
    mode query only. query: decoded. additional: as the signer was told, in any case and order.
    """

    id: str
    published_in: str
    ak: str
    sk: str
    region: str
    product: str
    method: str
    bucket: str
    key: str
    query: Pairs
    mode: str
    headers: tuple[Header, ...]
    signtime: int
    expect: str
    token: str | None = None
    additional: tuple[str, ...] = ()
    expires: int | None = None

    @property
    def clock(self) -> int:
        """A moment at which the service accepts it, Unix seconds."""
        return self.signtime

    @property
    def served(self) -> bool:
        """Whether the service takes such a request at all; of another product it takes none."""
        return self.product == v4.PRODUCT

    @property
    def scope(self) -> v4.Scope:
        """What the signing key is good for."""
        date = v4.timestamp(self.signtime)[:8]
        return v4.Scope(date=date, region=self.region, product=self.product)

    @property
    def known_key(self) -> KnownKey:
        """The key pair as the service knows it."""
        return KnownKey(id=self.ak, secret=self.sk, token=self.token)

    @property
    def host(self) -> str:
        """The virtual-hosted name that the request goes to."""
        return f"{self.bucket}.oss-{self.region}.aliyuncs.com".lower()

    @property
    def asked(self) -> v4.Unsigned:
        """The request as it is signed, with the fields that the mode adds."""
        now, names = v4.timestamp(self.signtime), v4.listed(self.additional)
        headers, query = self.headers, self.query
        if self.mode == "header":
            added = [("x-oss-date", now)]
            if self.token is not None:
                added.append(("x-oss-security-token", self.token))
            headers += tuple(field for field in added if first(headers, field[0]) is None)
        else:
            extra = [
                ("x-oss-signature-version", v4.ALGORITHM),
                ("x-oss-date", now),
                ("x-oss-expires", str(self.expires)),
                ("x-oss-credential", f"{self.ak}/{self.scope.text}"),
            ]
            if self.token is not None:
                extra.append(("x-oss-security-token", self.token))
            if names:
                extra.append(("x-oss-additional-headers", ";".join(names)))
            query += tuple(extra)
        return v4.Unsigned(
            method=self.method,
            bucket=self.bucket,
            key=self.key,
            query=query,
            headers=headers,
            additional=names,
        )

    @property
    def computed(self) -> str:
        """The signature that we compute for it."""
        stamp = first(self.asked.headers, "x-oss-date") if self.mode == "header" else None
        text = v4.string_to_sign(
            v4.canonical(self.asked).text,
            timestamp=stamp or v4.timestamp(self.signtime),
            scope=self.scope,
        )
        return v4.signature(text, secret=self.sk, scope=self.scope)

    def request(self, signature: str) -> Request:
        """The whole request as it goes over the wire with this signature."""
        asked = self.asked
        if self.mode == "query":
            asked = replace(asked, query=(*asked.query, (v4.URL_SIGNATURE, signature)))
        else:
            fields = [f"Credential={self.ak}/{self.scope.text}"]
            if asked.additional:
                fields.append(f"AdditionalHeaders={';'.join(asked.additional)}")
            fields.append(f"Signature={signature}")
            proof = ("Authorization", f"{v4.ALGORITHM} {','.join(fields)}")
            asked = replace(asked, headers=(*asked.headers, proof))
        return wired(asked, self.host)


def wired(asked: v4.Unsigned, host: str) -> Request:
    """A virtual-hosted request on the wire: the query keeps its order."""
    query = "&".join(f"{encode(n)}={encode(v)}" if v else encode(n) for n, v in asked.query)
    target = f"/{encode(asked.key, keep='/')}" + (f"?{query}" if query else "")
    headers = (("Host", host), *asked.headers)
    return Request(method=asked.method, target=target, version="HTTP/1.1", headers=headers)
