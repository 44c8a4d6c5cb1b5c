import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/proxies.md', import.meta.url), 'utf8')

/**
 * A configuration as docs/proxies.md has it.
 * @param heading it stands below
 * @param changes what it has, and what stands for it here: a changed page that has it no more fails
 */
export function documented(heading: string, language: string, changes: [string, string][]): string {
  const [, section = ''] = page.split(`\n## ${heading}`)
  const [body = ''] = section.split('\n## ')
  const [, block] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(body) ?? []
  if (block === undefined) throw new Error(`docs/proxies.md has no ${language} below "${heading}".`)
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${language} below "${heading}" has no ${from}`)
    return text.replaceAll(from, to)
  }, block)
}
