import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { validate } from 'dockerfile-utils'
import { repository } from '../support/process.ts'
import { only, stages, text } from './dockerfile.ts'

const [build, image, ...more] = stages()
if (build === undefined || image === undefined) throw new Error('Two stages were expected.')

test('the Dockerfile is one that Docker takes', () => {
  assert.deepEqual(
    validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`),
    [],
  )
  assert.deepEqual(more, [])
})

test('it is built with the Node of the tests, and runs on the same version of Node and of Debian', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  assert.equal(build.image, `node:${devDependencies.node}-bookworm-slim`)
  const [major] = devDependencies.node.split('.')
  assert.equal(image.image, `gcr.io/distroless/nodejs${major}-debian12:nonroot`)
})

test('one process, which is no shell, runs as a user that may write to its data alone', () => {
  assert.equal(only(image, 'USER').rest, '65532:65532')
  assert.deepEqual(only(image, 'VOLUME').words, ['/data'])
  for (const keyword of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK']) {
    const { rest } = only(image, keyword)
    assert.match(rest, /^(CMD )?\["/, `${keyword} without a shell, so that signals reach the process`)
  }
  const writable = image.steps.filter(({ keyword, flags }) => keyword === 'COPY' && flags.chown)
  assert.deepEqual(
    writable.map(({ rest }) => rest),
    ['/data/ /data/'],
  )
})

test('no secret and nothing of this machine gets into it', () => {
  const ignored = readFileSync(join(repository, '.dockerignore'), 'utf8').split('\n')
  for (const one of ['.git', '**/node_modules', '**/dist', '**/data', '**/.env*'])
    assert.ok(ignored.includes(one), one)
  assert.doesNotMatch(text, /TOKEN|SECRET|PASSWORD|ACCESS_KEY/)
})
