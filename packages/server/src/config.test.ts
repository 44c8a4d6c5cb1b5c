import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TintypeError } from 'tintype/internal/errors'
import { silentLog } from 'tintype/internal/log'
import { createTintype } from 'tintype/internal/tintype'
import { ConfigError, loadConfig, loadPlace, parseConfig } from './config.ts'
import { serve } from './serve.ts'

/** What the start of the server ends with. */
function refusal(env: Record<string, string>): string {
  try {
    parseConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message
  }
  return 'taken'
}

const token = { TINTYPE_TOKEN: 'a token of 16 letters' }
const authenticate = () => 'me'
const key = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' }

describe('a setting that makes no sense ends the start with its name and what would be right', () => {
  for (const [name, value, right, more] of [
    ['TINTYPE_TOKEN', 'gehört nur mir allein', /ASCII.*openssl/],
    ['TINTYPE_TOKEN', 'short', /openssl/],
    ['S3_SSE', 'aws:kms', /S3_BUCKET/],
    ['S3_PUBLIC_ENDPOINT', 'https://s3.example', /S3_BUCKET/],
    ['S3_MULTIPART', 'maybe', /S3_BUCKET/],
    ['S3_REQUIRE_CHECKSUM', 'on', /S3_BUCKET/],
    ['S3_PREFIX', 'photos/', /S3_BUCKET/],
    ['MAX_PHOTO_BYTES', '99999999999999999999', /32MB/],
    ['MEMORY_BUDGET', '9999999999TB', /32MB/],
    ['DATABASE_URL', 'sqlite:./x.db', /path of the file alone/],
    ['DATABASE_URL', 'sqlite3:///x.db', /path of the file alone/],
    ['DATABASE_URL', 'file:x.db', /path of the file alone/],
    ['DATABASE_URL', 'mysql://u:hunter2@h/d', /postgres:\/\//],
    ['DATABASE_URL', 'jdbc:postgresql://h/d?password=hunter2', /postgres:\/\//],
    ['DATABASE_URL', 'u:hunter2@h/d', /postgres:\/\//],
    ['DATABASE_URL', '//u:hunter2@h/d', /postgres:\/\//],
    ['DATABASE_URL', 'host=h password=hunter2', /postgres:\/\//],
    ['DATABASE_URL', './x.db?key=hunter2', /postgres:\/\//],
    ['DATABASE_URL', 'postgres:u:hunter2@h/d', /postgres:\/\//],
    ['DATABASE_URL', 'postgres://u:hunter2#x@h/d', /%23/],
    ['DATABASE_URL', 'postgres://u:12/hunter2@h/d', /%2F/],
    ['DATABASE_URL', './data/', /folder/],
    ['S3_BUCKET', 'My_Photos', /3 to 63/],
    ['S3_BUCKET', 'ab', /3 to 63/],
    ['S3_BUCKET', 'photos..old', /3 to 63/],
    ['S3_BUCKET', '192.168.5.4', /3 to 63/],
    ['S3_BUCKET', '-photos', /3 to 63/],
    ['S3_BUCKET', 's3://photos', /name of a bucket alone/],
    ['S3_BUCKET', 'arn:aws:s3:::photos', /name of a bucket alone/],
    ['S3_BUCKET', 'photos/2026', /name of a bucket alone/],
    ['AWS_REGION', 'Frankfurt', /eu-central-1/, { S3_BUCKET: 'photos' }],
    ['AWS_REGION', 'eu-central-1a', /eu-central-1/, { S3_BUCKET: 'photos' }],
    ['AWS_REGION', 'a b', /us-east-1/, { S3_BUCKET: 'photos', S3_ENDPOINT: 'http://s3.example' }],
    ['S3_ENDPOINT', 'https://u:hunter2@s3.example', /password/, { S3_BUCKET: 'photos' }],
    ['S3_ENDPOINT', 's3.example', /https:/, { S3_BUCKET: 'photos' }],
    ['S3_PUBLIC_ENDPOINT', 'https://hunter2@s3.example', /password/, { S3_BUCKET: 'photos' }],
    ['PUBLIC_URL', 'https://u:hunter2@photos.example', /password/],
    ['PUBLIC_URL', 'https://photos.example/?token=hunter2', /query/],
    ['PUBLIC_URL', 'https://photos.example#', /fragment/],
    ['PUBLIC_URL', 'photos.example', /https:/],
    ['PUBLIC_URL', 'ftp://photos.example', /https:/],
    ['PUBLIC_URL', 'https://photos.example//evil.example', /single slashes/],
    ['PUBLIC_URL', 'https://photos.example/a b', /can not be read|digits/],
    ['PUBLIC_URL', 'https://photos.example/api', /another one/],
    ['PUBLIC_URL', 'https://photos.example/assets/x', /another one/],
    ['ORIGINS', 'http://localhost:5173, *', /^ORIGINS\[1\] has a \*/],
    ['ORIGINS', 'http://localhost:5173/app', /write http:\/\/localhost:5173\./],
    ['MEMORY_BUDGET', '1', /at least 16777216/],
    ['HOST', 'http://0.0.0.0', /0\.0\.0\.0/, token],
    ['HOST', '0.0.0.0:3000', /PORT/, token],
    ['PORT', '70000', /0 to 65535/],
    ['PORT', '3000/tcp', /whole number/],
    ['TINTYPE_DATA', 's3://photos', /folder/],
    ['STALL_TIMEOUT', '99999999', /604800/],
    ['UPLOAD_DEADLINE', '0', /1 to 604800/],
    ['SWEEP_GRACE', '-1', /0 to 604800/],
    ['SIGN_READ_TTL', '1', /2 to 604800/],
  ] as const) {
    test(`${name}=${value}`, () => {
      const message = refusal({ ...key, ...more, [name]: value })
      assert.ok(message.startsWith(name), message)
      assert.match(message, right)
      assert.doesNotMatch(message, /hunter2/)
    })
  }
})

test('what makes sense is taken, in one spelling', () => {
  assert.deepEqual(parseConfig({}).origins, [])
  const ORIGINS = 'http://localhost:5173/,  https://App.Example:443'
  assert.deepEqual(parseConfig({ ORIGINS }).origins, ['http://localhost:5173', 'https://app.example'])
  for (const url of [
    'postgres://u:p%40@h/d',
    'postgresql:///d?host=/run/postgresql',
    './x.db',
    '/srv/a:b/x.db',
    'C:\\x.db',
  ]) {
    assert.equal(parseConfig({ DATABASE_URL: url }).database, url)
  }
  assert.equal(parseConfig({ DATABASE_URL: 'POSTGRES://u@h/d' }).database, 'postgres://u@h/d')
  for (const [given, url] of [
    ['HTTPS://Photos.Example:443/', 'https://photos.example'],
    ['http://photos.example.:80', 'http://photos.example'],
    ['https://example.org/photos/', 'https://example.org/photos'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ]) {
    assert.equal(parseConfig({ PUBLIC_URL: given }).publicUrl, url)
  }
  const service = {
    ...key,
    S3_BUCKET: 'My_Photos',
    S3_ENDPOINT: 'https://gateway.example/s3',
    AWS_REGION: 'auto',
  }
  assert.equal(parseConfig(service).bucket?.name, 'My_Photos')
  for (const AWS_REGION of ['eu-central-1', 'us-gov-west-1', 'cn-north-1', 'ap-southeast-5', 'auto']) {
    assert.equal(parseConfig({ ...key, S3_BUCKET: 'photos', AWS_REGION }).bucket?.region, AWS_REGION)
  }
  for (const HOST of ['0.0.0.0', '::', '::1', 'localhost', 'photobox.local', 'fe80::1%eth0']) {
    assert.equal(parseConfig({ ...token, HOST }).host, HOST)
  }
})

describe('where the server can not listen, the variable is named', () => {
  test('PORT', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const starting = serve(parseConfig({ PORT: String(port) }), () => {})
    await assert.rejects(
      starting,
      new ConfigError(`PORT is ${port}, which is in use: stop what uses it, or set PORT to another one.`),
    )
    await new Promise((resolve) => other.close(resolve))
  })

  for (const what of ['a file', 'a place below a file', 'a place where nothing can be made']) {
    test(`TINTYPE_DATA, ${what}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tintype-data-'))
      await writeFile(join(folder, 'file'), '')
      const path = {
        'a file': join(folder, 'file'),
        'a place below a file': join(folder, 'file/data'),
        'a place where nothing can be made': process.platform === 'linux' ? '/proc/tintype/data' : '\0',
      }[what] as string
      const starting = serve(parseConfig({ PORT: '0', TINTYPE_DATA: path }), () => {})
      await assert.rejects(
        starting,
        /^TypeError: TINTYPE_DATA is ".*", where nothing can be kept .*such as \.\/data/,
      )
      await assert.rejects(
        createTintype({ authenticate, directory: path, log: silentLog }),
        /^TypeError: directory is "/,
      )
      await rm(folder, { recursive: true })
    })
  }

  test('DATABASE_URL: what the driver says, and no password', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tintype-data-'))
    for (const [database, said] of [
      // A port that nothing listens to: https://www.iana.org/assignments/service-names-port-numbers, tcpmux.
      ['postgres://u:hunter2@127.0.0.1:1/db', /ECONNREFUSED/],
      ['/dev/null/x.db', /ENOTDIR|EEXIST|ENOENT/],
    ] as const) {
      const starting = createTintype({ authenticate, directory, database, log: silentLog })
      await assert.rejects(starting, (error: Error) => {
        assert.equal((error as TintypeError).code, 'database_unavailable')
        assert.match(error.message, said)
        assert.doesNotMatch(error.message, /hunter2/)
        return true
      })
    }
    await rm(directory, { recursive: true })
  })

  test('HOST', async () => {
    // 192.0.2.0/24 is nobody's: RFC 5737.
    const starting = serve(parseConfig({ ...token, PORT: '0', HOST: '192.0.2.199' }), () => {})
    await assert.rejects(starting, /^TypeError: HOST is 192\.0\.2\.199, .*PUBLIC_URL/)
  })
})

describe('an app', () => {
  for (const [what, options, sentence] of [
    [
      'a bucket that is undefined',
      { bucket: undefined },
      /^bucket is given, but has no value.*leave the option out/,
    ],
    ['a bucket that is empty', { bucket: '' }, /^bucket is given/],
    ['a bucket without a name', { bucket: { name: undefined } }, /^bucket\.name/],
    ['a name that is none', { bucket: { name: 's3://photos' } }, /^bucket.*alone/],
    [
      'an endpoint with a password',
      { bucket: { name: 'photos', endpoint: 'https://u:hunter2@h' } },
      /^bucket\.endpoint/,
    ],
    ['a database that is undefined', { database: undefined }, /^database is given/],
    ['a database of another kind', { database: 'mysql://u:hunter2@h/d' }, /^database begins/],
    ['a publicUrl that is none', { publicUrl: 'photos.example' }, /^publicUrl/],
    [
      'an origin with a path',
      { origins: ['https://app.example/page'] },
      /^origins.*https:\/\/app\.example\./,
    ],
    ['any origin at all', { origins: ['*'] }, /^origins/],
    [
      'a limit that is none',
      { limits: { imageBytes: Number.NaN } },
      /^limits\.imageBytes is NaN; .*at least 1/,
    ],
    ['a limit with a unit', { limits: { memory: '512MB' } }, /^limits\.memory is "512MB"/],
    ['no files', { limits: { files: 0 } }, /^limits\.files is 0; .*1000/],
    ['a limit that is not known', { limits: { photoBytes: 5 } }, /^limits\.photoBytes.*imageBytes/],
    ['a type that is not known', { accept: ['image/jpg'] }, /^accept .*image\/jpeg/],
    ['no type at all', { accept: [] }, /^accept/],
    ['a claim that takes millions of years', { claimWithin: 1e15 }, /^claimWithin is 1000000000000000/],
    [
      'origins that are no list',
      { origins: 'http://localhost:5173' },
      /^origins is a string; it has to be a list/,
    ],
    ['a name for a function', { authenticate: 'me' }, /^authenticate/],
    ['a time that is none', { times: { stall: Number.NaN } }, /^times\.stall/],
    ['a time in milliseconds', { times: { session: 86_400_000 } }, /^times\.session/],
    ['a time that is not known', { times: { sesion: 60 } }, /^times\.sesion.*session/],
  ] as const) {
    test(`is not started with ${what}, and nothing is written`, async () => {
      const directory = join(await mkdtemp(join(tmpdir(), 'tintype-options-')), 'data')
      const starting = createTintype({ authenticate, ...(options as object), directory })
      await assert.rejects(starting, (error: Error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, sentence)
        assert.doesNotMatch(error.message, /hunter2/)
        return true
      })
      assert.ok(!existsSync(directory))
      assert.deepEqual(await readdir(join(directory, '..')), [])
      await rm(join(directory, '..'), { recursive: true })
    })
  }
})

test('what .env says to the AWS SDK reaches it, but keys, and never against the environment', async (t) => {
  const before = { ...process.env }
  const folder = process.cwd()
  const directory = await mkdtemp(join(tmpdir(), 'tintype-config-'))
  t.after(async () => {
    process.chdir(folder)
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
    await rm(directory, { recursive: true })
  })
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  await writeFile(
    join(directory, '.env'),
    'S3_BUCKET=my-photos\nAWS_ENDPOINT_URL_S3=http://s3.test\nAWS_USE_FIPS_ENDPOINT=false\nAWS_PROFILE=server\n' +
      'AWS_ACCESS_KEY_ID=k\nAWS_SECRET_ACCESS_KEY=s\n',
  )
  process.chdir(directory)
  const told = () => Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'))
  process.env.AWS_ENDPOINT_URL_S3 = 'http://mine.test'
  loadPlace()
  assert.deepEqual(Object.fromEntries(told()), {
    AWS_ENDPOINT_URL_S3: 'http://mine.test',
    AWS_USE_FIPS_ENDPOINT: 'false',
  })
  assert.ok(loadConfig().bucket?.credentials)
  assert.deepEqual(Object.fromEntries(told()), {
    AWS_ENDPOINT_URL_S3: 'http://mine.test',
    AWS_USE_FIPS_ENDPOINT: 'false',
    AWS_PROFILE: 'server',
  })
})
