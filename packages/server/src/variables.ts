import proxyAddr from 'proxy-addr'
import { type CrashPoint, crashPoints } from 'tintype/internal/crash-points'
import type { Rate } from 'tintype/internal/quotas/rates'
import { ConfigError } from 'tintype/internal/settings/error'
import { type Kind, list, text, whole } from 'tintype/internal/settings/kinds'
import { rate } from 'tintype/internal/settings/rates'
import type { Options } from 'tintype/internal/settings/read'
import { quoted, wrong, wrongText } from 'tintype/internal/settings/shown'
import { readKey } from 'tintype/internal/settings/storage'
import { timeOptions } from 'tintype/internal/settings/times'
import { readToken } from 'tintype/internal/settings/token'

function readHost(name: string, host: string): string {
  if (/^[\w.-]+$|^[\da-f:.]*:[\da-f:.%\w]*$/i.test(host) && !/^[\w.-]+:\d+$/.test(host)) return host
  throw new ConfigError(
    `${name}${quoted(host)}; it has to be an address or a name alone, such as 0.0.0.0: the port is in PORT.`,
  )
}

const crashPoint: Kind<{ point: CrashPoint; hits: number }> = {
  right: `one of ${crashPoints.join(', ')}, each with :N for the Nth time`,
  rightText: 'the name of a point, with :N for the Nth time',
  check: (name, value) => crashPoint.parse(name, String(value)),
  parse(name, value) {
    const [, called, hits = '1'] = /^([\w.]+)(?::([1-9]\d*))?$/.exec(value) ?? []
    const point = crashPoints.find((one) => one === called)
    if (point === undefined) throw wrongText(name, value, crashPoint.right)
    return { point, hits: Number(hits) }
  },
}

const rateOrOff: Kind<Rate | undefined> = {
  right: `${rate.right}, or undefined`,
  rightText: `${rate.rightText}; or off`,
  check: (name, value) => (value === undefined ? undefined : rate.check(name, value)),
  parse: (name, text) => (text === 'off' ? undefined : rate.parse(name, text)),
}

function readProxyAddress(name: string, value: unknown): string {
  try {
    proxyAddr.compile(String(value))
    return String(value)
  } catch {
    throw wrong(name, value, 'an address such as 10.0.0.1, a network such as 10.0.0.0/8, or loopback')
  }
}

/** As in the library, but that there is something to undo: nobody writes code for it here. */
export const serverTimes = { ...timeOptions, undo: { ...timeOptions.undo, default: 30 * 86_400 } }

/** What the ready server reads beside the options of the library. docs/configuration.md is made of it. */
export const serverVariables = {
  port: {
    kind: whole({ least: 0, most: 65_535 }),
    default: 3000,
    variable: 'PORT',
    about: 'port to listen on; 0 takes a free one',
  },
  host: {
    kind: text('an address or a name alone, such as 0.0.0.0', readHost),
    default: '127.0.0.1',
    variable: 'HOST',
    about:
      'address to listen on; anything but loopback needs `TINTYPE_TOKEN` or people who sign in ([people.md](people.md))',
  },
  token: {
    kind: text('16 characters of ASCII or more', readToken),
    variable: 'TINTYPE_TOKEN',
    otherwise: 'people sign in; where there are none, only this machine is let in',
    about:
      'programs send it as `Authorization: Bearer`, browsers sign in with it once: it opens the photos of the one owner, or of the first person ([people.md](people.md))',
  },
  signIns: {
    kind: rateOrOff,
    default: { count: 10, seconds: 60 },
    otherwise: '`10/60`',
    variable: 'RATE_SIGN_IN',
    about:
      'wrong tokens and passwords from one address, by sign-in or `Authorization`; more are refused with 429 whatever they send ([limits.md](limits.md))',
  },
  guestRate: {
    kind: rateOrOff,
    default: { count: 600, seconds: 60 },
    otherwise: '`600/60`',
    variable: 'RATE_GUESTS',
    about:
      'files that guests of one address send or remove, and links that lead nowhere; more are refused with 429 ([limits.md](limits.md))',
  },
  trustedProxies: {
    kind: list('addresses', readProxyAddress),
    default: [],
    otherwise: 'none',
    variable: 'TRUSTED_PROXIES',
    about:
      'addresses or networks of the proxies in front, whose `X-Forwarded-For` is believed where addresses are counted; `loopback` is one on this machine',
  },
  auditKeyId: {
    kind: text('the id of an access key', readKey),
    variable: 'AUDIT_ACCESS_KEY_ID',
    otherwise: "the server's own key",
    about:
      'of an identity that may list the bucket: for `tintype audit` ([audit.md](audit.md)), and for the sweeper to find lost multipart uploads',
  },
  auditSecret: {
    kind: text('the secret of an access key', readKey),
    variable: 'AUDIT_SECRET_ACCESS_KEY',
    otherwise: 'none',
    about: 'belongs to it',
  },
  shutdownDelay: {
    kind: whole({ unit: 'seconds', least: 0, most: 3600 }),
    default: 0,
    variable: 'SHUTDOWN_DELAY',
    about:
      'between SIGTERM and the closing of the port, in which `/readyz` answers 503 and all else goes on; see [scaling.md](scaling.md)',
  },
  crashAt: {
    kind: crashPoint,
    variable: 'CRASH_AT',
    otherwise: 'never',
    about:
      'for crash tests: ends the process at this point, as `kill -9` would (`store.published`, `sweep.deleted:3`, …)',
  },
} as const satisfies Options
