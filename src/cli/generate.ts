/** Writes what is derived from the option table: the manual pages and the completions. Run by `npm run generate`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generated } from './generated.ts'

for (const [path, text] of generated()) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
