import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { demandNode, nodeFloor, oldestNode } from '../packages/tintype/src/node-floor.ts'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

test('all packages ask for the Node that the library says is the oldest', () => {
  const manifests = globSync('packages/*/package.json', { cwd: root })
  assert.ok(manifests.length >= 7)
  for (const file of manifests) assert.equal(JSON.parse(read(file)).engines?.node, `>=${oldestNode}`, file)
  assert.match(nodeFloor, /^\d+\.\d+\.\d+$/)
})

test('documentation names no other', () => {
  const pages = globSync(['README.md', 'docs/**/*.md', 'packages/*/*.md', 'examples/**/*.md'], {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
  const told = pages.flatMap((page) =>
    [...read(page).matchAll(/Node (\d+\.\d+)(?:\.\d+)? or newer/g)].map(([, version]) => ({ page, version })),
  )
  assert.ok(told.length >= 2)
  assert.deepEqual(
    told.filter(({ version }) => version !== oldestNode),
    [],
  )
})

test('an older Node is told so at start', () => {
  demandNode(nodeFloor)
  demandNode('24.0.0')
  assert.throws(() => demandNode('22.15.1'), /needs Node 22\.16 or newer; this is 22\.15\.1/)
})

test('a Node that has no SQLite loads the library, to be told the same', () => {
  const app = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })
    const { createTintype } = await import(${JSON.stringify(new URL('packages/tintype/src/index.ts', root).href)})
    await createTintype({ authenticate: 'this-machine' })
  `
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--no-experimental-sqlite', '--input-type=module', '-e', app],
    { encoding: 'utf8' },
  )
  assert.equal(status, 1)
  assert.match(stderr, /Tintype needs Node 22\.16 or newer; this is 20\.19\.0/)
})
