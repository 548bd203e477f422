#!/usr/bin/env python3
"""A certificate authority with as much of ACME (RFC 8555) as an order by HTTP-01 takes. Signatures of requests are not
looked at; the challenge is: it is fetched from port 80 of the name, and has to be what the account's key makes of it.

acme_server.py PORT AUTHORITY.pem AUTHORITY.key
"""
import base64, hashlib, http.server, json, pathlib, secrets, subprocess, sys, tempfile, urllib.request

port, authority, authority_key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
base = f"http://127.0.0.1:{port}"
state = {"thumbprint": "", "name": "", "status": "pending", "chain": ""}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


token = encoded(secrets.token_bytes(32))


def check_challenge():
    with urllib.request.urlopen(f"http://{state['name']}/.well-known/acme-challenge/{token}") as answer:
        good = answer.read().decode().strip() == f"{token}.{state['thumbprint']}"
    state["status"] = "valid" if good else "invalid"


def sign(request):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "request.der")
        file.write_bytes(request)
        extensions = pathlib.Path(folder, "extensions")
        extensions.write_text(f"subjectAltName=critical,DNS:{state['name']}\nauthorityKeyIdentifier=keyid\n")
        signed = subprocess.run(
            ["openssl", "x509", "-req", "-inform", "DER", "-in", file, "-CA", authority, "-CAkey", authority_key,
             "-days", "90", "-extfile", extensions], check=True, capture_output=True, text=True)
    state["chain"] = signed.stdout + pathlib.Path(authority).read_text()


def challenge():
    return {"type": "http-01", "url": f"{base}/challenge", "token": token, "status": state["status"]}


def order():
    status = "valid" if state["chain"] else "ready" if state["status"] == "valid" else "pending"
    answer = {"status": status, "identifiers": [{"type": "dns", "value": state["name"]}],
              "authorizations": [f"{base}/authorization"], "finalize": f"{base}/finalize"}
    return {**answer, "certificate": f"{base}/certificate"} if state["chain"] else answer


class Authority(http.server.BaseHTTPRequestHandler):
    def reply(self, body, status=200, location="", kind="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Replay-Nonce", "bm9uY2U")
        self.send_header("Link", f'<{base}/authorization>;rel="up"')
        if location:
            self.send_header("Location", base + location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_HEAD(self):
        self.reply("")

    def do_GET(self):
        paths = {"newNonce": "nonce", "newAccount": "account", "newOrder": "order", "revokeCert": "revoke"}
        self.reply({name: f"{base}/{path}" for name, path in paths.items()} if self.path == "/directory" else "")

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        payload = json.loads(decoded(sent["payload"]) or b"{}")
        match self.path:
            case "/account":
                key = json.loads(decoded(sent["protected"]))["jwk"]
                canonical = json.dumps({each: key[each] for each in sorted(key) if each in ("crv", "e", "kty", "n", "x", "y")},
                                       separators=(",", ":"))
                state["thumbprint"] = encoded(hashlib.sha256(canonical.encode()).digest())
                self.reply({"status": "valid"}, 201, "/account/1")
            case "/order":
                state.update(name=payload["identifiers"][0]["value"], status="pending", chain="")
                self.reply(order(), 201, "/order/1")
            case "/order/1":
                self.reply(order())
            case "/authorization":
                identifier = {"type": "dns", "value": state["name"]}
                self.reply({"status": state["status"], "identifier": identifier, "challenges": [challenge()]})
            case "/challenge":
                check_challenge()
                self.reply(challenge())
            case "/finalize":
                sign(decoded(payload["csr"]))
                self.reply(order(), 200, "/order/1")
            case "/certificate":
                self.reply(state["chain"], kind="application/pem-certificate-chain")
            case _:
                self.reply({"type": "urn:ietf:params:acme:error:malformed", "detail": self.path}, 404)


http.server.ThreadingHTTPServer(("127.0.0.1", port), Authority).serve_forever()
