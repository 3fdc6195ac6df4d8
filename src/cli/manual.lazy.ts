/** `lswarm help VERB`: the manual page, as man(1) shows it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Shows the page of a verb, from where this program was installed.
 * @returns false where there is no page, or no man(1) that shows it
 */
export function showPage(verb: string): boolean {
  // Beside the built program, or, run from its sources, two above.
  const path = ['../man', '../../man']
    .map((directory) => join(import.meta.dirname, directory, `lswarm-${verb}.1`))
    .find(existsSync)
  // A name with a slash is a file to every man(1).
  return path !== undefined && spawnSync('man', [path], { stdio: 'inherit' }).status === 0
}
