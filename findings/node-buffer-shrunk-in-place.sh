#!/usr/bin/env bash
# Node: making a resizable ArrayBuffer smaller in place touches every page that it gives back, also those never touched
#
# Expected:  a resizable ArrayBuffer of 64 MB of which one byte was written takes one page, and `resize(0)` gives that back.
# Happens:   `resize(0)` takes a page fault for each of the 16,384 pages: zeros are written over all that goes. That is some milliseconds
#            on bare metal, and 200 to 400 on virtual machines whose faults are dear. `transferToFixedLength(0)` of the same buffer takes
#            next to none, and gives all of it back as soon. A server that maps what an upload announces, and resizes it away when the client
#            leaves, pays for each client, however little has come. Growing costs nothing.
# Seen with: Node 24.21.0, counted by `process.resourceUsage().minorPageFault`.
# To do:     end such a buffer by `transferToFixedLength(0)`; make it smaller by copying what stays into a new one.
#
# Needs bash, Node 20 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo 'Node 20 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true,"allowScripts":{"node":true}}' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'JS'
const bytes = 64 * 1024 * 1024
function faultsOf(end) {
  const memory = new ArrayBuffer(0, { maxByteLength: bytes })
  memory.resize(bytes)
  new Uint8Array(memory)[0] = 1
  const before = process.resourceUsage().minorPageFault
  end(memory)
  return process.resourceUsage().minorPageFault - before
}
faultsOf((memory) => memory.resize(0))
const resized = faultsOf((memory) => memory.resize(0))
const transferred = faultsOf((memory) => memory.transferToFixedLength(0))
console.log(`${process.version}: page faults of ending 64 MB with one byte written: resize(0) ${resized}, transferToFixedLength(0) ${transferred}`)
process.exitCode = resized > 10_000 && transferred < 1000 ? 0 : 1
JS
node_modules/.bin/node check.mjs
