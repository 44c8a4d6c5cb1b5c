// Prints docs/errors.md from the error table: node scripts/errors-doc.ts > docs/errors.md
import { errorsPage } from './errors-page.ts'

process.stdout.write(errorsPage())
