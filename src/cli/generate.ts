/** Writes what is derived from the option table, in the manual pages and the completions. Run by `npm run generate`. */
import { writeFileSync } from 'node:fs'
import { generated } from './generated.ts'

for (const [path, text] of generated()) writeFileSync(path, text)
