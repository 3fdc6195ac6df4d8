/** The completion of each shell, for who asks for one: as text made from the option table. */
import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { zshCompletion } from './completion-zsh.ts'

export const completions = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
