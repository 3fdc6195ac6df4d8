/** Files that are installed beside the program: manual pages and completions. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf, SwarmError } from '../errors.ts'

/** Where such a file is: beside the built program, or, run from its sources, two above. */
export function installedPath(path: string): string {
  const built = join(import.meta.dirname, '..', path)
  return existsSync(built) ? built : join(import.meta.dirname, '../..', path)
}

const completion = (file: string) => () => {
  const path = installedPath(`completions/${file}`)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SwarmError('INPUT', `cannot open ${path}: ${reasonOf(error)}`, error)
  }
}

/** The completion of each shell. */
export const completions = {
  bash: completion('lswarm.bash'),
  zsh: completion('_lswarm'),
  fish: completion('lswarm.fish'),
} as const
