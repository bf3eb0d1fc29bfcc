"""What till and office agree on about tokens: RFC 9068, RFC 7523 and RFC 9449 (DPoP).

A till proves itself with its own Ed25519 key: an assertion gets it an access token that is bound
to that key, and each request carries a proof made for that request alone. `htu` is compared by its
path, because a proxy in front of the office may change scheme, host and port.
"""

from __future__ import annotations

import base64
import datetime as dt

ALGORITHM = "EdDSA"
ISSUER = "tillflow"
API_AUDIENCE = "tillflow-api"
TOKEN_AUDIENCE = "tillflow-token"  # noqa: S105 -- a name, no secret
TOKEN_PATH = "/oauth/token"  # noqa: S105 -- a path
ACCESS_TYPE = "at+jwt"
ASSERTION_TYPE = "JWT"
ASSERTION_KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PROOF_TYPE = "dpop+jwt"
ACCESS_LASTS = dt.timedelta(minutes=10)
ASSERTION_LASTS = dt.timedelta(seconds=60)
PROOF_LASTS = dt.timedelta(seconds=60)
CLOCK_LEEWAY = dt.timedelta(seconds=30)
OFFICE_CLIENT = "office"
"""The client id of the office's own commands, which make their tokens by the key files."""


def base64url(content: bytes) -> str:
    """Write bytes as RFC 7515 does: base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
