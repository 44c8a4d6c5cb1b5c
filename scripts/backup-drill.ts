// A drill of docs/backup.md, from an empty folder that goes afterwards: photos, a copy of the database, an hour that goes wrong,
// the loss of the database, the copy put back, `tintype restore`, and a look at every byte.
//
//   node scripts/backup-drill.ts sqlite     SQLite's backup API
//   node scripts/backup-drill.ts dump       Postgres: pg_dump and pg_restore
//   node scripts/backup-drill.ts recovery   Postgres: a base backup, the WAL archive, recovery to a moment
//
// Those of Postgres start a server of their own: they need initdb and its like, and `su postgres` when run as root.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, cpSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { backup, DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'

const tintype = fileURLToPath(new URL('../packages/server/bin/tintype.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tintype-drill-'))
const data = join(folder, 'data')

/** A database that can be copied, lost and put back. */
interface Database {
  /** What the server's environment says of it. */
  env: Record<string, string>
  copy(): Promise<void>
  lose(): Promise<void>
  putBack(): Promise<void>
  end(): void
}

const databases: Record<string, () => Database> = { sqlite, dump, recovery }
const kind = process.argv[2] ?? ''
const make = Object.hasOwn(databases, kind) ? databases[kind] : undefined
if (!make) {
  console.error(`Usage: node scripts/backup-drill.ts ${Object.keys(databases).join(' | ')}`)
  process.exit(2)
}
say(`# in ${folder}`)
/** Servers of the drill: none outlives it. */
const servers = new Set<ChildProcess>()
const database = make()
try {
  await drill(database)
  say('\nThe drill has passed.')
} finally {
  for (const one of servers) one.kill('SIGKILL')
  database.end()
  rmSync(folder, { recursive: true, force: true })
}

async function drill({ env: database, copy, lose, putBack }: Database): Promise<void> {
  const env = { TINTYPE_DATA: data, PORT: '0', UNDO_WINDOW: '2592000', VARIANTS: 'thumb:320', ...database }

  say('\n# A server with three photos; then its database is copied')
  let server = await start(env)
  const photos = await Promise.all(['one', 'two', 'three'].map((name) => upload(server.url, name)))
  await copy()

  say('\n# What came later: a fourth photo, one that is removed, one that is replaced')
  await upload(server.url, 'four')
  await request('DELETE', `${server.url}/api/media/${photos[0]?.id}`)
  await request('PUT', `${server.url}/api/media/${photos[1]?.id}`, form('other', photo()))
  await server.stop()

  say('\n# The database is lost, and the copy put back')
  await lose()
  await putBack()

  say('\n# A server that starts on it notices, and deletes nothing')
  server = await start(env)
  await until(async () => /^tintype_database_put_back 1$/m.test(await text(`${server.url}/metrics`)))
  await server.stop()

  say('\n# What can be had of it, and then: database and bucket agree again')
  const check = run(['restore', '--check', '--json'], env)
  assert.match(check, /"isPutBack":true/)
  assert.match(check, /"lost":0/)
  run(['restore'], env)

  say('\n# The three photos of that moment, byte for byte; nothing of after')
  server = await start(env)
  const { media } = JSON.parse(await text(`${server.url}/api/media`)) as { media: Shown[] }
  assert.deepEqual(new Set(media.map((one) => one.id)), new Set(photos.map((one) => one.id)))
  for (const one of media) {
    const { sha256 } = photos.find(({ id }) => id === one.id) ?? {}
    assert.equal(await hashOf(one.urls.original), sha256)
    assert.ok(await hashOf(one.urls.thumb ?? ''))
  }
  assert.match(await text(`${server.url}/metrics`), /^tintype_database_put_back 0$/m)
  await server.stop()
  run(['audit'], env)
}

/** The copy is a file beside it. */
function sqlite(): Database {
  const file = join(data, 'tintype.db')
  const kept = join(folder, 'backup.db')
  return {
    env: {},
    async copy() {
      say(`$ node --eval "backup(new DatabaseSync('${file}'), '${kept}')"`)
      const db = new DatabaseSync(file, { readOnly: true })
      await backup(db, kept)
      db.close()
    },
    async lose() {
      say(`$ rm ${file}*`)
      for (const one of globSync(`${file}*`)) rmSync(one)
    },
    async putBack() {
      say(`$ cp ${kept} ${file}`)
      cpSync(kept, file)
    },
    end() {},
  }
}

function dump(): Database {
  const postgres = startPostgres()
  const kept = join(postgres.home, 'photos.dump')
  return {
    env: { DATABASE_URL: postgres.url },
    async copy() {
      postgres.run('pg_dump', `--format=custom --file='${kept}' '${postgres.url}'`)
    },
    async lose() {
      postgres.run('dropdb', `--force --maintenance-db='${postgres.maintenance}' photos`)
    },
    async putBack() {
      postgres.run('createdb', `--maintenance-db='${postgres.maintenance}' photos`)
      postgres.run('pg_restore', `--no-owner --dbname='${postgres.url}' '${kept}'`)
    },
    end: postgres.stop,
  }
}

function recovery(): Database {
  const postgres = startPostgres()
  const base = join(postgres.home, 'base')
  let moment = ''
  postgres.run('pg_basebackup', `--pgdata='${base}' --checkpoint=fast --dbname='${postgres.maintenance}'`)
  return {
    env: { DATABASE_URL: postgres.url },
    /** The base is older: the archive has what came since. */
    async copy() {
      // A moment between two commits.
      await setTimeout(50)
      moment = postgres.ask('select clock_timestamp()')
      say(`# the moment: ${moment}`)
      await setTimeout(50)
    },
    async lose() {
      postgres.ask('select pg_switch_wal()')
      await until(
        async () => postgres.ask('select last_archived_wal is not null from pg_stat_archiver') === 't',
      )
      postgres.stop()
      say(`$ rm -r ${postgres.data}`)
      rmSync(postgres.data, { recursive: true })
    },
    async putBack() {
      postgres.run('cp', `-a '${base}' '${postgres.data}'`)
      const settings = [
        `restore_command = 'cp ${postgres.archive}/%f %p'`,
        `recovery_target_time = '${moment}'`,
        "recovery_target_action = 'promote'",
      ]
      for (const line of settings) say(`# postgresql.conf: ${line}`)
      appendFileSync(join(postgres.data, 'postgresql.conf'), `\n${settings.join('\n')}\n`)
      postgres.run('touch', `'${postgres.data}/recovery.signal'`)
      postgres.start()
      await until(async () => postgres.ask('select pg_is_in_recovery()') === 'f')
    },
    end: postgres.stop,
  }
}

/** A Postgres of one's own, with an archive of its WAL. */
function startPostgres() {
  const bin =
    globSync('/usr/lib/postgresql/*/bin/initdb')
      .at(-1)
      ?.replace(/initdb$/, '') ?? ''
  const isRoot = process.getuid?.() === 0
  const home = join(folder, 'postgres')
  const [cluster, archive] = [join(home, 'cluster'), join(home, 'archive')]
  for (const one of [home, archive]) mkdirSync(one)
  // Postgres refuses to run as root.
  if (isRoot) shell(`chmod 755 '${folder}' && chown -R postgres '${home}'`)
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const url = `postgres://tintype@127.0.0.1:${port}/photos`
  const maintenance = url.replace(/photos$/, 'postgres')

  function shell(command: string): string {
    const { status, stdout, stderr, error } = spawnSync('bash', ['-c', command], { encoding: 'utf8' })
    if (status !== 0) throw error ?? new Error(`${command}\n${stdout}${stderr}`)
    return stdout.trim()
  }

  function run(program: string, args: string): string {
    const path = /^(cp|touch)$/.test(program) ? program : `${bin}${program}`
    say(`$ ${program} ${args}`)
    const command = `cd '${home}' && ${path} ${args}`
    return shell(isRoot ? `su postgres -c ${quoted(command)}` : command)
  }

  const start = () =>
    run('pg_ctl', `--pgdata='${cluster}' --log='${home}/log' --wait start >'${home}/started'`)
  let running = true
  run('initdb', `--pgdata='${cluster}' --auth=trust --username=tintype`)
  const settings = [
    `port = ${port}`,
    `unix_socket_directories = '${home}'`,
    'archive_mode = on',
    `archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`,
  ]
  for (const line of settings) say(`# postgresql.conf: ${line}`)
  appendFileSync(join(cluster, 'postgresql.conf'), `\n${settings.join('\n')}\n`)
  start()
  run('createdb', `--maintenance-db='${maintenance}' photos`)
  return {
    ...{ url, maintenance, home, archive, run },
    data: cluster,
    ask: (sql: string) => run('psql', `--tuples-only --no-align --command="${sql}" '${maintenance}'`),
    start() {
      start()
      running = true
    },
    stop() {
      if (running) run('pg_ctl', `--pgdata='${cluster}' --mode=fast --wait stop`)
      running = false
    },
  }
}

interface Server {
  url: string
  stop(): Promise<void>
}

async function start(env: Record<string, string>): Promise<Server> {
  say('$ tintype serve')
  const child: ChildProcess = spawn(process.execPath, [tintype, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  servers.add(child)
  const ended = once(child, 'exit').finally(() => servers.delete(child))
  const started = Promise.withResolvers<string>()
  void ended.then(([code]) => started.reject(new Error(`The server ended with ${code}.`)))
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const { event, url } = line.startsWith('{') ? JSON.parse(line) : {}
    if (event === 'server.started') started.resolve(url)
    if (event === 'ledger.put_back') say(line)
  })
  const url = await started.promise
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** @returns what it has printed */
function run(args: string[], env: Record<string, string>): string {
  say(`$ tintype ${args.join(' ')}`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [tintype, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  })
  say(stdout.trim())
  assert.equal(status, 0, stderr)
  return stdout
}

interface Shown {
  id: string
  sha256: string
  urls: { original: string; thumb?: string }
}

async function upload(url: string, name: string): Promise<{ id: string; sha256: string }> {
  const { media } = JSON.parse(await request('POST', `${url}/api/media`, form(name, photo()))) as {
    media: Shown[]
  }
  const [{ id, sha256 }] = media as [Shown]
  return { id, sha256 }
}

function form(name: string, bytes: Buffer): FormData {
  const body = new FormData()
  body.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), `${name}.png`)
  return body
}

async function request(method: string, url: string, body?: FormData): Promise<string> {
  const response = await fetch(url, { method, ...(body ? { body } : {}) })
  const answer = await response.text()
  say(`${method} ${new URL(url).pathname} ${response.status}`)
  assert.ok(response.ok, answer)
  return answer
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}

async function hashOf(url: string): Promise<string> {
  const response = await fetch(url)
  assert.equal(response.status, 200)
  return createHash('sha256')
    .update(await response.bytes())
    .digest('hex')
}

/** A PNG of one random colour. https://www.w3.org/TR/png-3/ */
function photo(): Buffer {
  const side = 64
  const chunk = (type: string, content: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), content])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(content.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const colour = randomBytes(3)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2], 8)
  const line = Buffer.concat([Buffer.of(0), ...Array.from({ length: side }, () => colour)])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => line)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await isSo())) {
    assert.ok(Date.now() < end, `Not within a minute: ${isSo}`)
    await setTimeout(100)
  }
}

function quoted(command: string): string {
  return `'${command.replaceAll("'", `'\\''`)}'`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
