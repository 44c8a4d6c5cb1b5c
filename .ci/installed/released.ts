// `npm run release` against a registry of this file's: npm's own commands, in an order that works, and again after a failure.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { packages } from '../../scripts/packages.ts'
import { inEmptyFolder, root } from './folder.ts'

interface Published {
  name: string
  versions: Record<string, { readme?: string; version: string }>
  'dist-tags': Record<string, string>
}

const published = new Map<string, Published>()
const tokens = new Set<string | undefined>()
let isBroken = true

const registry = createServer(async (req, res) => {
  const name = decodeURIComponent((req.url ?? '').slice(1))
  const answer = (status: number, body: unknown) =>
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  if (req.method !== 'PUT')
    return published.has(name) ? answer(200, published.get(name)) : answer(404, { error: 'not found' })
  tokens.add(req.headers.authorization)
  const body = (await json(req)) as Published
  if (isBroken && name === '@tintype/client') return answer(422, { error: 'not today' })
  published.set(name, body)
  answer(201, { ok: true })
}).listen(0, '127.0.0.1')
await once(registry, 'listening')
const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`

await inEmptyFolder(async (folder) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  for (const one of ['release.ts', 'packages.ts'])
    cpSync(join(root, 'scripts', one), join(folder, 'scripts', one))
  mkdirSync(join(folder, 'dist'))
  for (const one of globSync('dist/*.tgz', { cwd: root }))
    cpSync(join(root, one), join(folder, 'dist', basename(one)))
  const release = (env: Record<string, string>, ...args: string[]) =>
    promisify(execFile)(process.execPath, ['scripts/release.ts', '--packed', ...args], {
      cwd: folder,
      // Of this script's own, for the PATH: npm reads it.
      env: { ...process.env, ...env, npm_config_registry: url },
    })
  const token = { NPM_TOKEN: 'npm_secret' }
  writeFileSync(join(folder, 'CHANGELOG.md'), '## Unreleased\n')
  await assert.rejects(release({}), /NPM_TOKEN/)
  await assert.rejects(release(token), new RegExp(`no section "## ${version}"`))
  assert.match((await release({}, '--dry-run')).stdout, /@tintype\/server@\S+ would be published/)
  assert.equal(published.size, 0)

  writeFileSync(join(folder, 'CHANGELOG.md'), `## Unreleased\n\n## ${version}\n`)
  await assert.rejects(release(token))
  assert.deepEqual([...published.keys()], ['@tintype/protocol', '@tintype/local-s3'])
  isBroken = false
  assert.match((await release(token)).stdout, /@tintype\/protocol@\S+ is there already/)
  assert.deepEqual(
    [...published.keys()],
    packages.map((one) => (one === 'tintype' ? one : `@tintype/${one}`)),
  )
  assert.deepEqual([...tokens], ['Bearer npm_secret'])
  for (const { name, versions, 'dist-tags': tags } of published.values()) {
    assert.deepEqual(tags, { latest: version }, name)
    assert.match(versions[version]?.readme ?? '', new RegExp(`^# ${name}`), name)
  }
})
registry.close()
console.log('npm run release publishes each package once, and goes on after a failure.')
