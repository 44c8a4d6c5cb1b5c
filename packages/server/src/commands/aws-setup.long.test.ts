import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const command = fileURLToPath(new URL('../../bin/tintype.js', import.meta.url))
const { PATH = '' } = process.env

describe('`tintype aws plan` is for the place that the AWS SDK has been told', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tintype-aws-'))
    await writeFile(
      join(folder, 'config'),
      '[profile mine]\nregion = sa-east-1\nendpoint_url = http://s3.test\n',
    )
  })
  after(() => rm(folder, { recursive: true }))
  async function plan(env: Record<string, string>): Promise<string> {
    const args = [command, 'aws', 'plan', '--bucket', 'my-photos', '--format', 'cli']
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: folder,
      env: { PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    })
    return stdout
  }
  const demandsTls = /aws:SecureTransport/

  for (const [what, env] of [
    ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'http://s3.test' }],
    ['the profile', { AWS_CONFIG_FILE: 'config', AWS_PROFILE: 'mine' }],
  ] as const) {
    test(`an endpoint of ${what} without TLS gets no policy that demands it`, async () => {
      const script = await plan(env)
      assert.doesNotMatch(script, demandsTls)
      if (what === 'the profile') assert.match(script, /sa-east-1/)
    })
  }

  test('AWS gets it, by its FIPS endpoints too', async () => {
    assert.match(await plan({ AWS_USE_FIPS_ENDPOINT: 'true' }), demandsTls)
  })
})
