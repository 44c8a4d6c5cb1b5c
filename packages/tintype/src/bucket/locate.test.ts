import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { ConfigError } from '../settings/error.ts'
import { followsProxies } from './agents.ts'
import { locate } from './locate.ts'

/** Everything that the SDK would read: of the machine that runs this too. */
const read = /^AWS_|^(HTTPS?|NO)_PROXY$/i
const variables = Object.keys(process.env).filter((name) => read.test(name))
const skip = followsProxies(process.versions.node) ? false : 'this Node does not follow proxies'
const bucket = { name: 'photos', credentials: { accessKeyId: 'k', secretAccessKey: 's' } }
const aws = { ...bucket, region: 'eu-central-1' }

describe('a bucket lies where the AWS SDK has been told', () => {
  let directory: string
  let files = 0
  const before_ = Object.fromEntries(variables.map((name) => [name, process.env[name]]))
  const clear = () => {
    for (const name of Object.keys(process.env)) if (read.test(name)) delete process.env[name]
  }
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tintype-locate-'))
  })
  after(async () => {
    clear()
    Object.assign(process.env, before_)
    await rm(directory, { recursive: true })
  })
  beforeEach(() => {
    clear()
    tell({ AWS_CONFIG_FILE: join(directory, 'none'), AWS_SHARED_CREDENTIALS_FILE: join(directory, 'none') })
  })
  afterEach(clear)
  const tell = (more: Record<string, string>) => Object.assign(process.env, more)
  /** The SDK remembers files by their names. */
  async function profile(text: string): Promise<void> {
    const file = join(directory, `config-${files++}`)
    await writeFile(file, text)
    tell({ AWS_CONFIG_FILE: file })
  }
  const refused = (what: RegExp) => (error: unknown) =>
    error instanceof ConfigError && what.test(error.message)

  test('on AWS, where nothing else is said', async () => {
    for (const region of ['eu-central-1', 'us-east-1', 'cn-north-1', 'eusc-de-east-1', 'us-isof-south-1']) {
      const { endpoint, fips, dualStack, proxy: _, ...found } = await locate({ ...bucket, region })
      assert.deepEqual([found, endpoint, fips, dualStack], [{ ...bucket, region }, undefined, false, false])
    }
    assert.equal((await locate(bucket)).region, 'us-east-1')
  })

  test('with the key of the environment, where none is given', async () => {
    tell({ AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's' })
    const found = { accessKeyId: 'ENV', secretAccessKey: 's' }
    assert.deepEqual((await locate({ name: 'photos' })).credentials, found)
    assert.deepEqual((await locate(bucket)).credentials, bucket.credentials)
  })

  test('in the region of AWS_REGION, else of AWS_DEFAULT_REGION, else of the profile', async () => {
    await profile('[default]\nregion = ap-south-1\n[profile other]\nregion = sa-east-1\n')
    const region = async () => (await locate(bucket)).region
    assert.equal(await region(), 'ap-south-1')
    tell({ AWS_PROFILE: 'other' })
    assert.equal(await region(), 'sa-east-1')
    tell({ AWS_DEFAULT_REGION: 'eu-west-3' })
    assert.equal(await region(), 'eu-west-3')
    tell({ AWS_REGION: 'eu-west-1' })
    assert.equal(await region(), 'eu-west-1')
    assert.equal((await locate(aws)).region, 'eu-central-1')
    tell({ AWS_REGION: 'Frankfurt' })
    await assert.rejects(locate(bucket), refused(/AWS_REGION.*eu-central-1/))
  })

  test('in the region of the machine, where that gives the credentials too', async (t) => {
    const machine = createServer((req, res) => res.end(req.method === 'PUT' ? 'token' : 'eu-north-1'))
    machine.listen(0, '127.0.0.1')
    await once(machine, 'listening')
    t.after(() => machine.close())
    tell({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${(machine.address() as AddressInfo).port}` })
    assert.equal((await locate({ name: 'photos' })).region, 'eu-north-1')
    assert.equal((await locate(bucket)).region, 'us-east-1')
  })

  test('at the endpoint of the variables, of the profile and of its services, in the order of the SDK', async () => {
    const endpoint = async () => (await locate(aws)).endpoint
    await profile('[default]\nendpoint_url = http://profile.test:9000\n')
    assert.equal(await endpoint(), 'http://profile.test:9000')
    await profile(
      '[default]\nendpoint_url = http://profile.test\nservices = mine\n[services mine]\ns3 =\n  endpoint_url = http://service.test\n',
    )
    assert.equal(await endpoint(), 'http://service.test')
    tell({ AWS_ENDPOINT_URL: 'https://all.test' })
    assert.equal(await endpoint(), 'https://all.test')
    tell({ AWS_ENDPOINT_URL_S3: 'http://s3.test:9000/below' })
    assert.equal(await endpoint(), 'http://s3.test:9000/below')
    assert.equal((await locate({ ...aws, endpoint: 'http://mine.test' })).endpoint, 'http://mine.test')
    tell({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })
    assert.equal(await endpoint(), undefined)
    assert.equal((await locate({ ...aws, endpoint: 'http://mine.test' })).endpoint, 'http://mine.test')
  })

  test('nowhere, where it is told of what is no address', async () => {
    for (const value of ['minio:9000', 'http://user:secret@s3.test', 'ftp://s3.test']) {
      tell({ AWS_ENDPOINT_URL: value })
      await assert.rejects(locate(aws), (error: Error) => {
        assert.doesNotMatch(error.message, /secret/)
        return refused(/AWS_ENDPOINT_URL.*S3_ENDPOINT/)(error)
      })
    }
  })

  for (const [name, key, property] of [
    ['AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint', 'fips'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint', 'dualStack'],
  ] as const) {
    test(`by ${name}, or ${key} of the profile; never half`, async () => {
      tell({ [name]: 'true' })
      assert.equal((await locate(aws))[property], true)
      await assert.rejects(
        locate({ ...aws, endpoint: 'http://mine.test' }),
        refused(new RegExp(`${name}.*endpoint`)),
      )
      tell({ [name]: 'yes' })
      await assert.rejects(locate(aws), refused(new RegExp(`${name}.*true or false`)))
      tell({ [name]: 'false' })
      await profile(`[default]\n${key} = true\n`)
      assert.equal((await locate(aws))[property], false)
      delete process.env[name]
      assert.equal((await locate(aws))[property], true)
      tell({ AWS_ENDPOINT_URL: 'http://s3.test' })
      await assert.rejects(locate(aws), refused(new RegExp(`${name}.*endpoint`)))
    })
  }

  test('behind the proxy of the environment, unless the app names one or none', { skip }, async () => {
    tell({ HTTPS_PROXY: 'http://proxy.test:3128', no_proxy: 'localhost' })
    const proxy = async (given?: object) => (await locate({ ...aws, ...given })).proxy
    assert.deepEqual(await proxy(), {
      HTTP_PROXY: undefined,
      HTTPS_PROXY: 'http://proxy.test:3128',
      NO_PROXY: 'localhost',
    })
    assert.deepEqual(await proxy({ proxy: {} }), {})
    tell({ HTTPS_PROXY: 'proxy.test:secret' })
    await assert.rejects(locate(aws), refused(/^HTTPS_PROXY has to be the address(?!.*secret)/))
    tell({ no_proxy: '*' })
    assert.equal(await proxy(), undefined)
  })

  test('nowhere, where AWS has no such thing', async () => {
    await assert.rejects(locate({ ...aws, name: 'photos-abc-s3alias' }), refused(/an access point/))
    tell({ AWS_USE_FIPS_ENDPOINT: 'true' })
    await assert.rejects(locate({ ...bucket, region: 'cn-north-1' }), refused(/no FIPS endpoints in China/))
  })

  test('in no region that is none', async () => {
    for (const [region, what] of [
      ['fips-us-gov-west-1', /write us-gov-west-1, and set AWS_USE_FIPS_ENDPOINT/],
      ['us-east-1-fips', /write us-east-1/],
      ['aws-global', /no region/],
    ] as const) {
      await assert.rejects(locate({ ...bucket, region }), refused(what))
    }
  })
})
