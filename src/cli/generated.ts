/** What is derived from the option table and committed. */
import { bashCompletion, fishCompletion, zshCompletion } from './completion.ts'
import { manPages } from './man.ts'

/** Each file, from the top of the repository, and what it has to be. */
export function generated(): readonly (readonly [path: string, text: string])[] {
  return [
    ...manPages().map(([file, text]) => [`man/${file}`, text] as const),
    ['completions/lswarm.bash', bashCompletion()],
    ['completions/_lswarm', zshCompletion()],
    ['completions/lswarm.fish', fishCompletion()],
  ]
}
