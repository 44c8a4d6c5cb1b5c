import { isIP } from 'node:net'
import type { EventKind } from '../records/schema.ts'
import { ConfigError } from './error.ts'
import { type Kind, list, oneOf, text } from './kinds.ts'
import { type Options, readOptions } from './read.ts'
import { quoted, wrong, wrongKind } from './shown.ts'

/** Where events are sent. */
export interface WebhookOptions {
  /** `https://…`; `http://…` for this machine and private networks alone. */
  url: string
  /**
   * `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks has it. While secrets are exchanged, several: the
   * events are signed by each.
   */
  secret: string | readonly string[]
  /** Which are sent. @default all */
  events?: readonly EventKind[] | undefined
  /** What the outbox and the metrics call it. @default host and path of `url` */
  name?: string | undefined
}

/** A webhook as it was read. */
export interface WebhookSettings {
  name: string
  url: string
  secrets: readonly string[]
  /** Undefined: all. */
  events: ReadonlySet<EventKind> | undefined
}

const remedy = 'Make one with: echo "whsec_$(openssl rand -base64 32)"'

/** @throws {ConfigError} without the value: it is a secret */
function readSecret(name: string, value: unknown): string {
  const base64 = typeof value === 'string' ? value.replace(/^whsec_/, '') : ''
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') === base64 && bytes.length >= 24 && bytes.length <= 64)
    return `whsec_${base64}`
  throw new ConfigError(`${name} has to be whsec_ and 24 to 64 bytes in base64. ${remedy}`)
}

const secrets = list('a secret, or a list of them', readSecret)
const secretKind: Kind<readonly string[]> = {
  right: `a secret such as whsec_… (24 to 64 bytes in base64), or a list of them`,
  rightText: 'one or more, separated by spaces or commas',
  check(name, value) {
    if (!Array.isArray(value)) return [readSecret(name, value)]
    if (value.length === 0) throw wrong(name, value, secretKind.right)
    return secrets.check(name, value)
  },
  parse: secrets.parse,
}

/** What is sent is signed, not encrypted: over the open net it has to be by https. */
function readWebhookUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(
      `${name}${quoted(value)}; it has to be an address such as https://example.org/hooks.`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError(`${name} has a user or password in it: what is sent is signed, so leave them out.`)
  }
  if (url.protocol === 'http:' && !isNear(url.hostname)) {
    throw new ConfigError(
      `${name} is an http address on the open net, where others could read what is sent: use https.`,
    )
  }
  return url.href
}

/** This machine, private addresses, and names that only a private network has: of containers, or below `.internal`. */
function isNear(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 4) return /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(bare)
  if (isIP(bare) === 6) return /^(::1$|f[cd]|fe[89ab])/.test(bare)
  return !bare.includes('.') || /\.(localhost|internal|local|lan|home\.arpa)$/.test(bare)
}

/** What can be listened for. */
export const eventKinds = [
  'ready',
  'replaced',
  'removed',
  'restored',
  'expired',
  'refused',
] as const satisfies EventKind[]
const kind = oneOf<EventKind>(eventKinds)

function readName(name: string, value: string): string {
  if (/^[\w./:-]{1,100}$/.test(value)) return value
  throw new ConfigError(`${name} has to be 1 to 100 letters, digits and any of ". / : - _".`)
}

/** One entry of `webhooks`; the ready server has one, by its variables. */
export const webhookOptions = {
  url: {
    kind: text('an address such as https://example.org/hooks', readWebhookUrl),
    variable: 'WEBHOOK_URL',
    missing: 'name the address that events are sent to.',
    otherwise: 'none',
    about: 'where events are sent to, signed ([events.md](events.md))',
  },
  secret: {
    kind: secretKind,
    variable: 'WEBHOOK_SECRET',
    missing: `it is what receivers verify events by. ${remedy}`,
    otherwise: 'has to be given with it',
    about: 'what they are signed with; several while secrets are exchanged',
  },
  events: {
    kind: list(`a list of ${eventKinds.map((one) => `"${one}"`).join(', ')}`, (name, value) =>
      kind.check(name, value),
    ),
    otherwise: 'all',
    about: 'which events are sent',
  },
  name: {
    kind: text('1 to 100 letters, digits and any of . / : - _', readName),
    otherwise: 'host and path of `url`',
    about: 'what the outbox and the metrics call it',
  },
} as const satisfies Options & Record<keyof WebhookOptions, unknown>

const webhook = (name: string, value: unknown): WebhookSettings => {
  const { url, secret, events, name: called } = readOptions(webhookOptions, value, name)
  const { host, pathname } = new URL(url)
  return {
    name: called ?? `${host}${pathname.replace(/\/$/, '')}`,
    url,
    secrets: secret,
    events: events && new Set(events),
  }
}

const each = list('a list of webhooks, such as [{ url, secret }]', webhook)

export const webhooksKind: Kind<readonly WebhookSettings[]> = {
  right: each.right,
  check(name, value) {
    const all = each.check(name, value)
    const twice = all.find((one, index) => all.findIndex((other) => other.name === one.name) !== index)
    if (twice) throw new ConfigError(`${name} has two called ${twice.name}: give each a name of its own.`)
    return all
  },
  parse(name, value) {
    throw wrongKind(name, value, each.right)
  },
}

/** Names of the handlers; `true` is one that needs no name. */
export const outboxKind: Kind<readonly string[]> = {
  right: "true, or a list of names, one for each handler, such as ['search', 'mail']",
  check(name, value) {
    if (typeof value === 'boolean') return value ? ['default'] : []
    if (!Array.isArray(value)) throw wrongKind(name, value, outboxKind.right)
    const names = list(outboxKind.right, (one, item) => {
      if (typeof item !== 'string') throw wrongKind(one, item, 'a name')
      return readName(one, item)
    }).check(name, value)
    if (new Set(names).size === names.length) return names
    throw new ConfigError(`${name} has the same name twice.`)
  },
  parse(name, value) {
    throw wrongKind(name, value, outboxKind.right)
  },
}
