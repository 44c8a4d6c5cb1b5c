import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createAgents, followsProxies, type ProxySettings } from './agents.ts'
import { credentialsOf } from './credentials.ts'
import { keyOfTheSdk } from './key-of-the-sdk.ts'

const end = new Date('2099-01-01T00:00:00Z')
const ofSts = (
  action: string,
) => `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
  <Credentials><AccessKeyId>STS</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
  <Expiration>${end.toISOString()}</Expiration></Credentials></${action}Result></${action}Response>`
const json = (id: string) =>
  JSON.stringify({ AccessKeyId: id, SecretAccessKey: 's', Token: 't', Expiration: end, Code: 'Success' })

/** Answers as the services do that the SDK's chain asks, and as a proxy in front of them. */
function answerTo({ url = '' }: IncomingMessage, body: string): string {
  const action = /Action=(\w+)/.exec(body)?.[1]
  if (action) return ofSts(action)
  const { pathname } = new URL(url, 'http://self.test')
  if (pathname === '/latest/api/token') return 'token'
  if (pathname === '/latest/meta-data/iam/security-credentials/') return 'role'
  if (pathname === '/latest/meta-data/iam/security-credentials/role') return json('IMDS')
  if (pathname === '/container') return json('ECS')
  if (pathname === '/federation/credentials') {
    const role = { accessKeyId: 'SSO', secretAccessKey: 's', sessionToken: 't', expiration: end.getTime() }
    return JSON.stringify({ roleCredentials: role })
  }
  throw new Error(url)
}

describe("the SDK's chain gives the credentials of", () => {
  const seen: string[] = []
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    seen.push(req.url ?? '')
    res.end(answerTo(req, body))
  })
  const previous = { ...process.env }
  let url: string
  let folder: string
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    folder = await mkdtemp(join(tmpdir(), 'tintype-chain-'))
    await mkdir(join(folder, '.aws/sso/cache'), { recursive: true })
    const session = createHash('sha1').update('https://start.test').digest('hex')
    await writeFile(
      join(folder, `.aws/sso/cache/${session}.json`),
      JSON.stringify({ accessToken: 'token', expiresAt: end.toISOString(), region: 'eu-central-1' }),
    )
    await writeFile(join(folder, 'token'), 'web identity')
    await writeFile(
      join(folder, 'config'),
      [
        '[profile keys]',
        'aws_access_key_id = PROFILE',
        'aws_secret_access_key = s',
        '[profile process]',
        `credential_process = "${process.execPath}" -p '${json('PROCESS').replace('{', '`{"Version":1,').replace(/}$/, '}`')}'`,
        '[profile sso]',
        'sso_start_url = https://start.test',
        'sso_region = eu-central-1',
        'sso_account_id = 123456789012',
        'sso_role_name = role',
        '[profile role]',
        'role_arn = arn:aws:iam::123456789012:role/photos',
        'source_profile = keys',
        'aws_access_key_id = UNUSED',
        'aws_secret_access_key = s',
      ].join('\n'),
    )
  })
  beforeEach(() => {
    seen.length = 0
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
    Object.assign(process.env, { HOME: folder, AWS_CONFIG_FILE: join(folder, 'config') })
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, 'none')
  })
  after(async () => {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, previous)
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true })
  })

  async function idWith(env: Record<string, string>, proxy: ProxySettings = {}): Promise<string> {
    Object.assign(process.env, env)
    const agents = createAgents(proxy)
    const provide = credentialsOf({ credentials: undefined, region: 'eu-central-1', agents })
    try {
      const { accessKeyId } = await provide()
      const asked = seen.length
      await provide()
      assert.equal(seen.length, asked, 'they are kept')
      return accessKeyId
    } finally {
      for (const agent of Object.values(agents)) agent.destroy()
    }
  }
  const webIdentity = () => ({
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/photos',
    AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
  })

  for (const [what, id, env] of [
    ['the environment', 'ENV', () => ({ AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's' })],
    ['a profile', 'PROFILE', () => ({ AWS_PROFILE: 'keys' })],
    [
      'a profile that is named, before the environment',
      'PROFILE',
      () => ({ AWS_PROFILE: 'keys', AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's' }),
    ],
    ['a process', 'PROCESS', () => ({ AWS_PROFILE: 'process' })],
    ['SSO', 'SSO', () => ({ AWS_PROFILE: 'sso', AWS_ENDPOINT_URL_SSO: url })],
    ['a role of another profile', 'STS', () => ({ AWS_PROFILE: 'role', AWS_ENDPOINT_URL_STS: url })],
    ['a web identity', 'STS', () => ({ ...webIdentity(), AWS_ENDPOINT_URL_STS: url })],
    ['a container', 'ECS', () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container` })],
    ['a machine', 'IMDS', () => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url })],
  ] as [string, string, () => Record<string, string>][]) {
    test(what, async () => {
      assert.equal(await idWith(env()), id)
      // What is no key is for the chain alone.
      assert.equal((await keyOfTheSdk())?.accessKeyId, ['ENV', 'PROFILE'].includes(id) ? id : undefined)
    })
  }

  const skip = followsProxies(process.versions.node) ? false : 'this Node does not follow proxies'
  for (const [what, env] of [
    ['a web identity', () => ({ ...webIdentity(), AWS_ENDPOINT_URL_STS: 'http://sts.nowhere.test' })],
    ['a role', () => ({ AWS_PROFILE: 'role', AWS_ENDPOINT_URL_STS: 'http://sts.nowhere.test' })],
    ['SSO', () => ({ AWS_PROFILE: 'sso', AWS_ENDPOINT_URL_SSO: 'http://sso.nowhere.test' })],
  ] as [string, () => Record<string, string>][]) {
    test(`${what}, by the proxy on the way to S3`, { skip }, async () => {
      await idWith(env(), { HTTP_PROXY: url })
      assert.match(String(seen), /^http:\/\/\w+\.nowhere\.test\//)
    })
  }

  test('the environment, with all that a temporary key has', async () => {
    const temporary = { AWS_SESSION_TOKEN: 't', AWS_CREDENTIAL_EXPIRATION: end.toISOString() }
    assert.equal(await idWith({ AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's', ...temporary }), 'ENV')
    const expected = { accessKeyId: 'ENV', secretAccessKey: 's', sessionToken: 't', expiration: end }
    assert.deepEqual(await keyOfTheSdk(), expected)
  })

  test('a machine, past the proxy', async () => {
    const proxy = { HTTP_PROXY: 'http://127.0.0.1:1' }
    assert.equal(await idWith({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }, proxy), 'IMDS')
  })
})
