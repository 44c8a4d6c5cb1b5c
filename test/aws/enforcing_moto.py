"""moto with what it lacks to enforce policies as S3 does, for the tests of this folder.

moto's own server, asked to enforce policies, ends in an error for every request that carries no Authorization
header. Here a presigned request is authorised by the key in its query (moto compares no signature of it; local-s3
does, in other tests), a request without any signature is denied unless it is a preflight, and a preflight is
answered by the rule for its origin, method and headers.
"""

import sys
from urllib.parse import parse_qs, urlparse

from werkzeug.datastructures import Headers

from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam import access_control
from moto.s3.exceptions import S3AccessDeniedError
from moto.s3.responses import S3Response
from moto.server import main

enforce = ActionAuthenticatorMixin._authenticate_and_authorize_s3_action
check_signature = access_control.S3IAMRequest.check_signature
key_response = S3Response._key_response


def authorize(self, bucket_name=None, key_name=None):
    if "Authorization" not in self.headers:
        query = parse_qs(urlparse(self.uri).query)
        if "X-Amz-Credential" not in query:
            raise S3AccessDeniedError()
        self.headers = Headers(self.headers)
        self.headers["Authorization"] = f"Credential={query['X-Amz-Credential'][0]},presigned"
    enforce(self, bucket_name, key_name)


def verify(self):
    if not self._headers["Authorization"].endswith(",presigned"):
        check_signature(self)


def respond(self, request, full_url):
    if request.method == "OPTIONS":
        return preflight(self, request.headers, self.parse_bucket_name_from_url(request, full_url))
    return key_response(self, request, full_url)


def preflight(self, headers, bucket_name):
    asked = [name.strip().lower() for name in headers.get("Access-Control-Request-Headers", "").split(",") if name]
    for rule in self.backend.head_bucket(bucket_name).cors:
        patterns = [pattern.lower() for pattern in words(rule.allowed_headers)]
        if (
            headers.get("Origin") in words(rule.allowed_origins)
            and headers.get("Access-Control-Request-Method") in words(rule.allowed_methods)
            and all(any(matches(pattern, name) for pattern in patterns) for name in asked)
        ):
            allowed = {
                "Access-Control-Allow-Origin": headers["Origin"],
                "Access-Control-Allow-Methods": ", ".join(words(rule.allowed_methods)),
                "Access-Control-Allow-Headers": ", ".join(asked),
            }
            return 200, allowed, b""
    return 403, {}, b""


def words(value):
    return [value] if isinstance(value, str) else value or []


def matches(pattern, name):
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))


ActionAuthenticatorMixin._authenticate_and_authorize_s3_action = authorize
access_control.S3IAMRequest.check_signature = verify
S3Response._key_response = respond

main(sys.argv[1:])
