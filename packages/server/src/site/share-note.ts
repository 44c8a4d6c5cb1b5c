import { type SharedFilesNote, sharedFilesCookie } from '@tintype/protocol'
import type { Asked, OwnAddress } from 'tintype/internal/http/address'
import { escapeHtml } from 'tintype/internal/http/html'
import { createCookie } from './cookies.ts'

/** Seconds: while one signs in. */
const age = 600
/** Browsers keep 4 kB of a cookie. Bytes, before they are written in base64url. */
const longestNote = 2700
const longestName = 60
const longestReason = 300

/**
 * A cookie that says what came of shared files, to be read once by the next page, whether that is the gallery's script or `/plain`. In
 * an address, a link of anybody's could make these pages say what it likes.
 */
export function createNoteCookie(own: OwnAddress) {
  const cookie = createCookie(sharedFilesCookie, own, '', true)
  return {
    set: (asked: Asked, note: SharedFilesNote) => cookie.set(asked, encode(note), age),
    clear: cookie.clear,
    read({ headers }: Asked): SharedFilesNote | undefined {
      const [text] = cookie.read(headers)
      return text === undefined ? undefined : decode(text)
    },
  }
}

/** As HTML, for a page without JavaScript. */
export function describeNote({ signIn, added, refused, more }: SharedFilesNote): string {
  if (signIn)
    return '<p role="status">Nothing of what you shared was added yet. Sign in, then share it again.</p>'
  const left = refused.map(
    ({ name, reason }) => `<li><strong>${escapeHtml(name)}</strong> ${escapeHtml(reason)}</li>`,
  )
  const others = more === 0 ? '' : `<p>${more} more were not added.</p>`
  const list = left.length === 0 ? '' : `<p>Not added:</p><ol>${left.join('')}</ol>${others}`
  return `<div role="status"><p>${added} added of what you shared.</p>${list}</div>`
}

function encode(note: SharedFilesNote): string {
  const fitting: SharedFilesNote = { ...note, refused: [] }
  const bytes = () => Buffer.from(JSON.stringify(fitting))
  for (const { name, reason } of note.refused) {
    fitting.refused.push({ name: cut(name, longestName), reason: cut(reason, longestReason) })
    if (bytes().length <= longestNote) continue
    fitting.refused.pop()
    fitting.more += note.refused.length - fitting.refused.length
    break
  }
  return bytes().toString('base64url')
}

/** Undefined for what is no note of ours: a browser may send anything. */
function decode(text: string): SharedFilesNote | undefined {
  try {
    const { signIn, added, refused, more } = JSON.parse(Buffer.from(text, 'base64url').toString())
    return {
      ...(signIn === true && { signIn }),
      added: Number(added) || 0,
      refused: Array.from(refused as SharedFilesNote['refused'], ({ name, reason }) => ({
        name: String(name),
        reason: String(reason),
      })),
      more: Number(more) || 0,
    }
  } catch {
    return undefined
  }
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`
}
