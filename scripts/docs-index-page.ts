import { navigation } from '../site/navigation.ts'

/** docs/README.md: the pages in the order of the site's menu, with one line about each. */
export function docsIndex(): string {
  const sections = navigation.map(({ title, pages }) => {
    const lines = pages.map(({ file, title, about }) => `- [${title}](${file}): ${about}`)
    return `## ${title}\n\n${lines.join('\n')}`
  })
  return ['# Documentation', intro, ...sections].join('\n\n').concat('\n')
}

const intro = `In the order in which a reader needs it. \`npm run site\` makes a website of it, with a search; \`npm run site -- --serve\`
shows that.`
