#!/usr/bin/env node
// Plain JavaScript: an old Node has to get as far as saying that it is too old.
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const oldest = engines.node.replace('>=', '')
const [major, minor] = oldest.split('.').map(Number)
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  console.error(`tintype needs Node ${oldest} or newer; this is ${process.version}.`)
  process.exit(1)
} else {
  import('../src/commands/main.ts')
}
