/** What is derived from the option table and committed. */
import { completions } from './completion.lazy.ts'
import { manPages } from './man.ts'

/** Each file, from the top of the repository, and what it has to be. */
export function generated(): readonly (readonly [path: string, text: string])[] {
  return [
    ...manPages().map(([file, text]) => [`man/${file}`, text] as const),
    ['completions/lswarm.bash', completions.bash()],
    ['completions/_lswarm', completions.zsh()],
    ['completions/lswarm.fish', completions.fish()],
  ]
}
