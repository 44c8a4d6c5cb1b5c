import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { below, navigation } from './navigation.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const languages: Record<string, string> = {
  '.html': 'html',
  '.ts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.json': 'json',
  '.sh': 'sh',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '': 'sh',
}

/** Pictures that .vitepress/config.ts names. */
const ofConfiguration = [
  'packages/gallery/public/icon.svg',
  'docs/screenshots/grid.webp',
  'docs/screenshots/grid-dark.webp',
]

/**
 * Copies all pages of the navigation, and what they link to in the repository, into a folder for VitePress.
 * docs/ knows nothing of the site: links are rewritten here, and sources and folders become pages of their own.
 * @returns the paths of what was written, and of each the text with links from the root of the site
 */
export function stage(folder: string): Map<string, string> {
  rmSync(folder, { recursive: true, force: true })
  const pages = new Map<string, string>()
  const pictures = new Set<string>()
  const listed = [...navigation.flatMap((section) => section.pages), ...Object.values(below).flat()]
  const titles = new Map(listed.map(({ file, title }) => [`docs/${file}`, title]))
  const queue = ['docs/README.md', ...titles.keys()]
  for (const file of queue) {
    const path = pathOf(file)
    if (pages.has(path)) continue
    const rewrite = (from: string) => (link: string, text: string) => {
      const [target = '', hash] = link.split('#')
      const linked = readmeOf(normalize(join(dirname(from), target)).replace(/\/$/, ''))
      if (/\.(svg|webp|png)$/.test(linked)) {
        pictures.add(linked)
        return { link: `/${linked.replace(/^docs\//, '')}`, text }
      }
      queue.push(linked)
      const to = pathOf(linked)
        .replace(/(^|\/)index\.md$/, '$1')
        .replace(/\.md$/, '')
      // Links that are called after a file have the page's title here.
      return {
        link: `/${to}${hash ? `#${hash}` : ''}`,
        text: text.endsWith('.md') ? (titles.get(linked) ?? text) : text,
      }
    }
    const text = rewriteLinks(read(file), rewrite(file))
    pages.set(
      path,
      path === 'index.md' ? home(rewriteLinks(read('README.md'), rewrite('README.md')), text) : text,
    )
  }
  for (const [path, text] of pages) write(join(folder, path), text)
  for (const picture of pictures)
    write(join(folder, picture.replace(/^docs\//, '')), readFileSync(join(root, picture)))
  for (const file of ofConfiguration)
    write(join(folder, 'public', basename(file)), readFileSync(join(root, file)))
  return pages
}

/** The first page: code and figures of the README's first screen (its sentence and picture stand above), then all pages. */
function home(readme: string, index: string): string {
  const [codeAndFigures = ''] = /^```js\n.*?^```\n\n- .*?(?=\n\n)/ms.exec(readme) ?? []
  return `${codeAndFigures}\n\n${index.slice(index.indexOf('## '))}`
}

/** The README of a folder that has one. */
function readmeOf(path: string): string {
  return existsSync(join(root, path, 'README.md')) ? `${path}/README.md` : path
}

/** Where a file or folder of the repository stands on the site. */
function pathOf(file: string): string {
  const isFolder = statSync(join(root, file)).isDirectory()
  const inSite = file.replace(/^docs\//, '')
  if (isFolder) return `${inSite}/index.md`
  if (file === 'README.md') return 'readme.md'
  if (basename(file) === 'README.md') return join(dirname(inSite), 'index.md')
  if (extname(file) === '.md') return inSite
  // VitePress takes page.html for the address of the page `page`.
  return `${inSite.replace(/\.html$/, '-html')}.md`
}

/** What is there to be looked into, not to be found: its words would come before those of the pages that explain them. */
const unsearched = '---\nsearch: false\n---\n\n'

/** A Markdown file as it is; of a source its code, of a folder its list. */
function read(file: string): string {
  const path = join(root, file)
  if (statSync(path).isDirectory()) {
    const entries = readdirSync(path).filter((name) => !/^(\.|node_modules|dist)/.test(name))
    return `${unsearched}# ${file}\n\n${entries.map((name) => `- [${name}](${basename(file)}/${name})`).join('\n')}\n`
  }
  const text = readFileSync(path, 'utf8')
  if (extname(file) === '.md') return text
  return `${unsearched}# ${file}\n\n\`\`\`${languages[extname(file)] ?? 'txt'}\n${text}\n\`\`\`\n`
}

/** Changes the relative links of a page and their texts, outside of its blocks of code. */
export function rewriteLinks(
  page: string,
  rewrite: (link: string, text: string) => { link: string; text: string },
): string {
  return page
    .split(/(^ *```.*?^ *```$)/ms)
    .map((part) => (/^ *```/.test(part) ? part : part.replace(/\[([^\]]*)\]\(([^)\s]+)\)/g, changed)))
    .join('')

  function changed(whole: string, text: string, link: string): string {
    if (/^([a-z]+:|#|\/)/.test(link)) return whole
    const now = rewrite(link, text)
    return `[${now.text}](${now.link})`
  }
}

function write(path: string, text: string | Uint8Array) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
