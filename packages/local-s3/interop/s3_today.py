"""A pytest plugin that brings s3-tests to what S3 takes today.

Forms: the suite signs POST policies with Signature Version 2, which S3 no longer takes for new
buckets and local-s3 never took. Each form is signed again with Version 4 and keeps its meaning: a
good signature becomes a good one, a bad one a bad one, and the policy is the same but for the
conditions that allow the three new fields.

ACLs: the suite makes buckets and objects public before it tests presigned URLs on them. S3 has
refused that for new buckets since 2023, so public ACLs are left out of the requests.

Differences: tests that s3-tests.txt says to differ from AWS are expected to fail; one that passes
nevertheless fails the run.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
from collections import OrderedDict
from configparser import RawConfigParser
from pathlib import Path

import boto3
import pytest
import requests

REGION = "us-east-1"


def pytest_configure(config):
    parser = RawConfigParser()
    parser.read(os.environ["S3TEST_CONF"])
    secrets = {
        parser.get(section, "access_key"): parser.get(section, "secret_key")
        for section in ("s3 main", "s3 alt")
    }
    plain_post = requests.post

    def post(url, **options):
        if options.get("files"):
            options["files"] = sign(OrderedDict(options["files"]), secrets)
        return plain_post(url, **options)

    requests.post = post
    plain_client = boto3.client

    def client(*args, **options):
        made = plain_client(*args, **options)
        for operation in ("CreateBucket", "PutObject"):
            made.meta.events.register(f"provide-client-params.s3.{operation}", without_public_acl)
        return made

    boto3.client = client


def pytest_collection_modifyitems(items):
    lines = Path(__file__).with_name("s3-tests.txt").read_text().splitlines()
    split = (line.partition("  # differs: ") for line in lines)
    reasons = {test: reason for test, _, reason in split if reason}
    for item in items:
        reason = reasons.get(f"{item.path.name}::{item.name}")
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def without_public_acl(params, **_):
    if str(params.get("ACL", "")).startswith("public-"):
        return {name: value for name, value in params.items() if name != "ACL"}


def sign(form, secrets):
    access_key = next((form[name] for name in form if name.lower() == "awsaccesskeyid"), None)
    policy_name = next((name for name in form if name.lower() == "policy"), None)
    if access_key is None or policy_name is None:
        return form
    secret = secrets.get(access_key, "unknown")
    policy = as_bytes(form[policy_name])
    signature = next((form[name] for name in form if name.lower() == "signature"), None)

    now = datetime.datetime.now(datetime.timezone.utc)
    day = now.strftime("%Y%m%d")
    added = {
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": f"{access_key}/{day}/{REGION}/s3/aws4_request",
        "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
    }
    allowing = allow(policy, added)
    if signature is not None:
        right = base64.b64encode(hmac.new(secret.encode(), policy, hashlib.sha1).digest())
        digest = signature_v4(secret, day, allowing)
        added["x-amz-signature"] = digest if as_bytes(signature) == right else digest[::-1]

    signed = OrderedDict()
    for name, value in form.items():
        if name.lower() in ("awsaccesskeyid", "signature"):
            continue
        if name.lower() == "file":
            signed.update(added)
        signed[name] = allowing if name == policy_name else value
    return signed


def allow(policy, fields):
    """The policy with conditions for the new fields, or as it is where it has no list of conditions."""
    try:
        document = json.loads(base64.b64decode(policy))
        if not isinstance(document["conditions"], list):
            return policy
    except (ValueError, KeyError, TypeError):
        return policy
    document["conditions"] += [{name: value} for name, value in fields.items()]
    return base64.b64encode(json.dumps(document).encode())


def signature_v4(secret, day, policy):
    key = b"AWS4" + secret.encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, policy, hashlib.sha256).hexdigest()


def as_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()
