import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { routes } from '@tintype/protocol'
import { loadSender } from '../config.ts'
import { sendFiles } from './upload.ts'
import { findFiles } from './upload-files.ts'
import { createUploadReport, printable } from './upload-report.ts'
import { openUploadState } from './upload-state.ts'
import { readArguments, UsageError } from './usage.ts'

const help = `Usage: tintype upload FILES... --to URL

Sends photos, videos and whole folders to a Tintype server. Large files go in parallel parts. Stopped with Ctrl-C or
by whatever else, the same command goes on where it was: what has arrived is not sent again.

  --to URL           the server, e.g. https://photos.example, or where its API is mounted: https://app.example/photos
  --token-file FILE  holds the access token; TINTYPE_TOKEN in the environment is the other way
  --concurrency N    files under way at a time (3)

Exit code: 0 all files are there, 1 some are not, 2 wrong usage, 130 it was stopped.`

/** `tintype upload`. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parse(args)
  if (values.help) {
    console.log(help)
    return 0
  }
  if (positionals.length === 0)
    throw new UsageError('Which files or folders? `tintype upload --help` tells more.')
  const endpoint = endpointOf(values.to)
  const concurrency = Number(values.concurrency ?? 3)
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new UsageError('--concurrency has to be a whole number of at least 1.')
  }
  const sender = loadSender()
  const token = values['token-file'] ? await readToken(values['token-file']) : sender.token
  const { found, skipped } = await findFiles(positionals)
  const trouble = await tryServer(endpoint, token)
  if (trouble !== undefined) {
    console.error(trouble)
    return 1
  }
  if (skipped > 0) console.log(`Left out in the folders: ${skipped} that are no photos or videos by name.`)

  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    const result = await sendFiles(found, {
      ...{ endpoint, token, concurrency, stop: stop.signal },
      state: await openUploadState(join(sender.stateDirectory, 'uploads'), Date.now),
      report: createUploadReport(process.stdout, Date.now),
    })
    const { sent, there, failed, left } = result
    const words = [`${sent} sent`]
    if (there > 0) words.push(`${there} there already`)
    if (failed.length > 0) words.push(`${failed.length} failed`)
    if (left > 0) words.push(`${left} left`)
    console.log(`\n${words.join(', ')}.`)
    for (const { shown, reason } of failed) console.error(`  ${printable(shown)}: ${reason}`)
    if (stop.signal.aborted) {
      console.log('Stopped. The same command goes on from here.')
      return 130
    }
    return failed.length + left > 0 ? 1 : 0
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

function parse(args: string[]) {
  return readArguments('upload', {
    args,
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      'token-file': { type: 'string' },
      concurrency: { type: 'string' },
    },
  })
}

/** An address without a path is the ready server's, whose API is below `/api`. */
function endpointOf(to: string | undefined): string {
  if (to === undefined || !URL.canParse(to) || !/^https?:$/.test(new URL(to).protocol)) {
    throw new UsageError('--to needs the address of the server, e.g. --to https://photos.example')
  }
  const url = new URL(to)
  return url.origin + (url.pathname === '/' ? '/api' : url.pathname.replace(/\/+$/, ''))
}

/** One small request first, so that a wrong address or token is reported once, not for each file. @returns what is wrong */
async function tryServer(endpoint: string, token: string | undefined): Promise<string | undefined> {
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  try {
    const answer = await fetch(`${endpoint}${routes.media}?limit=1`, { headers })
    await answer.body?.cancel()
    if (answer.status === 401) {
      const wish = token === undefined ? 'wants a token' : 'does not know this token'
      return `${endpoint} ${wish}: set TINTYPE_TOKEN, or give --token-file.`
    }
    if (answer.status === 404) return `There is no Tintype at ${endpoint}. Give --to the address of its API.`
    return undefined
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    return `${endpoint} can't be reached: ${cause instanceof Error ? cause.message : error}`
  }
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    throw new UsageError(
      `The token can't be read from ${path}: ${error instanceof Error ? error.message : error}`,
    )
  }
}
