// Publishes what `npm run pack` makes, in an order in which each package finds those that it needs. It needs NPM_TOKEN and
// nothing else, and may be run again after a failure: what is there already is passed over. NPM_TOKEN=... npm run release
//   --dry-run   says what would be published, without a token
//   --packed    publishes what lies in dist/ already
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packages } from './packages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const isDry = process.argv.includes('--dry-run')
const registry = process.env.npm_config_registry ?? 'https://registry.npmjs.org/'
const { version, repository } = JSON.parse(read('package.json')) as { version: string; repository?: string }

if (!isDry && !process.env.NPM_TOKEN) fail('Set NPM_TOKEN to a token of npm that may publish these packages.')
if (!new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm').test(read('CHANGELOG.md')) && !isDry) {
  fail(`CHANGELOG.md has no section "## ${version}": write there what is under "## Unreleased".`)
}
if (!process.argv.includes('--packed')) npm('run', '--silent', 'pack')

/** npm attests where a package was built only for builds that its provider vouches for, and that name their sources. */
const isAttested =
  Boolean(process.env.ACTIONS_ID_TOKEN_REQUEST_URL ?? process.env.SIGSTORE_ID_TOKEN) && !!repository
if (!isAttested)
  console.log(
    'Without provenance: this is no build of a CI that vouches for it, or package.json names no repository.',
  )

const folder = mkdtempSync(join(tmpdir(), 'tintype-release-'))
try {
  // The token stays in the environment: npm puts it in the place of its name.
  const config = join(folder, '.npmrc')
  const token = `${registry.replace(/^https?:/, '').replace(/\/?$/, '/')}:_authToken=\${NPM_TOKEN}\n`
  writeFileSync(config, `registry=${registry}\n${isDry ? '' : token}`)
  for (const name of packages) {
    const full = name === 'tintype' ? name : `@tintype/${name}`
    if (isThere(full)) {
      console.log(`${full}@${version} is there already.`)
      continue
    }
    const tarball = join(root, 'dist', `${full.replace('@', '').replace('/', '-')}-${version}.tgz`)
    const tag = version.includes('-') ? 'next' : 'latest'
    const how = [
      '--userconfig',
      config,
      `--provenance=${isAttested}`,
      '--tag',
      tag,
      ...(isDry ? ['--dry-run'] : []),
    ]
    npm('publish', tarball, '--silent', ...how)
    console.log(`${full}@${version} ${isDry ? 'would be published' : 'is published'} as ${tag}.`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function isThere(name: string): boolean {
  if (isDry) return false
  try {
    execFileSync('npm', ['view', `${name}@${version}`, 'version', '--json', '--registry', registry], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

function npm(...args: string[]): void {
  execFileSync('npm', args, { cwd: root, stdio: 'inherit' })
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function fail(why: string): never {
  console.error(why)
  process.exit(1)
}
