import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { repository } from '../support/process.ts'

const lint = fileURLToPath(new URL('lint/', import.meta.url))
if (!existsSync(join(lint, 'node_modules'))) {
  console.log('Installing dclint into test/deploy/lint ...')
  execFileSync('npm', ['ci', '--no-workspaces', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: lint,
    stdio: 'inherit',
  })
}
const require = createRequire(join(lint, 'package.json'))
export const { DCLinter } = await import(pathToFileURL(require.resolve('dclint')).href)
const { parse } = require('yaml') as { parse(text: string): unknown }

export interface Service {
  image?: string
  build?: string
  environment: Record<string, string>
  ports?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: unknown
  volumes?: string[]
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
}
export const file = (name: string) => join(repository, 'deploy', name)

/** The secrets that docs/docker.md has people write to deploy/.env. */
export const secrets = {
  TINTYPE_TOKEN: '0123456789abcdef0123456789abcdef',
  POSTGRES_PASSWORD: '0123456789abcdef',
  S3_KEY_ID: 'GK0123456789abcdef0123456789abcdef',
  S3_SECRET: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  GARAGE_RPC_SECRET: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
}

/** As Docker Compose puts variables into a file: `${NAME-default}`, `${NAME:-default}`, `${NAME:?why not}`. */
function withVariables(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{(\w+)(?::?([-?])([^}]*))?\}/g, (_all, name: string, kind?: string, rest = '') => {
    if (values[name] !== undefined) return values[name]
    if (kind === '-') return rest
    throw new Error(`${name} is missing: ${rest}`)
  })
}

/** Its services, with variables put in. */
export const servicesOf = (name: string, values: Record<string, string>) =>
  (parse(withVariables(readFileSync(file(name), 'utf8'), values)) as { services: Record<string, Service> })
    .services
