/** Completions for the shells, from the option table; each in a file of its own. */
export { bashCompletion } from './completion-bash.ts'
export { fishCompletion } from './completion-fish.ts'
export { zshCompletion } from './completion-zsh.ts'
