import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { checkBucket, type Paint } from '@tintype/aws'
import { followProxies } from 'tintype/internal/bucket/agents'
import { type Finding, failed, ok, skipped } from 'tintype/internal/bucket/finding'
import { locate } from 'tintype/internal/bucket/locate'
import type { LocatedBucket } from 'tintype/internal/bucket/options'
import { systemClock } from 'tintype/internal/clock'
import { reachEmbeddedBucket } from 'tintype/internal/embedded'
import { TintypeError } from 'tintype/internal/errors'
import { isolation } from 'tintype/internal/workers/isolation'
import { type Config, ConfigError, databaseOf, loadConfig } from '../config.ts'
import {
  childIsolation,
  databaseAnswers,
  dataFolder,
  isTintype,
  nodeVersion,
  portIsFree,
} from '../doctor/local.ts'
import { publicAddress, throughProxy } from '../doctor/public-address.ts'
import { databasePutBack } from '../doctor/put-back.ts'
import { originsOf, overridden } from './aws-check.ts'
import { printFindings } from './findings.ts'
import { readArguments } from './usage.ts'

const help = `Usage: tintype doctor [--origin URL]...

Looks at everything that the server needs, with the settings that it would read: Node, configuration, data folder,
database, port, and the bucket, where it puts, reads and deletes objects of its own. One line each, with what to do.

  --origin URL   try a browser's preflight from there; default: PUBLIC_URL

Exit code: 0 when nothing failed, 1 otherwise, 2 wrong usage.`

/**
 * `tintype doctor`.
 * @param options.port whether the port of the ready server has to be free, or its own
 * @returns the exit code
 */
export async function run(args: string[], { port = true } = {}): Promise<number> {
  const { help: asked, origin } = parse(args)
  if (asked) {
    console.log(help)
    return 0
  }
  const paint: Paint = (colour, text) => styleText(colour, text, { stream: process.stdout })
  return printFindings(diagnose(origin, port), paint)
}

async function* diagnose(origins: string[] | undefined, port: boolean): AsyncGenerator<Finding> {
  yield nodeVersion(process.versions.node)
  yield childIsolation(await isolation(), process.platform)
  let config: Config
  try {
    config = loadConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    yield failed('configuration', error.message, 'docs/configuration.md has every variable.')
    return
  }
  yield ok('configuration')
  yield* overridden()
  for (const finding of [publicAddress(config), await dataFolder(config)]) if (finding) yield finding
  yield await databaseAnswers(config)
  if (port) {
    yield await portIsFree(config)
    if (await isTintype(config.port)) yield* throughProxy(config)
  }
  yield* config.bucket === undefined
    ? embeddedBucket(config)
    : ownBucket(config, config.bucket, origins ?? originsOf(config))
}

/** On AWS, permissions that the key doesn't need are a failure; other services can't restrict keys as far. */
async function* ownBucket(
  config: Config,
  named: NonNullable<Config['bucket']>,
  origins: string[],
): AsyncGenerator<Finding> {
  let bucket: LocatedBucket
  try {
    bucket = await locate(named)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    yield failed(`bucket ${named.name}`, error.message, 'docs/configuration.md has every variable.')
    return
  }
  followProxies(bucket.proxy)
  const isAws = bucket.endpoint === undefined
  const excess = isAws ? 'failed' : 'warned'
  const { multipart = true } = bucket
  yield* checkBucket({ bucket, multipart, origins, excess, iam: isAws, now: systemClock.now })
  yield* putBack(config, bucket)
}

async function* putBack(config: Config, bucket: LocatedBucket): AsyncGenerator<Finding> {
  const finding = await databasePutBack(databaseOf(config), bucket, systemClock.now)
  if (finding) yield finding
}

async function* embeddedBucket(config: Config): AsyncGenerator<Finding> {
  const { directory } = config
  if (!existsSync(join(directory, 's3'))) {
    yield ok('embedded S3', 'not there yet, the first start makes it')
    return
  }
  try {
    const { bucket, close } = await reachEmbeddedBucket(directory)
    try {
      const now = systemClock.now
      yield* checkBucket({ bucket, multipart: true, origins: [], excess: 'ignored', iam: false, now })
      yield* putBack(config, bucket)
    } finally {
      await close()
    }
  } catch (error) {
    if (!(error instanceof TintypeError)) throw error
    yield skipped('embedded S3', error.message)
  }
}

function parse(args: string[]) {
  return readArguments('doctor', { args, options: { origin: { type: 'string', multiple: true } } }).values
}
