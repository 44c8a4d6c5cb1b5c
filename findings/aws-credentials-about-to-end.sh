#!/usr/bin/env bash
# The AWS SDK goes on giving out credentials until their last second, and renews them beside that
#
# Expected:  the SDK renews temporary credentials five minutes before they end, so whatever it gives out has about five
#            minutes left. (The command line and SDKs in other languages wait for new ones when little is left.)
# Happens:   in the last five minutes the default chain still answers at once with the old ones, and only starts to fetch
#            new ones; the next caller gets those. In a process that was idle for most of an hour, the first request
#            goes out, or a URL is presigned "for an hour", with credentials that end in a moment. Only when they have
#            ended does the SDK wait.
# Seen with: @aws-sdk/credential-provider-node 3.972.97 on Node 24; with 0.4 s left as with these twenty.
# To do:     look at `expiration` before you sign; when too little is left, ask with { forceRefresh: true }, which waits.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/credential-provider-node@3.972.97 || { echo 'npm could not install the packages.' >&2; exit 2; }

# Gives made-up credentials: the first live for twenty seconds, all others for an hour.
cat >issue.cjs <<'EOF'
const fs = require('node:fs')
const count = fs.existsSync('count') ? Number(fs.readFileSync('count', 'utf8')) + 1 : 1
fs.writeFileSync('count', String(count))
const Expiration = new Date(Date.now() + (count === 1 ? 20e3 : 3600e3)).toISOString()
console.log(JSON.stringify({ Version: 1, AccessKeyId: `KEY-${count}`, SecretAccessKey: 'made-up', Expiration }))
EOF
printf '[default]\ncredential_process = node issue.cjs\n' >config

cat >check.mjs <<'EOF'
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
Object.assign(process.env, { AWS_CONFIG_FILE: 'config', AWS_SHARED_CREDENTIALS_FILE: 'none', AWS_EC2_METADATA_DISABLED: 'true' })
const { defaultProvider } = await import('@aws-sdk/credential-provider-node')

const provide = defaultProvider()
const first = await provide()
const second = await provide() // the provider knows by now that they have twenty seconds left
const left = Math.round((second.expiration - Date.now()) / 1000)
let later = second
for (let turn = 0; turn < 40 && later.accessKeyId === second.accessKeyId; turn++) {
  await new Promise(resolve => setTimeout(resolve, 250))
  later = await provide()
}
const forced = await provide({ forceRefresh: true })
const seen = { first: first.accessKeyId, second: second.accessKeyId, later: later.accessKeyId, forced: forced.accessKeyId }
console.log(seen, `${left} s were left of the second`)

const asDescribed = Object.values(seen).join() === 'KEY-1,KEY-1,KEY-2,KEY-3' && left <= 20
console.log(`credential-provider-node 3.972.97: ${asDescribed ? 'what is about to end is still given out' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
