/** `lswarm help VERB`: the manual page, as man(1) shows it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { installedPath } from './installed.ts'

const PAGE_BYTES_MAX = 16_777_216

/**
 * The page of a verb, from where this program was installed.
 * @param isTerminal man shows it itself, with its pager, and the text that is returned is empty
 * @returns `undefined` where there is no page, or no man(1) that shows it
 */
export function manualPage(verb: string, isTerminal: boolean): string | undefined {
  const path = installedPath(`man/lswarm-${verb}.1`)
  if (!existsSync(path)) return undefined
  // Elsewhere than at a terminal it does not tell whether its output could be written: that is for us to do.
  // A name with a slash is a file to every man(1).
  const { status, stdout } = spawnSync('man', [path], {
    stdio: ['inherit', isTerminal ? 'inherit' : 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: PAGE_BYTES_MAX,
  })
  return status === 0 ? (stdout ?? '') : undefined
}
