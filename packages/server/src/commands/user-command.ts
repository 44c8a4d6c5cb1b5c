import { systemClock } from 'tintype/internal/clock'
import { useFolder } from 'tintype/internal/settings/folder'
import { type Config, databaseOf, loadConfig } from '../config.ts'
import { createPeople, invitationAge, type People } from '../people/people.ts'
import { openPeopleDatabase, type PeopleDatabase } from '../records/people-database.ts'
import type { PersonRow } from '../records/person-records.ts'
import { readArguments, UsageError } from './usage.ts'
import { readTokenCommand } from './user-tokens.ts'

const help = `Usage: tintype user add NAME
       tintype user list
       tintype user reset NAME
       tintype user remove NAME
       tintype user token add NAME TOKEN
       tintype user token list NAME
       tintype user token revoke NAME TOKEN

The people who may sign in to this server's gallery, each with photos of their own. Servers may run meanwhile.

  add NAME     prints a link for that person, which works once, within ${invitationAge / 86_400_000} days: it leads to a page where they
               choose a password. The first one of all gets the photos that are in the gallery already. A name that
               was removed comes back to its photos
  list         names, since when, and whether they have chosen a password
  reset NAME   for a password that was lost, or that others know: signs them out everywhere, takes the old password, ends
               their passkeys and tokens, and prints a new link
  remove NAME  signs them out everywhere, for good, and ends their passkeys, tokens and the links by which they have shared
               albums. Their photos stay in the bucket
  token        what this person's programs send: add prints a new one, by whose name it is listed and revoked. In the
               gallery a click on one's name leads to the same

Exit code: 0 done, 1 it could not be done, 2 wrong usage.`

/** `tintype user`. @returns the exit code */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readArguments('user', { args, allowPositionals: true })
  const [verb = '', ...names] = positionals
  if (values.help) {
    console.log(help)
    return 0
  }
  const act = verb === 'token' ? readTokenCommand(names) : readAction(verb, names)
  const config = loadConfig()
  if (config.database === undefined) useFolder('TINTYPE_DATA', config.directory)
  const database = await openPeopleDatabase(databaseOf(config))
  try {
    const lines = await act(database, config)
    console.log(lines.join('\n'))
    return 0
  } finally {
    await database.close()
  }
}

function readAction(verb: string, names: string[]) {
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined
  if (!action)
    throw new UsageError('It is add, list, reset, remove or token. `tintype user --help` tells more.')
  if (names.length !== action.names)
    throw new UsageError(
      action.names === 0
        ? `\`tintype user ${verb}\` takes no name.`
        : `\`tintype user ${verb}\` takes one name; put quotes around one with spaces.`,
    )
  return (database: PeopleDatabase, config: Config) =>
    action.run(createPeople(database, systemClock), config, names[0] ?? '')
}

interface Action {
  names: 0 | 1
  /** @returns what is printed */
  run(people: People, config: Config, name: string): Promise<string[]>
}

const actions: Record<string, Action> = {
  add: {
    names: 1,
    async run(people, config, name) {
      const { person, isFirst, isBack } = await people.add(name)
      const photos = isFirst
        ? [
            'The photos that are in the gallery already belong to this person. From now on one has to sign in.',
          ]
        : isBack
          ? ['This person was here before, and has the same photos again.']
          : []
      return [`${person.name} was added.`, ...photos, ...(await invitation(people, config, person))]
    },
  },
  list: {
    names: 0,
    async run(people) {
      const all = await people.list()
      if (all.length === 0) return ['There is nobody yet: `tintype user add NAME` adds somebody.']
      return all.map(
        ({ name, created_at, password }) =>
          `${name}  since ${new Date(created_at).toISOString().slice(0, 10)}${password === null ? ', has not chosen a password yet' : ''}`,
      )
    },
  },
  reset: {
    names: 1,
    async run(people, config, name) {
      const person = await people.reset(name)
      return [`${person.name} is signed out everywhere.`, ...(await invitation(people, config, person))]
    },
  },
  remove: {
    names: 1,
    async run(people, _config, name) {
      const person = await people.remove(name)
      return [
        `${person.name} was removed, and is signed out everywhere; links that they have shared have ended. The photos stay: \`tintype user add\` with the same name gives them back.`,
      ]
    },
  },
}

async function invitation(people: People, config: Config, person: PersonRow): Promise<string[]> {
  const { publicUrl = `http://localhost:${config.port}` } = config
  const token = await people.invite(person)
  const local =
    config.publicUrl === undefined
      ? ['Set PUBLIC_URL to the address by which others reach the server: links begin with it.']
      : []
  return [
    '',
    `  ${publicUrl.replace(/\/$/, '')}/invite/${token}`,
    '',
    `Send this link to ${person.name}. It works once, within ${invitationAge / 86_400_000} days.`,
    ...local,
  ]
}
