import { defineConfig } from 'vitepress'
import { addressOf } from '../llms.ts'
import { below, navigation } from '../navigation.ts'

const item = ({ file, title }: { file: string; title: string }) => ({ text: title, link: addressOf(file) })

export default defineConfig({
  title: 'Tintype',
  description: 'Photos and videos from people’s browsers into S3: nothing lost, leaked or orphaned.',
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  appearance: true,
  // Pages are read without their scripts: these come after the text on a slow line.
  shouldPreload: () => false,
  lastUpdated: false,
  // The code of the docs is dark on light paper, or light on dark; both with enough contrast for WCAG AA.
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languageAlias: { caddyfile: 'nginx', env: 'ini' },
    // GitHub's own way to make addresses of headings, which the links of docs/ count on.
    anchor: { slugify: githubSlug },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  transformPageData(page) {
    if (page.relativePath === 'index.md') Object.assign(page.frontmatter, home)
  },
  themeConfig: {
    logo: '/icon.svg',
    externalLinkIcon: true,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          // Notes on why something is as it is come after the pages that say how it is used.
          searchOptions: { boostDocument: (id: string) => (/\/(decisions\/|CHANGELOG)/.test(id) ? 0.2 : 1) },
        },
      },
    },
    nav: [
      { text: 'Start', link: '/start.html', activeMatch: '/start' },
      { text: 'Concepts', link: '/concepts.html', activeMatch: '/concepts' },
      { text: 'Reference', link: '/reference.html', activeMatch: '/reference' },
      { text: 'Comparison', link: '/comparison.html', activeMatch: '/comparison' },
    ],
    sidebar: navigation.map(({ title, pages }) => ({
      text: title,
      collapsed: false,
      items: pages.map((page) => {
        const inner = below[page.file]
        return inner ? { ...item(page), collapsed: true, items: inner.map(item) } : item(page)
      }),
    })),
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'MIT licence. <a href="/llms.txt">llms.txt</a> for programs that read.' },
  },
})

/** The sentence and the picture of the README's first screen; its code and figures come below, from site/stage.ts. */
const home = {
  layout: 'home',
  hero: {
    name: 'Tintype',
    text: 'Photos and videos from browsers into S3',
    tagline:
      'Nothing lost, leaked or orphaned: through every crash, each object has its record and each record its object.',
    image: {
      light: { src: '/grid.webp', alt: 'The gallery: photos in rows by day' },
      dark: { src: '/grid-dark.webp', alt: 'The gallery: photos in rows by day' },
    },
    actions: [
      { theme: 'brand', text: 'Ten minutes', link: '/start.html' },
      { theme: 'alt', text: 'Concepts', link: '/concepts.html' },
      { theme: 'alt', text: 'Beside others', link: '/comparison.html' },
    ],
  },
}

function githubSlug(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}
