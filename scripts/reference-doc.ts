// Writes docs/reference.md, and names what has no doc comment: node scripts/reference-doc.ts
import { writeFileSync } from 'node:fs'
import { referencePage } from './reference/page.ts'

const { page, missing } = referencePage()
writeFileSync(new URL('../docs/reference.md', import.meta.url), page)
for (const one of missing) console.error(`No doc comment: ${one}`)
