#!/usr/bin/env node
// Plain JavaScript: an old Node has to get as far as saying that it is too old.
const version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 16)) {
  console.error(`tintype needs Node 22.16 or newer; this is ${process.version}.`)
  process.exit(1)
} else {
  import('../src/commands/main.ts')
}
