import Negotiator from 'negotiator'
import type { Asked, OwnAddress } from './address.ts'

/** A browser's form without JavaScript, not a script that takes anything. */
export function wantsHtml({ headers }: Pick<Asked, 'headers'>): boolean {
  return new Negotiator({ headers }).mediaType(['application/json', 'text/html']) === 'text/html'
}

/** The page that a form without JavaScript stands on, as a path of the app: never somewhere else. */
export function formPage(asked: Asked, own: OwnAddress): string {
  const home = `${own.of(asked).path}/`
  const { referer } = asked.headers
  if (referer === undefined || !URL.canParse(referer)) return home
  const { origin, pathname } = new URL(referer)
  return own.isOwn(asked, origin) && !pathname.startsWith('//') ? pathname : home
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** A whole document. `body` and `style` (what gives it its looks, in the head) are HTML already. */
export function page(title: string, body: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${style}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}
