"""Makes tokens and judges them by PyJWT, for pyjwt.test.mjs.

    pyjwt.py keys FOLDER    writes rsa.pem and ec.pem, and the private keys as *.private
    pyjwt.py judge FOLDER   from standard input {"secret", "seed", "audience", "issuer", "tokens"}, in which tokens
                            of somebody else's stand by label; to standard output a list of
                            {"label", "token", "accepted", "why", "sub", "name"}
"""

import base64
import json
import random
import sys
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import get_default_algorithms

LEEWAY = 30
ALGORITHMS = get_default_algorithms()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def write_keys(folder):
    made = {"rsa": rsa.generate_private_key(65537, 2048), "ec": ec.generate_private_key(ec.SECP256R1())}
    for name, key in made.items():
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (folder / f"{name}.private").write_bytes(private)
        (folder / f"{name}.pem").write_bytes(public)


class Signer:
    """A key of the site's: its id, its algorithm, what signs and what verifies."""

    def __init__(self, kid, algorithm, private, public):
        self.kid, self.algorithm, self.private, self.public = kid, algorithm, private, public

    def sign(self, claims, **header):
        """By PyJWT."""
        return jwt.encode(claims, self.private, self.algorithm, headers={"kid": self.kid, **header})

    def sign_text(self, claims, header=None, algorithm=None):
        """Any bytes as claims, any as header."""
        if header is None:
            header = json.dumps({"alg": self.algorithm, "kid": self.kid}).encode()
        message = f"{b64(header)}.{b64(claims)}"
        method = ALGORITHMS[algorithm or self.algorithm]
        signature = method.sign(message.encode(), method.prepare_key(self.private))
        return f"{message}.{b64(signature)}"


def read_signers(folder, secret):
    def private(name):
        return serialization.load_pem_private_key((folder / f"{name}.private").read_bytes(), None)

    rsa_key, ec_key = private("rsa"), private("ec")
    return [
        Signer("site", "HS256", secret, secret),
        Signer("rsa", "RS256", rsa_key, rsa_key.public_key()),
        Signer("ec", "ES256", ec_key, ec_key.public_key()),
    ]


class Judge:
    def __init__(self, signers, audience, issuer):
        self.signers, self.audience, self.issuer = signers, audience, issuer

    def decoded(self, token):
        """Returns the claims, or raises whatever PyJWT does."""
        kid = jwt.get_unverified_header(token).get("kid")
        why = jwt.InvalidKeyError("there is no such key")
        for signer in self.signers:
            if kid is not None and kid != signer.kid:
                continue
            try:
                return jwt.decode(
                    token,
                    signer.public,
                    algorithms=[signer.algorithm],  # The key decides it.
                    audience=self.audience,
                    issuer=self.issuer,
                    leeway=LEEWAY,
                    options={"require": ["exp", "sub"]},
                )
            except Exception as error:  # Not all that it raises are errors of its own.
                why = error
        raise why

    def verdict(self, label, token):
        try:
            claims = self.decoded(token)
            shown = {key: claims.get(key) for key in ("sub", "name")}
            shown["sub"] = str(shown["sub"])
            return {"label": label, "token": token, "accepted": True, "why": "", **shown}
        except Exception as error:
            return {"label": label, "token": token, "accepted": False, "why": f"{type(error).__name__}: {error}"}


def usual(settings, now):
    return {
        "sub": "7",
        "project": "shop",
        "name": "Mia",
        "aud": settings["audience"],
        "iss": settings["issuer"],
        "iat": now,
        "exp": now + 3600,
    }


def good_ones(signer, claims, now):
    for label, change in {
        "as it is": {},
        "user as a number": {"sub": 7},
        "project as a number": {"project": 2424},
        "name in other letters": {"name": "Zoë Þórsdóttir \u2603 \U0001F41F"},
        "several audiences": {"aud": ["shop", claims["aud"]]},
        "moderator": {"role": "moderator"},
        "color": {"color": "#F00"},
        "exp within the leeway": {"exp": now - 20},
        "nbf within the leeway": {"nbf": now + 20},
        "iat within the leeway": {"iat": now + 20},
        "exp with a fraction": {"exp": now + 600.75},
        "members that nobody knows": {"email": "mia@example.com", "deep": {"a": [1, 2.5, None, True, {}]}},
        "exp far away": {"exp": 2**53},
    }.items():
        yield label, signer.sign({**claims, **change})
    without_kid = json.dumps({"typ": "JWT", "alg": signer.algorithm}).encode()
    yield "without kid", signer.sign_text(json.dumps(claims).encode(), without_kid)
    yield "with blanks in the JSON", signer.sign_text(json.dumps(claims, indent=2).encode())
    yield "without names but iat", signer.sign({k: v for k, v in claims.items() if k not in ("name", "iat")})


WRONG_TYPES = {"a number": 7, "a fraction": 7.5, "true": True, "null": None, "a list": [], "an object": {}, "text": "x"}


def wrong_claims(signer, claims, now):
    for claim in ("sub", "exp", "aud", "iss", "project"):
        yield f"claim: no {claim}", signer.sign({k: v for k, v in claims.items() if k != claim})
    for claim in ("sub", "exp", "nbf", "iat", "aud", "iss", "project", "name", "role", "color"):
        for what, value in WRONG_TYPES.items():
            text = json.dumps({**claims, claim: value}).encode()  # PyJWT makes some of these into numbers.
            yield f"claim: {claim} is {what}", signer.sign_text(text)
    for claim in ("exp", "nbf", "iat"):
        for what, value in {"a number in a text": str(now), "negative": -1, "2**63": 2**63, "2**64": 2**64}.items():
            yield f"claim: {claim} is {what}", signer.sign_text(json.dumps({**claims, claim: value}).encode())
        for value in ("NaN", "Infinity", "-Infinity", "1e400"):
            text = json.dumps({**claims, claim: 0}).replace(f'"{claim}": 0', f'"{claim}": {value}')
            yield f"claim: {claim} is {value}", signer.sign_text(text.encode())
    for label, change in {
        "expired": {"exp": now - 40},
        "long expired": {"exp": now - 10**6},
        "not yet": {"nbf": now + 40},
        "issued later": {"iat": now + 40},
        "another audience": {"aud": "elsewhere"},
        "other audiences": {"aud": ["a", "b"]},
        "audiences of other kinds": {"aud": [7, claims["aud"]]},
        "another issuer": {"iss": claims["iss"] + "/"},
        "user of guests": {"sub": "g-0123456789abcdefghijkl"},
        "no user": {"sub": ""},
        "user with NUL": {"sub": "a\0b"},
        "user too long": {"sub": "x" * 65},
        "user invisible": {"sub": "an\u200bna"},
        "admin": {"role": "admin"},
        "name too long": {"name": "x" * 129},
        "name over two lines": {"name": "a\nb"},
        "color that is none": {"color": "url(x)"},
    }.items():
        yield f"claim: {label}", signer.sign({**claims, **change})


def wrong_forms(signer, claims):
    text = json.dumps(claims).encode()
    header = {"alg": signer.algorithm, "kid": signer.kid}

    def with_header(**more):
        return signer.sign_text(text, json.dumps({**header, **more}).encode())

    for algorithm in ("none", "None", "nOnE", "hs256", "HS512", "RS512", "PS256", "", 256, None, ["HS256"]):
        yield f"alg: {algorithm!r}", with_header(alg=algorithm)
    for other in ("HS256", "RS256", "ES256"):
        if other != signer.algorithm:
            yield f"alg: of another key: {other}", with_header(alg=other)
    yield "alg: none at all", signer.sign_text(text, json.dumps({"kid": signer.kid}).encode())
    for kid in ("other", "", "../site", "k" * 2000, 7, None, "SITE", "ec" if signer.kid == "rsa" else "rsa"):
        yield f"kid: {str(kid)[:20]!r}", with_header(kid=kid)
    yield "header: crit", with_header(crit=["exp"])
    yield "header: b64", with_header(b64=False)
    for kind in ("JWE", "at+jwt", "", "jwt"):
        yield f"typ: {kind}", with_header(typ=kind)
    yield "header: key of its own", with_header(jwk={"kty": "oct", "k": "AAAA"}, jku="https://evil.example/keys")
    for what, bad in {
        "a list": b"[]", "text": b'"x"', "a number": b"7", "nothing": b"", "not JSON": b"{", "null": b"null",
        "behind it more": text + b"{}", "not UTF-8": text.replace(b"Mia", b"M\xff"),
        "half a surrogate": text.replace(b"Mia", b"\\ud800"), "NaN inside": text[:-1] + b', "more": NaN}',
        "UTF-16": text.decode().encode("utf-16-le"), "single quotes": text.replace(b'"', b"'"),
        "a comma too many": text[:-1] + b",}", "empty": b"{}",
    }.items():
        yield f"claims: {what}", signer.sign_text(bad)
        yield f"header: {what}", signer.sign_text(text, bad if what != "NaN inside" else b'{"alg": NaN}')
    yield "twice: sub", signer.sign_text(text[:-1] + b', "sub": "8"}')
    yield "twice: exp", signer.sign_text(text[:-1] + b', "exp": 99999999999}')
    twice = f'{{"alg": "{signer.algorithm}", "kid": "{signer.kid}", "kid": "{signer.kid}"}}'
    yield "twice: kid", signer.sign_text(text, twice.encode())
    yield "long: 5 KiB", signer.sign({**claims, "more": "x" * 4000})


def other_spellings(signer, claims):
    token = signer.sign(claims)
    header, body, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(signature[-1])
    for label, changed in {
        "spelling: padded": f"{header}.{body}.{signature}" + "=" * (-len(signature) % 4),
        "spelling: a line end": token + "\n",
        "spelling: a blank": f"{header}.{body}.{signature[:9]} {signature[9:]}",
        "spelling: a letter of no alphabet": f"{header}.{body}.{signature[:9]}!{signature[9:]}",
        "spelling: bits left over": token[:-1] + alphabet[last ^ 1],
    }.items():
        yield label, changed
    for label, changed in {
        "parts: two": f"{header}.{body}",
        "parts: four": token + ".x",
        "parts: no signature": f"{header}.{body}.",
        "parts: no claims": f"{header}..{signature}",
        "parts: no header": f".{body}.{signature}",
        "parts: dots alone": "..",
        "parts: one": header,
        "signature: a byte less": f"{header}.{body}.{signature[:-2]}",
        "signature: turned round": f"{header}.{body}.{signature[::-1]}",
        "signature: of another": f"{header}.{body}.{signer.sign({**claims, 'sub': '8'}).split('.')[2]}",
        "claims: of another": f"{header}.{signer.sign({**claims, 'sub': '8'}).split('.')[1]}.{signature}",
    }.items():
        yield label, changed


def mutated(token, chance):
    """One small change anywhere."""
    at = chance.randrange(len(token))
    kind = chance.choice(("bit", "letter", "gone", "more", "swapped", "twice", "cut"))
    if kind == "bit":
        return token[:at] + chr(ord(token[at]) ^ (1 << chance.randrange(7))) + token[at + 1 :]
    if kind == "letter":
        return token[:at] + chance.choice("ABCxyz059-_.+/=~ ") + token[at + 1 :]
    if kind == "gone":
        return token[:at] + token[at + 1 :]
    if kind == "more":
        return token[:at] + chance.choice("ABCxyz059-_.+/=~ ") + token[at:]
    if kind == "swapped":
        other = chance.randrange(len(token))
        low, high = min(at, other), max(at, other)
        return token[:low] + token[high:] + token[low:high]
    if kind == "twice":
        return token[:at] + token[at : at + chance.randrange(1, 9)] + token[at:]
    return token[:at]


def corpus(settings, signers, now):
    chance = random.Random(settings["seed"])
    claims = usual(settings, now)
    yield from settings["tokens"].items()
    for signer in signers:
        made = [
            *((f"good: {label}", token) for label, token in good_ones(signer, claims, now)),
            *wrong_claims(signer, claims, now),
            *wrong_forms(signer, claims),
            *other_spellings(signer, claims),
        ]
        yield from ((f"{signer.algorithm} {label}", token) for label, token in made)
    originals = [*(signer.sign(claims) for signer in signers), *settings["tokens"].values()]
    for number in range(settings["mutations"]):
        original = changed = chance.choice(originals)
        while changed == original:
            changed = mutated(original, chance)
        yield f"mutated {number}", changed


def main():
    task, folder = sys.argv[1], Path(sys.argv[2])
    if task == "keys":
        return write_keys(folder)
    settings = json.load(sys.stdin)
    signers = read_signers(folder, base64.b64decode(settings["secret"]))
    judge = Judge(signers, settings["audience"], settings["issuer"])
    verdicts = [judge.verdict(label, token) for label, token in corpus(settings, signers, int(time.time()))]
    json.dump({"version": jwt.__version__, "verdicts": verdicts}, sys.stdout)


main()
