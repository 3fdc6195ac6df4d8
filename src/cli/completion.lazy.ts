/** The completion of each shell, for who asks for one. */
import { bashCompletion, fishCompletion, zshCompletion } from './completion.ts'

export const completions = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
