// Puts the tables of the options into docs/configuration.md: node scripts/configuration-doc.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { configurationPage } from './configuration-page.ts'

const page = new URL('../docs/configuration.md', import.meta.url)
writeFileSync(page, configurationPage(readFileSync(page, 'utf8')))
