import { writeLine } from 'tintype/internal/log'
import { loadConfig } from '../config.ts'
import { serve } from '../serve.ts'
import { UsageError } from './usage.ts'

const help = `Usage: tintype serve

The server with the web gallery. Takes no arguments: the environment configures it, and .env in the current folder;
docs/configuration.md has all variables. Without S3_BUCKET and DATABASE_URL everything is kept in ./data.

SIGTERM and Ctrl-C let uploads that have begun finish; a second one ends it at once.

Exit code: 0 stopped, 1 it could not start, 2 wrong usage.`

/**
 * `tintype serve`: runs until it is told to stop; a second signal stops it at once. After SIGTERM it waits
 * `SHUTDOWN_DELAY`, so that load balancers can turn away; after Ctrl-C it does not.
 */
export async function run(args: string[]): Promise<number | undefined> {
  if (args.length === 1 && ['--help', '-h'].includes(args[0] as string)) {
    console.log(help)
    return 0
  }
  if (args.length > 0)
    throw new UsageError(
      'It takes no arguments: the environment configures it. `tintype serve --help` tells more.',
    )
  const config = loadConfig()
  const starting = serve(config, writeLine)
  let stopping = false
  const stop = async (delay: number) => {
    if (stopping) process.exit(1)
    stopping = true
    const server = await starting
    await server.stop(delay)
    process.exit(0)
  }
  // Installed before it starts: an early signal must not end it halfway.
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(config.shutdownDelay * 1000))
  const { url } = await starting
  console.log(`\n  Tintype is at ${url}\n`)
  return undefined
}
