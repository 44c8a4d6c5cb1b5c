import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseConfig } from '../../packages/server/src/config.ts'
import { DCLinter, file, secrets, servicesOf } from './compose.ts'

for (const name of ['compose.yaml', 'compose.s3.yaml']) {
  describe(name, () => {
    test('fits the published schema of Compose, and the linter finds nothing', () => {
      // Its rules of order would have what matters most at the end.
      const order = [
        'service-keys-order',
        'services-alphabetical-order',
        'service-dependencies-alphabetical-order',
      ]
      const linter = new DCLinter({ rules: Object.fromEntries(order.map((rule) => [rule, 0])), quiet: false })
      const [result] = linter.lintFiles([file(name)], false) as {
        messages: { line: number; message: string }[]
      }[]
      const found = result?.messages.map(({ line, message }) => `${line}: ${message}`)
      assert.deepEqual(found, [])
    })

    test('the server takes the environment that it is given', () => {
      const { tintype } = servicesOf(name, secrets)
      const config = parseConfig(tintype?.environment ?? {})
      assert.equal(config.token, secrets.TINTYPE_TOKEN)
      assert.equal(config.publicUrl, 'http://localhost:3000')
      if (name === 'compose.yaml') return
      assert.equal(config.bucket?.name, 'tintype')
      assert.equal(config.bucket?.publicEndpoint, 'http://localhost:3900')
      assert.match(config.database ?? '', /^postgres:/)
    })

    test('without a token people sign in', () => {
      const { TINTYPE_TOKEN, ...others } = secrets
      assert.equal(parseConfig(servicesOf(name, others).tintype?.environment ?? {}).token, undefined)
    })

    test('nothing has a secret of its own, or is reached from other machines', () => {
      const { POSTGRES_PASSWORD, ...others } = secrets
      if (name !== 'compose.yaml')
        assert.throws(() => servicesOf(name, others), /POSTGRES_PASSWORD is missing/)
      for (const { ports = [] } of Object.values(servicesOf(name, secrets)))
        for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
    })

    test('the server has a read-only root, no capabilities, and waits for what it needs', () => {
      const { tintype, ...others } = servicesOf(name, secrets)
      assert.equal(tintype?.read_only, true)
      assert.deepEqual([tintype?.cap_drop, tintype?.security_opt], [['ALL'], ['no-new-privileges:true']])
      for (const [other, { healthcheck }] of Object.entries(others)) {
        assert.ok(healthcheck, other)
        assert.equal(tintype?.depends_on?.[other]?.condition, 'service_healthy')
      }
    })
  })
}

test('systemd takes the unit, and finds it well protected', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0)
    // It is systemd's own, which containers and other systems have no use for.
    return t.skip('systemd-analyze is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'tintype-unit-'))
  try {
    const unit = join(folder, 'tintype.service')
    // What is started has to be there.
    const text = readFileSync(file('tintype.service'), 'utf8').replace('/usr/bin/node', process.execPath)
    writeFileSync(unit, text)
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
      encoding: 'utf8',
    })
    assert.deepEqual([status, stderr], [0, ''])
    // 0 is a service that may do nothing, 10 one that may do everything.
    const security = ['security', '--offline=yes', '--threshold=30', unit]
    const judged = spawnSync('systemd-analyze', security, { encoding: 'utf8' })
    assert.equal(judged.status, 0, judged.stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
