import { systemClock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { createPeople } from '../people/people.ts'
import { createTokens } from '../people/tokens.ts'
import type { PeopleDatabase } from '../records/people-database.ts'
import { UsageError } from './usage.ts'

type Verb = (database: PeopleDatabase, name: string, token: string) => Promise<string[]>

/** `tintype user token`. @returns what is printed */
export function readTokenCommand(given: readonly string[]): (database: PeopleDatabase) => Promise<string[]> {
  const [verb = '', name = '', token = ''] = given
  const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!found)
    throw new UsageError('It is token add, token list or token revoke. `tintype user --help` tells more.')
  if (given.length !== 1 + found.names)
    throw new UsageError(
      found.names === 1
        ? `\`tintype user token ${verb}\` takes the name of a person.`
        : `\`tintype user token ${verb}\` takes the name of a person and that of the token; put quotes around one with spaces.`,
    )
  return (database) => found.run(database, name, token)
}

const open = (database: PeopleDatabase) => ({
  people: createPeople(database, systemClock),
  tokens: createTokens(database, systemClock),
})

const verbs: Record<string, { names: 1 | 2; run: Verb }> = {
  add: {
    names: 2,
    async run(database, name, token) {
      const { people, tokens } = open(database)
      const person = await people.demand(name)
      const { secret } = await tokens.make(person.id, token)
      return [
        '',
        `  ${secret}`,
        '',
        `Programs send it as \`Authorization: Bearer\`, and may do with photos and albums what ${person.name} may.`,
        'It is not shown again.',
      ]
    },
  },
  list: {
    names: 1,
    async run(database, name) {
      const { people, tokens } = open(database)
      const person = await people.demand(name)
      const all = await tokens.list(person.id)
      if (all.length === 0) return [`${person.name} has no tokens.`]
      return all.map(
        ({ name, created_at, used_at }) =>
          `${name}  since ${day(created_at)}, ${used_at === null ? 'never used' : `last used ${day(used_at)}`}`,
      )
    },
  },
  revoke: {
    names: 2,
    async run(database, name, token) {
      const { people, tokens } = open(database)
      const person = await people.demand(name)
      const found = (await tokens.list(person.id)).find((one) => one.name === token)
      if (!found)
        throw new TintypeError('not_found', `${person.name} has no token called ${JSON.stringify(token)}.`)
      await tokens.revoke(person.id, found.id)
      return [`The token ${found.name} of ${person.name} has ended.`]
    },
  },
}

const day = (time: number) => new Date(time).toISOString().slice(0, 10)
