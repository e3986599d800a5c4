"""A known answer of Signature V1: a signature with all that went into it.

An entry of vectors/signature-v1-known-answers.json; known_form.py reads it. V1 knows no
region and no product, so the request goes to an endpoint that was chosen once.
"""

from dataclasses import dataclass, replace

from conformance.calibration.known_answer import Pairs, wired
from conformance.model.case import KnownKey
from conformance.model.http import Header, Request, first
from conformance.oss import v1
from conformance.oss.authorization import moment_of
from conformance.oss.v4 import Unsigned

_REGION = "cn-hangzhou"  # any would do: it is not signed
_BEFORE = 60  # seconds before its end at which a URL is tried


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswerV1:
    """One signature. mode: `header` or `query`. expires: Unix seconds, mode query only.

    query: decoded. headers: as sent, with the Date or x-oss-date that is signed in mode header.
    """

    id: str
    published_in: str
    ak: str
    sk: str
    method: str
    bucket: str
    key: str
    query: Pairs
    mode: str
    headers: tuple[Header, ...]
    expect: str
    token: str | None = None
    expires: int | None = None

    @property
    def region(self) -> str:
        """The region of the endpoint that the request goes to."""
        return _REGION

    @property
    def clock(self) -> int:
        """A moment at which the service accepts it, Unix seconds."""
        if self.expires is not None:
            return self.expires - _BEFORE
        return moment_of(self.date) or 0

    @property
    def served(self) -> bool:
        """Whether the service takes such a request at all."""
        return True

    @property
    def known_key(self) -> KnownKey:
        """The key pair as the service knows it."""
        return KnownKey(id=self.ak, secret=self.sk, token=self.token)

    @property
    def host(self) -> str:
        """The virtual-hosted name that the request goes to."""
        return f"{self.bucket}.oss-{_REGION}.aliyuncs.com".lower()

    @property
    def date(self) -> str:
        """The text that is signed as the time."""
        if self.expires is not None:
            return str(self.expires)
        return first(self.headers, "x-oss-date") or first(self.headers, "date") or ""

    @property
    def asked(self) -> Unsigned:
        """The request as it is signed, with the token where the mode puts it."""
        headers, query = self.headers, self.query
        if self.token is not None and self.mode == "header":
            headers += (("x-oss-security-token", self.token),)
        elif self.token is not None:
            query += (("security-token", self.token),)
        return Unsigned(
            method=self.method, bucket=self.bucket, key=self.key, query=query, headers=headers
        )

    @property
    def computed(self) -> str:
        """The signature that we compute for it."""
        return v1.signature(v1.lines(self.asked, date=self.date).text, secret=self.sk)

    def signed(self, signature: str) -> Unsigned:
        """The request with the fields that prove it: all that goes over the wire but the host."""
        asked = self.asked
        if self.mode == "query":
            proof = zip(v1.URL_PARAMETERS, (self.ak, self.date, signature), strict=True)
            return replace(asked, query=(*asked.query, *proof))
        field = ("Authorization", f"{v1.SCHEME} {self.ak}:{signature}")
        return replace(asked, headers=(*asked.headers, field))

    def request(self, signature: str) -> Request:
        """The whole request as it goes over the wire with this signature."""
        return wired(self.signed(signature), self.host)
