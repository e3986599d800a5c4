"""Known answers: published signatures with everything that went into them.

An answer also builds the whole request, so that calibration covers reading the signature from a
request and not only computing it. answer_file.py reads the answers.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from conformance.model.case import KnownKey
from conformance.model.http import Header, Request, first
from conformance.oss import v1, v4
from conformance.oss.authorization import moment_of
from conformance.oss.encoding import encode
from conformance.oss.v4 import Unsigned

Pairs = tuple[tuple[str, str], ...]

_TOKEN = "x-oss-security-token"
_BEFORE_EXPIRY = 60  # a V1 URL is verified this many seconds before it expires


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer(ABC):
    """What answers of V4 and V1 have in common; fields as in schemas/known-answers*."""

    id: str  # unique in its file
    published_in: str  # where the signature was published
    ak: str  # access key id
    sk: str  # access key secret
    region: str  # of the endpoint that the request is sent to
    method: str
    bucket: str
    key: str  # object key, decoded
    query: Pairs  # decoded, without the parameters that presigning adds
    mode: str  # where the signature is: `header` or `query`
    headers: tuple[Header, ...]  # as sent, without those that signing adds
    expect: str  # the published signature
    token: str | None = None  # STS token
    expires: int | None = None  # mode query only; V4: seconds, V1: Unix seconds

    @property
    def known_key(self) -> KnownKey:
        """The key pair as the service knows it."""
        return KnownKey(id=self.ak, secret=self.sk, token=self.token)

    @property
    def host(self) -> str:
        """The host of the answer's headers, or else the virtual-hosted name of the bucket."""
        given = first(self.headers, "host")
        return given or f"{self.bucket}.oss-{self.region}.aliyuncs.com".lower()

    @property
    def is_served(self) -> bool:
        """Whether OSS accepts requests with this kind of signature."""
        return True

    @property
    @abstractmethod
    def clock(self) -> int:
        """A time at which the service accepts the request, in Unix seconds."""

    @property
    @abstractmethod
    def unsigned(self) -> Unsigned:
        """The request that is signed, with the fields that the mode adds before signing."""

    @property
    @abstractmethod
    def computed(self) -> str:
        """The signature that the suite computes."""

    @abstractmethod
    def signed(self, signature: str) -> Unsigned:
        """The request with this signature, without the host."""

    def request(self, signature: str) -> Request:
        """The whole request with this signature, as it is sent."""
        return on_the_wire(self.signed(signature), self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswerV4(KnownAnswer):
    """A known answer of Signature V4."""

    product: str
    signtime: int  # Unix seconds
    additional: tuple[str, ...] = ()  # names of additional headers, in any case and order

    @property
    def clock(self) -> int:
        """The time of signing."""
        return self.signtime

    @property
    def is_served(self) -> bool:
        """Whether the signature is for OSS; one for another product is never accepted."""
        return self.product == v4.PRODUCT

    @property
    def scope(self) -> v4.Scope:
        """The scope of the signing key."""
        date = v4.timestamp(self.signtime)[:8]
        return v4.Scope(date=date, region=self.region, product=self.product)

    @property
    def unsigned(self) -> Unsigned:
        """The request with its time and token and, in a URL, the other signing parameters."""
        now, names = v4.timestamp(self.signtime), v4.listed(self.additional)
        headers, query = self.headers, self.query
        if self.mode == "header":
            headers = _with(headers, "x-oss-date", now)
            headers = _with(headers, _TOKEN, self.token)
        else:
            query += (
                ("x-oss-signature-version", v4.ALGORITHM),
                ("x-oss-date", now),
                ("x-oss-expires", str(self.expires)),
                ("x-oss-credential", f"{self.ak}/{self.scope.text}"),
            )
            if self.token is not None:
                query += (("x-oss-security-token", self.token),)
            if names:
                query += (("x-oss-additional-headers", ";".join(names)),)
        return Unsigned(
            method=self.method,
            bucket=self.bucket,
            key=self.key,
            query=query,
            headers=headers,
            additional=names,
        )

    @property
    def computed(self) -> str:
        """The signature that the suite computes, 64 hexadecimal digits."""
        unsigned = self.unsigned
        date = first(unsigned.headers, "x-oss-date") if self.mode == "header" else None
        text = v4.string_to_sign(
            v4.canonical(unsigned).text,
            timestamp=date or v4.timestamp(self.signtime),
            scope=self.scope,
        )
        return v4.signature(text, secret=self.sk, scope=self.scope)

    def signed(self, signature: str) -> Unsigned:
        """The request with x-oss-signature or Authorization."""
        unsigned = self.unsigned
        if self.mode == "query":
            return replace(unsigned, query=(*unsigned.query, (v4.URL_SIGNATURE, signature)))
        items = [f"Credential={self.ak}/{self.scope.text}"]
        if unsigned.additional:
            items.append(f"AdditionalHeaders={';'.join(unsigned.additional)}")
        items.append(f"Signature={signature}")
        return _authorized(unsigned, f"{v4.ALGORITHM} {','.join(items)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswerV1(KnownAnswer):
    """A known answer of Signature V1; in mode `header` its headers include Date or x-oss-date."""

    region: str = "cn-hangzhou"  # any region would do: V1 does not sign it

    @property
    def clock(self) -> int:
        """A time before the URL expires, or the signed time."""
        if self.expires is not None:
            return self.expires - _BEFORE_EXPIRY
        return moment_of(self.date) or 0

    @property
    def date(self) -> str:
        """The signed time as text."""
        if self.expires is not None:
            return str(self.expires)
        return first(self.headers, "x-oss-date") or first(self.headers, "date") or ""

    @property
    def unsigned(self) -> Unsigned:
        """The request with its token."""
        headers, query = self.headers, self.query
        if self.mode == "header":
            headers = _with(headers, _TOKEN, self.token)
        elif self.token is not None:
            query += (("security-token", self.token),)
        return Unsigned(
            method=self.method, bucket=self.bucket, key=self.key, query=query, headers=headers
        )

    @property
    def computed(self) -> str:
        """The signature that the suite computes, 28 characters of Base64."""
        return v1.signature(v1.lines(self.unsigned, date=self.date).text, secret=self.sk)

    def signed(self, signature: str) -> Unsigned:
        """The request with the three parameters of a presigned URL, or with Authorization."""
        unsigned = self.unsigned
        if self.mode == "query":
            pairs = zip(v1.URL_PARAMETERS, (self.ak, self.date, signature), strict=True)
            return replace(unsigned, query=(*unsigned.query, *pairs))
        return _authorized(unsigned, f"{v1.SCHEME} {self.ak}:{signature}")


def _with(headers: tuple[Header, ...], name: str, value: str | None) -> tuple[Header, ...]:
    """The headers with one more, if it has a value and is not among them."""
    if value is None or first(headers, name) is not None:
        return headers
    return (*headers, (name, value))


def _without(headers: tuple[Header, ...], name: str) -> tuple[Header, ...]:
    return tuple(field for field in headers if field[0].lower() != name)


def _authorized(unsigned: Unsigned, value: str) -> Unsigned:
    headers = _without(unsigned.headers, "authorization")
    return replace(unsigned, headers=(*headers, ("Authorization", value)))


def on_the_wire(request: Unsigned, host: str) -> Request:
    """The request as it is sent to this host, in virtual-hosted style; the query keeps its order.

    A Host among the headers is replaced, because a request has it once (RFC 9112 3.2).
    """
    query = "&".join(f"{encode(n)}={encode(v)}" if v else encode(n) for n, v in request.query)
    target = f"/{encode(request.key, keep='/')}" + (f"?{query}" if query else "")
    headers = (("Host", host), *_without(request.headers, "host"))
    return Request(method=request.method, target=target, version="HTTP/1.1", headers=headers)
