import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { checkLinks } from '../site/links.ts'
import { fullText, index } from '../site/llms.ts'
import { navigation } from '../site/navigation.ts'
import { stage } from '../site/stage.ts'

// What VitePress makes of it is looked at by `npm run site`, which installs VitePress.
describe('the site of docs/', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tintype-site-'))
  after(() => rmSync(folder, { recursive: true }))

  test('has every page that its pages link to, and their pictures', () => {
    const pages = stage(join(folder, 'pages'))
    const isThere = (path: string) =>
      [path, `${path}.md`, `${path}/index.md`].some((one) => existsSync(join(folder, 'pages', one)))
    const broken = [...pages].flatMap(([page, text]) =>
      [...text.matchAll(/\]\(\/([^)#]*)(?:#[^)]*)?\)/g)]
        .filter(([, path = '']) => !isThere(path))
        .map(([link]) => `${page}: ${link}`),
    )
    assert.deepEqual(broken, [])
    assert.match(pages.get('index.md') ?? '', /^```js\nimport express.*^- \*\*0\*\* photos lost.*^## Start/ms)
    assert.match(pages.get('concepts.md') ?? '', /\[Library and client\]\(\/reference\)/)

    // Sources are there to be looked into, and not to be found in the place of pages.
    assert.match(
      pages.get('examples/page-html.md') ?? '',
      /^---\nsearch: false\n---\n\n# examples\/page\.html/,
    )
    assert.match(pages.get('examples/express/app.ts.md') ?? '', /^---\nsearch: false\n---\n\n# /)
    assert.doesNotMatch(pages.get('people.md') ?? '', /search: false/)

    const titles = navigation.flatMap((section) => section.pages.map(({ title }) => title))
    const listed = index('/docs/')
    for (const title of titles) assert.ok(listed.includes(`[${title}](/docs/`), title)
    const whole = fullText(pages)
    assert.ok(
      whole.length > 300_000 && !/\]\([\w./-]+\.md[)#]/.test(whole),
      'links from the root of the site',
    )
  })

  test('is looked over for links that lead nowhere', () => {
    const built = mkdtempSync(join(folder, 'built-'))
    writeFileSync(
      join(built, 'a.html'),
      '<a href="/b.html#there">1</a><a href="/b#gone">2</a><img src="/c.png">',
    )
    writeFileSync(
      join(built, 'b.html'),
      '<h2 id="there">B</h2><a href="a">1</a><a href="https://c.example">2</a>',
    )
    assert.deepEqual(checkLinks(built), [
      'a.html: /b#gone: the page has no such place.',
      'a.html: /c.png is not there.',
    ])
  })
})
