// Writes docs/README.md from the menu of the site: node scripts/docs-index.ts
import { writeFileSync } from 'node:fs'
import { docsIndex } from './docs-index-page.ts'

writeFileSync(new URL('../docs/README.md', import.meta.url), docsIndex())
