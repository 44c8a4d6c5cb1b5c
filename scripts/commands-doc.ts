// Writes docs/commands.md from the commands' own help: node scripts/commands-doc.ts
import { writeFileSync } from 'node:fs'
import { commandsPage } from './commands-page.ts'

writeFileSync(new URL('../docs/commands.md', import.meta.url), await commandsPage())
