/** Writes what is derived from the option table: the man page and the completions. Run by `npm run generate`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { bashCompletion, fishCompletion, zshCompletion } from './completion.ts'
import { manPage } from './man.ts'

const files: readonly (readonly [path: string, text: string])[] = [
  ['man/lswarm.1', manPage()],
  ['completions/lswarm.bash', bashCompletion()],
  ['completions/_lswarm', zshCompletion()],
  ['completions/lswarm.fish', fishCompletion()],
]

for (const directory of ['man', 'completions']) mkdirSync(directory, { recursive: true })
for (const [path, text] of files) writeFileSync(path, text)
