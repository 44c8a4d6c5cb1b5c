import { readFileSync } from 'node:fs'
import { TintypeError } from 'tintype/internal/errors'
import { ConfigError } from '../config.ts'
import { commands } from './table.ts'
import { UsageError } from './usage.ts'

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
// The reader of a pipe has closed it, as in `tintype audit | head`: exit as after SIGPIPE.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})
try {
  const code = await main()
  if (code !== undefined) process.exitCode = code
} catch (error) {
  console.error(`tintype: ${explain(error)}`)
  process.exit(error instanceof UsageError ? 2 : (command?.failure ?? 1))
}

async function main(): Promise<number | undefined> {
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(usage())
    return 0
  }
  if (name === '--version' || name === '-v') {
    console.log(version())
    return 0
  }
  if (!command) {
    if (name !== '') console.error(`tintype: There is no command ${JSON.stringify(name)}.\n`)
    console.error(usage())
    return 2
  }
  return (await command.load()).run(args)
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

function usage(): string {
  const lines = Object.entries(commands).map(
    ([name, { summary }]) => `  tintype ${name.padEnd(8)} ${summary}`,
  )
  return `Usage:
${lines.join('\n')}

\`tintype COMMAND --help\` tells more. Configured by the environment and by .env in the current folder: PORT, HOST,
TINTYPE_TOKEN, S3_BUCKET, DATABASE_URL and more; docs/configuration.md has them all.`
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof TintypeError || error instanceof UsageError) {
    return error.message
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
