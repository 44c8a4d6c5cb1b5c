#!/usr/bin/env bash
# Runs what others wrote against local-s3: see README.md in this folder.
#   interop/run.sh [CHECKOUT OF ceph/s3-tests]
# Needs no network. A tool that is not installed is skipped, and the skip is printed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
suite=${1:-}
port=${PORT:-9123}
endpoint=http://127.0.0.1:$port
key=interop-main secret=interop-main-secret
work=$(mktemp -d)
failures=0
# Nothing here speaks TLS, and some clients refuse to start with a bundle they cannot use.
unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN

main() {
  start_server
  run_s3_tests
  for mode in when_supported when_required; do run_aws "$mode"; done
  run_s3cmd
  run_rclone
  echo "failures: $failures"
  [ "$failures" -eq 0 ]
}

start_server() {
  cat >"$work/identities.json" <<JSON
[{"name": "main", "accessKeyId": "$key", "secretAccessKey": "$secret"},
 {"name": "alt", "accessKeyId": "interop-alt", "secretAccessKey": "interop-alt-secret"}]
JSON
  mkdir "$work/data"
  "${NODE:-node}" "$here/../bin/local-s3.js" --port "$port" --directory "$work/data" \
    --identities "$work/identities.json" >"$work/server.log" 2>&1 &
  server=$!
  trap 'kill $server; wait $server 2>/dev/null; rm -rf "$work"' EXIT
  for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    kill -0 $server 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/server.log"
  exit 1
}

# check NAME COMMAND...: one line of outcome; the output only when it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    echo "pass  $name"
  else
    echo "FAIL  $name: $*"
    sed 's/^/      /' "$work/output" | tail -20
    failures=$((failures + 1))
  fi
}

have() {
  command -v "$1" >/dev/null && return
  echo "skip  $1: not installed"
  return 1
}

run_s3_tests() {
  [ -n "$suite" ] || { echo 'skip  s3-tests: no checkout given'; return; }
  have python3 || return
  sed -e "s/@PORT@/$port/" "$here/s3-tests.conf" >"$work/s3-tests.conf"
  local selected
  selected=$(sed -e 's/ *#.*//' -e '/^$/d' -e 's#^#s3tests/functional/#' "$here/s3-tests.txt")
  # shellcheck disable=SC2086
  (cd "$suite" && S3TEST_CONF="$work/s3-tests.conf" PYTHONPATH="$here:${PYTHONPATH:-}" \
    python3 -m pytest -q -p s3_today -p no:cacheprovider \
    --show-capture=no --tb="${TRACEBACK:-no}" -rfs $selected) || failures=$((failures + 1))
}

# Files that every client sends and gets back: small, empty, with a name that needs escaping, multipart.
make_files() {
  mkdir -p "$1/deep/er"
  printf 'hello' >"$1/small.txt"
  : >"$1/empty"
  printf 'plus and blank' >"$1/deep/er/a +b%20ü.txt"
  head -c 20000001 /dev/urandom >"$1/deep/large.bin"
}

run_aws() {
  have aws || return
  local mode=$1 bucket=aws-${1/_/-} files=$work/aws-$1
  export AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_DEFAULT_REGION=us-east-1
  export AWS_ENDPOINT_URL=$endpoint AWS_CONFIG_FILE=$work/aws-config
  export AWS_REQUEST_CHECKSUM_CALCULATION=$mode AWS_RESPONSE_CHECKSUM_VALIDATION=$mode
  printf '[default]\ns3 =\n    signature_version = s3v4\n' >"$AWS_CONFIG_FILE"
  make_files "$files"
  local as="awscli $mode"
  check "$as mb" aws s3 mb "s3://$bucket"
  check "$as cp up" aws s3 cp "$files/small.txt" "s3://$bucket/small.txt"
  check "$as cp down" aws s3 cp "s3://$bucket/small.txt" "$files.small"
  check "$as same bytes" cmp "$files/small.txt" "$files.small"
  check "$as sync up (multipart)" aws s3 sync "$files" "s3://$bucket/tree"
  check "$as sync again sends nothing" test -z "$(aws s3 sync "$files" "s3://$bucket/tree" 2>&1)"
  check "$as sync down" aws s3 sync "s3://$bucket/tree" "$files.back"
  check "$as same tree" diff -r "$files" "$files.back"
  check "$as ls" test "$(aws s3 ls --recursive "s3://$bucket/tree" | wc -l)" -eq 4
  check "$as cp from bucket (part copy)" aws s3 cp "s3://$bucket/tree/deep/large.bin" "s3://$bucket/copy.bin"
  check "$as mv" aws s3 mv "s3://$bucket/copy.bin" "s3://$bucket/moved.bin"
  check "$as presign" curl -fsS -o "$files.presigned" "$(aws s3 presign "s3://$bucket/moved.bin")"
  check "$as presigned bytes" cmp "$files/deep/large.bin" "$files.presigned"
  for algorithm in CRC32 CRC32C CRC64NVME SHA1 SHA256; do
    if aws s3api put-object --bucket "$bucket" --key probe --checksum-algorithm "$algorithm" 2>&1 | grep -q 'additional dependency'; then
      echo "skip  $as $algorithm: awscli lacks awscrt, which computes it"
      continue
    fi
    check "$as put-object $algorithm" aws s3api put-object --bucket "$bucket" --key "$algorithm" \
      --body "$files/deep/large.bin" --checksum-algorithm "$algorithm"
    check "$as get-object $algorithm" aws s3api get-object --bucket "$bucket" --key "$algorithm" \
      --checksum-mode ENABLED "$files.$algorithm"
    check "$as cp multipart $algorithm" aws s3 cp "$files/deep/large.bin" "s3://$bucket/multi-$algorithm" \
      --checksum-algorithm "$algorithm"
    check "$as get-object-attributes $algorithm" aws s3api get-object-attributes --bucket "$bucket" \
      --key "multi-$algorithm" --object-attributes Checksum ObjectParts ETag ObjectSize
  done
  check "$as list-object-versions" aws s3api list-object-versions --bucket "$bucket" --max-items 3
  check "$as conditional put is refused" refused 'aws s3api put-object --if-none-match "*" --bucket '"$bucket"' --key CRC32'
  check "$as rb --force" aws s3 rb --force "s3://$bucket"
}

refused() {
  ! eval "$1" || return 1
}

run_s3cmd() {
  have s3cmd || return
  local files=$work/s3cmd
  make_files "$files"
  cat >"$work/s3cfg" <<CFG
[default]
access_key = $key
secret_key = $secret
host_base = 127.0.0.1:$port
host_bucket = 127.0.0.1:$port
use_https = False
multipart_chunk_size_mb = 5
CFG
  local s3cmd="s3cmd --config=$work/s3cfg --no-progress"
  check 's3cmd mb' $s3cmd mb s3://s3cmd
  check 's3cmd put' $s3cmd put "$files/small.txt" s3://s3cmd/small.txt
  check 's3cmd put multipart' $s3cmd put "$files/deep/large.bin" s3://s3cmd/large.bin
  check 's3cmd get' $s3cmd get s3://s3cmd/large.bin "$files.large"
  check 's3cmd same bytes' cmp "$files/deep/large.bin" "$files.large"
  check 's3cmd info' $s3cmd info s3://s3cmd/small.txt
  # Without --acl-private this s3cmd copies the ACL too, which S3 refuses for new buckets.
  check 's3cmd cp' $s3cmd cp --acl-private s3://s3cmd/small.txt s3://s3cmd/copy.txt
  check 's3cmd mv' $s3cmd mv --acl-private s3://s3cmd/copy.txt s3://s3cmd/moved.txt
  check 's3cmd sync up' $s3cmd sync "$files/" s3://s3cmd/tree/
  mkdir "$files.back"
  check 's3cmd sync down' $s3cmd sync s3://s3cmd/tree/ "$files.back/"
  check 's3cmd same tree' diff -r "$files" "$files.back"
  check 's3cmd ls' test "$($s3cmd ls --recursive s3://s3cmd/tree/ | wc -l)" -eq 4
  check 's3cmd multipart list' $s3cmd multipart s3://s3cmd
  check 's3cmd del' $s3cmd del --recursive --force s3://s3cmd/
  check 's3cmd rb' $s3cmd rb s3://s3cmd
}

run_rclone() {
  have rclone || return
  local files=$work/rclone
  make_files "$files"
  export RCLONE_CONFIG=$work/rclone.conf RCLONE_CONFIG_S_TYPE=s3 RCLONE_CONFIG_S_PROVIDER=Other
  export RCLONE_CONFIG_S_ACCESS_KEY_ID=$key RCLONE_CONFIG_S_SECRET_ACCESS_KEY=$secret
  export RCLONE_CONFIG_S_ENDPOINT=$endpoint RCLONE_CONFIG_S_REGION=us-east-1
  export RCLONE_S3_UPLOAD_CUTOFF=5M RCLONE_S3_CHUNK_SIZE=5M RCLONE_S3_COPY_CUTOFF=8M
  export RCLONE_MULTI_THREAD_CUTOFF=1M RCLONE_MULTI_THREAD_STREAMS=4
  : >"$work/rclone.conf"
  check 'rclone mkdir' rclone mkdir s:rclone
  check 'rclone copy up (multipart)' rclone copy "$files" s:rclone/tree
  check 'rclone check by ETag' rclone check "$files" s:rclone/tree
  check 'rclone check by bytes' rclone check --download "$files" s:rclone/tree
  check 'rclone copy down (four streams)' rclone copy s:rclone/tree "$files.back"
  check 'rclone same tree' diff -r "$files" "$files.back"
  check 'rclone copy inside the bucket' rclone copy s:rclone/tree s:rclone/copy
  check 'rclone check the copy' rclone check --download s:rclone/tree s:rclone/copy
  check 'rclone rcat' sh -c "head -c 12000000 /dev/zero | rclone rcat s:rclone/streamed"
  check 'rclone lsf' test "$(rclone lsf -R --files-only s:rclone | wc -l)" -eq 9
  check 'rclone sync deletes' rclone sync "$files/deep" s:rclone/tree
  check 'rclone purge' rclone purge s:rclone
}

main
