#!/usr/bin/env node
// Plain JavaScript that an old Node understands too: it has to get as far as saying that it is too old.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 13)) {
  import('../src/cli.ts')
} else {
  console.error(`local-s3 needs Node 22.13 or newer; this is ${process.version}.`)
  process.exit(1)
}
