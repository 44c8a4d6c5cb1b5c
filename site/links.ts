import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** @returns what is linked in a built site, within it, and isn't there: pages, files and places in pages */
export function checkLinks(folder: string, base = '/'): string[] {
  const pages = globSync('**/*.html', { cwd: folder })
  const html = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]))
  const ids = new Map<string, Set<string>>()
  const idsOf = (page: string) => {
    if (!ids.has(page))
      ids.set(
        page,
        new Set(Array.from((html.get(page) ?? '').matchAll(/\sid="([^"]+)"/g), ([, id = '']) => decode(id))),
      )
    return ids.get(page)
  }
  const broken = new Set<string>()
  for (const [page, text] of html) {
    for (const [, link = ''] of text.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^([a-z]+:|\/\/)/.test(link)) continue
      const [path = '', hash = ''] = decode(link).split('#')
      const target = fileAt(folder, resolve(page, path, base))
      if (target === undefined) broken.add(`${page}: ${link} is not there.`)
      else if (hash !== '' && target.endsWith('.html') && !idsOf(target)?.has(decodeURIComponent(hash)))
        broken.add(`${page}: ${link}: the page has no such place.`)
    }
  }
  return [...broken]
}

function resolve(page: string, path: string, base: string): string {
  if (path === '') return page
  const relative = path.startsWith(base) ? path.slice(base.length) : posix.join(dirname(page), path)
  return decodeURIComponent(relative.split('?')[0] ?? '')
}

/** As servers of static files find it: the file itself, with .html, or the index of a folder. */
function fileAt(folder: string, path: string): string | undefined {
  const names = [path, `${path}.html`, posix.join(path, 'index.html')]
  return names.find((name) => existsSync(join(folder, name)) && statSync(join(folder, name)).isFile())
}

const decode = (text: string) =>
  text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"')
