import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A proxy that runs. */
export interface RunningProxy extends AsyncDisposable {
  /** What it said on its error output. */
  said: string[]
}

/** Whether a program is there, or the reason to skip what needs it. */
export function missing(...programs: string[]): string | false {
  const absent = programs.find((program) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
  return absent !== undefined && `${absent} is not installed`
}

/** Below those that systems give to others of their own accord: it is still free when a program listens to it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** @param servers `server` blocks, whose certificates are replaced by one of this machine's own */
export async function startNginx(servers: string): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-nginx-'))
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  )
  const configuration = `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr notice; events {}
    http { access_log off; ${temporary.join(' ')}
    ${servers
      .replaceAll(/ssl_certificate +\S+;/g, `ssl_certificate ${certificate};`)
      .replaceAll(/ssl_certificate_key +\S+;/g, `ssl_certificate_key ${key};`)}
    }`
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration)
  return start('nginx', ['-c', file, '-e', 'stderr'], {}, /start worker process /, folder)
}

/** @param sites whose certificates Caddy makes itself */
export async function startCaddy(
  sites: string,
  { https, http }: { https: number; http: number },
): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-caddy-'))
  const options = [
    'admin off',
    'local_certs',
    'skip_install_trust',
    `https_port ${https}`,
    `http_port ${http}`,
  ]
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, `{\n\t${options.join('\n\t')}\n}\n${sites}`)
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const args = ['run', '--config', file, '--adapter', 'caddyfile']
  return start('caddy', args, env, /serving initial configuration/, folder)
}

async function start(
  program: string,
  args: string[],
  env: Record<string, string>,
  ready: RegExp,
  folder: string,
): Promise<RunningProxy> {
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  const said: string[] = []
  const running = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stderr as NonNullable<typeof child.stderr> }).on('line', (line) => {
      said.push(line)
      if (ready.test(line)) resolve(true)
    })
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  if (!(await Promise.race([running, exited.then(() => false)]))) {
    await rm(folder, { recursive: true, force: true })
    throw new Error(`${program} did not start:\n${said.join('\n')}`)
  }
  return { said, [Symbol.asyncDispose]: stop }
}
