import { loadConfig } from '../config.ts'
import { serve } from './serve.ts'
import { UsageError } from './usage.ts'

/** `tintype serve`: runs until it is told to stop; a second signal stops it at once. */
export async function run(args: string[]): Promise<undefined> {
  if (args.length > 0)
    throw new UsageError('`tintype serve` takes no arguments: the environment configures it.')
  const server = await serve(loadConfig(), (line) => process.stdout.write(`${line}\n`))
  console.log(`\n  Tintype is at ${server.url}\n`)
  let stopping = false
  const stop = async () => {
    if (stopping) process.exit(1)
    stopping = true
    await server.stop()
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
