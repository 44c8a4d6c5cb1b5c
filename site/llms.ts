import { below, navigation } from './navigation.ts'

const summary =
  'Tintype takes photos and videos from people’s browsers into S3, and never loses, leaks or orphans one: a TypeScript ' +
  'library for Node apps (Express, Fastify, Hono, Next), a ready server with a gallery, and a client for the browser.'

/** llms.txt (llmstxt.org): what there is to read, with one line about each page. */
export function index(base = '/'): string {
  const sections = navigation.map(({ title, pages }) =>
    [
      `## ${title}`,
      '',
      ...pages.map(({ file, title, about }) => `- [${title}](${addressOf(file, base)}): ${about}`),
    ].join('\n'),
  )
  const whole = `All of these pages in one file: [llms-full.txt](${base}llms-full.txt)`
  return [`# Tintype`, `> ${summary}`, whole, ...sections].join('\n\n').concat('\n')
}

/**
 * All pages of the menu, one after the other, in its order.
 * @param pages texts by their path on the site
 */
export function fullText(pages: ReadonlyMap<string, string>, base = '/'): string {
  const files = navigation.flatMap((section) =>
    section.pages.flatMap((one) => [one, ...(below[one.file] ?? [])]),
  )
  const texts = files.map(({ file }) => {
    const path = file.replace(/README\.md$/, 'index.md')
    return `<!-- ${addressOf(file, base)} -->\n\n${(pages.get(path) ?? '').trim()}`
  })
  return [`# Tintype`, `> ${summary}`, ...texts].join('\n\n').concat('\n')
}

/** Where a page of docs/ stands on the site. */
export function addressOf(file: string, base = '/'): string {
  return base + file.replace(/README\.md$/, '').replace(/\.md$/, '.html')
}
