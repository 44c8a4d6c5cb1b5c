import { appendFileSync, cpSync, globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { startPostgres } from './postgres.ts'
import { say, until } from './say.ts'

/** A database that can be copied, lost and put back. */
export interface Database {
  /** What the server's environment says of it. */
  env: Record<string, string>
  copy(): Promise<void>
  lose(): Promise<void>
  putBack(): Promise<void>
  end(): void
}

export interface Place {
  /** That goes when the drill ends. */
  folder: string
  /** The server's TINTYPE_DATA. */
  data: string
}

/** What the drill is done with, by the name that its command takes. */
export const databases: Record<string, (place: Place) => Database> = { sqlite, dump, recovery }

/** The copy is a file beside it. */
function sqlite({ folder, data }: Place): Database {
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

function dump({ folder }: Place): Database {
  const postgres = startPostgres(folder)
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

function recovery({ folder }: Place): Database {
  const postgres = startPostgres(folder)
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
