import { ConfigError, loadConfig } from '../config.ts'
import { TintypeError } from '../errors.ts'
import { serve } from './serve.ts'

const usage = `tintype serve      the server with the web gallery

Configured by the environment and by .env in the current folder: PORT, HOST, TINTYPE_TOKEN, S3_BUCKET,
DATABASE_URL and more; docs/configuration.md has them all.`

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`tintype: ${explain(error)}`)
  process.exit(1)
}

async function main([command, ...rest]: string[]): Promise<void> {
  if (command === '--help' || command === 'help') return console.log(usage)
  if (command !== 'serve' || rest.length > 0) {
    console.error(usage)
    process.exitCode = 1
    return
  }
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

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof TintypeError) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'The port is in use. Stop what uses it, or set PORT to another one.'
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
