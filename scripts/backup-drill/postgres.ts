import { spawnSync } from 'node:child_process'
import { appendFileSync, globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { say } from './say.ts'

/** A Postgres of one's own in this folder, with an archive of its WAL. */
export function startPostgres(folder: string) {
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

function quoted(command: string): string {
  return `'${command.replaceAll("'", `'\\''`)}'`
}
