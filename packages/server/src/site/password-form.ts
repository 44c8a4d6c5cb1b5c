import { longestPassword, shortestPassword } from '@tintype/protocol'
import { TintypeError } from 'tintype/internal/errors'
import type { Answer } from 'tintype/internal/http/exchange'
import { escapeHtml, page } from 'tintype/internal/http/html'
import { html, styledBy } from './plain.ts'

/**
 * HTML of the two fields in which somebody chooses a password, `password` and `again`, described by an element `error`.
 *
 * @param label of the first
 * @param attributes of the first, as HTML
 */
export function newPasswordFields(label: string, attributes = ''): string {
  const limits = `minlength="${shortestPassword}" maxlength="${longestPassword}" required autocomplete="new-password"`
  return `<p><label>${label} <input type="password" name="password" ${attributes} ${limits} aria-describedby="hint error"></label></p>
<p id="hint" class="soft">${shortestPassword} characters or more. Three or four words that nobody else would put together are good.</p>
<p><label>The same again <input type="password" name="again" ${limits}></label></p>`
}

/** @throws {TintypeError} `invalid_parameter` when the two fields differ */
export function demandTwice({ password, again }: { password?: string; again?: string }): void {
  if (password === again) return
  throw new TintypeError('invalid_parameter', 'The two passwords are not the same. Type them again.')
}

/**
 * A page that no cache keeps.
 * @param card `body` is HTML; `heading` is the title unless it is given
 */
export function privateCard(
  status: number,
  path: string,
  { title, heading = title, body }: { title: string; heading?: string; body: string },
): Answer {
  const card = `<div class="card"><h1>${escapeHtml(heading)}</h1>\n${body}</div>`
  const headers = { ...html, 'Cache-Control': 'no-store' }
  return { status, headers, body: page(title, card, styledBy(path)) }
}
