// Writes docs/http.md from what GET /api/openapi.json says: node scripts/http-doc.ts
import { writeFileSync } from 'node:fs'
import { httpPage } from './http-page.ts'

writeFileSync(new URL('../docs/http.md', import.meta.url), httpPage())
