import { createHash } from 'node:crypto'
import { TintypeError } from 'tintype/internal/errors'
import type { Answer } from 'tintype/internal/http/exchange'
import { escapeHtml, page } from 'tintype/internal/http/html'
import type { Sender } from 'tintype/internal/http/owner'
import type { Handler, Route } from 'tintype/internal/http/routes'
import { strangerToThisMachine } from 'tintype/internal/http/this-machine'
import type { Status } from 'tintype/internal/status'

export interface DebugOptions {
  status(): Promise<Status>
  authenticate(request: Sender): Promise<string | null>
  now(): number
}

/**
 * `/debug`: what is under way, as a page for the people who run the server. It names keys and uploads of all: so it is there for
 * requests of this machine alone, with the token where there is one, and for others there is nothing at this address.
 */
export function debugRoute({ status, authenticate, now }: DebugOptions): Route {
  const show: Handler = async (request) => {
    if (strangerToThisMachine({ headers: request.headers, peer: request.remoteAddress }) !== undefined) {
      throw new TintypeError('not_found', 'There is nothing at this address.')
    }
    if ((await authenticate(request)) === null) {
      throw new TintypeError('unauthenticated', 'Sign in, or send the token as Authorization: Bearer.')
    }
    return debugPage(await status(), now())
  }
  return { path: '/debug', methods: { GET: show } }
}

function debugPage(status: Status, now: number): Answer {
  const { memory, decoders, scans, ledger, uploads, deletions, variants, outbox } = status
  const share = memory.limit === 0 ? 0 : memory.used / memory.limit
  const body = `<h1>Under way</h1>
<p>${new Date(now).toISOString()}. <a href="">Look again</a></p>
${section(
  'Memory for uploads',
  `<p><meter min="0" max="1" value="${share.toFixed(3)}" aria-label="Used share of the memory"></meter> ${size(memory.used)} of ${size(memory.limit)}; ${memory.waiting} uploads wait for some.</p>`,
)}
${section('Decoders', list(decoders.map(({ of, waiting }) => [`Waiting ${of}`, waiting])))}
${section('Scans by the app', list([['Running', scans.running] as const, ['Waiting', scans.waiting] as const]))}
${section('Ledger, in rows', list(Object.entries(ledger)))}
${section(
  'Direct uploads that have not ended',
  table(
    ['id', 'type', 'size', 'began', 'ends'],
    uploads.map((one) => [
      one.id,
      one.type,
      size(one.bytes),
      away(one.createdAt, now),
      away(one.expiresAt, now),
    ]),
  ),
)}
${section(
  'Deletions to come',
  `<p>${deletions.due} are due${deletions.oldest === undefined ? '' : `, the first ${away(deletions.oldest, now)}`}; ${deletions.stuck} fail again and again.</p>
${table(
  ['key', 'due', 'failed', 'why'],
  deletions.next.map((one) => [one.key, away(one.dueAt, now), String(one.attempts), one.error ?? '']),
)}`,
)}
${section(
  'Variants',
  `<p>${variants.pending} are still to be made.</p>
${
  variants.failed.length === 0
    ? ''
    : table(
        ['given up', 'why', 'how many'],
        variants.failed.map(({ name, code, count }) => [name, code, String(count)]),
      )
}`,
)}
${section(
  'Outbox',
  table(
    ['told', 'pending', 'given up'],
    outbox.map(({ consumer, pending, failed }) => [consumer, String(pending), String(failed)]),
  ),
)}`
  return { status: 200, headers, body: page('Tintype: under way', body, `<style>${style}</style>`) }
}

function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>\n${content}</section>`
}

function list(entries: readonly (readonly [string, number])[]): string {
  return `<dl>${entries.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

function table(heads: string[], rows: string[][]): string {
  if (rows.length === 0) return '<p>None.</p>'
  const row = (cells: string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide" tabindex="0"><table><thead>${row(heads, 'th')}</thead><tbody>${rows
    .map((cells) => row(cells, 'td'))
    .join('\n')}</tbody></table></div>`
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** `in 5 min`, `3 h ago`. What is for ever, as on legal hold, is far away. */
function away(time: number, now: number): string {
  const seconds = Math.round(Math.abs(time - now) / 1000)
  const [count, unit] =
    seconds < 120
      ? [seconds, 's']
      : seconds < 7200
        ? [Math.round(seconds / 60), 'min']
        : seconds < 172_800
          ? [Math.round(seconds / 3600), 'h']
          : [Math.round(seconds / 86_400), 'days']
  if (seconds > 100 * 365 * 86_400) return 'never'
  return time > now ? `in ${count} ${unit}` : `${count} ${unit} ago`
}

const style = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0}
dd{margin:0;font-variant-numeric:tabular-nums;font-weight:600}
meter{width:12rem;max-width:100%}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
th,td{text-align:start;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;white-space:nowrap}
`
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
}
