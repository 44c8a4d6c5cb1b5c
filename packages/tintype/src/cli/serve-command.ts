import { loadConfig } from '../config.ts'
import { serve } from './serve.ts'
import { UsageError } from './usage.ts'

/**
 * `tintype serve`: runs until it is told to stop; a second signal stops it at once. SIGTERM comes from who runs it for
 * others, and gives them time to turn away; Ctrl-C does not.
 */
export async function run(args: string[]): Promise<undefined> {
  if (args.length > 0)
    throw new UsageError('`tintype serve` takes no arguments: the environment configures it.')
  const config = loadConfig()
  const starting = serve(config, (line) => process.stdout.write(`${line}\n`))
  let stopping = false
  const stop = async (delay: number) => {
    if (stopping) process.exit(1)
    stopping = true
    const server = await starting
    await server.stop(delay)
    process.exit(0)
  }
  // Before it has started: a signal that comes early must not end it half-way.
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(config.shutdownDelay * 1000))
  const { url } = await starting
  console.log(`\n  Tintype is at ${url}\n`)
}
