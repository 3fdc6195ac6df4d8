/** What is derived from the option table and committed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bashParts } from './completion-bash.ts'
import { fishParts } from './completion-fish.ts'
import { zshParts } from './completion-zsh.ts'
import { mainParts, verbPages } from './man.ts'

type Parts = Readonly<Record<string, readonly string[]>>

/** Files that are written by hand but for some parts. */
const mixed: Readonly<Record<string, Parts>> = {
  'man/lswarm.1': mainParts(),
  'completions/lswarm.bash': bashParts(),
  'completions/_lswarm': zshParts(),
  'completions/lswarm.fish': fishParts(),
}

/** Each file, from the top of the repository, and what it has to be. */
export function generated(): readonly (readonly [path: string, text: string])[] {
  return [
    ...verbPages().map(([file, text]) => [`man/${file}`, text] as const),
    ...Object.entries(mixed).map(([path, parts]) => [path, filled(path, parts)] as const),
  ]
}

/** The text of a file with these lines in its parts: between a line `generated: NAME` and a line `end of NAME`. */
function filled(path: string, parts: Parts): string {
  let text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
  for (const [name, lines] of Object.entries(parts)) {
    const part = new RegExp(`(?<=generated: ${name}\\n)(?:.*\\n)*?(?=.*end of ${name}\\n)`)
    if (!part.test(text)) throw new Error(`${path} has no place for what is generated: ${name}`)
    text = text.replace(part, () => lines.map((line) => `${line}\n`).join(''))
  }
  return text
}
