"""JSON Web Tokens with one algorithm, and an explicit list of what else is let in.

joserfc does the work (RFC 7515, 7519, 8037); what it would also understand is refused here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from domain.tokens import ALGORITHM, CLOCK_LEEWAY

LONGEST_TOKEN = 4_000
_BROKEN = (JoseError, ValueError, TypeError, KeyError, RecursionError)
"""What a text that is no token makes its reader say."""

FindKey = Callable[[Mapping[str, Any]], OKPKey]
"""Choose the key by the header, or raise `WrongToken`."""


class WrongToken(Exception):
    """A token that is not accepted; the words complete the sentence `The … token …`."""


class _OneAlgorithm(JWSRegistry):
    def get_alg(self, name: str) -> Any:  # noqa: ANN401 -- joserfc does not export its type
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(f"Algorithm {name!r} is not {ALGORITHM}")
        return self.algorithms[name]


_REGISTRY = _OneAlgorithm()


def signed(typ: str, claims: dict[str, Any], key: OKPKey) -> str:
    """Seal claims into a token of a type, naming the key that signs it."""
    header = {"alg": ALGORITHM, "typ": typ, "kid": key.kid}
    return jwt.encode(header, claims, key, registry=_REGISTRY)


def opened(text: str, typ: str, find_key: FindKey, **claims: ClaimsOption) -> dict[str, Any]:
    """Verify a token and its claims, times included, and return them; raise `WrongToken`."""

    def key_of(token: Any) -> OKPKey:  # noqa: ANN401 -- joserfc names no type for it
        header = token.headers()
        if header.get("typ") != typ:
            raise WrongToken(f"is of type {header.get('typ')!r}, expected {typ!r}")
        return find_key(header)

    if len(text) > LONGEST_TOKEN:
        raise WrongToken(f"has {len(text)} letters, expected {LONGEST_TOKEN} at most")
    leeway = int(CLOCK_LEEWAY.total_seconds())
    try:
        found = jwt.decode(text, key_of, registry=_REGISTRY).claims
        JWTClaimsRegistry(int(time.time()), leeway, **claims).validate(found)
    except _BROKEN as error:
        raise WrongToken(f"does not hold ({str(error) or type(error).__name__})") from error
    for name, option in claims.items():
        if "value" in option and found[name] != option["value"]:  # a list with it is not it
            raise WrongToken(f"has another {name} than {option['value']!r}")
    return found


def must_be(value: str) -> ClaimsOption:
    """Ask for a claim with this value."""
    return {"essential": True, "value": value}


GIVEN: ClaimsOption = {"essential": True}
"""Ask for a claim, whatever its value."""
