/** Asking zsh where it looks for functions: only zsh can tell, once it has read its start-up files. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { within } from '../abort.ts'
import { stopGroup } from '../io/process-group.ts'

/** A `.zshrc` may take its time. */
const ZSH_MS = 5_000
/** What has told us may end by itself until then. */
const KILL_MS = 500
/** More than any list of directories, after what the start-up files print. */
const SAID_CHARACTERS = 1_048_576

/**
 * The directories in which zsh looks for functions; none where zsh is not there, or does not tell within its deadline.
 * What it and its start-up files have started is ended with it, unless it left their process group.
 * @throws the signal's reason
 */
export async function functionPath(signal: AbortSignal): Promise<readonly string[]> {
  // Not to be found in the start-up files, or in what they print.
  const mark = randomBytes(16).toString('hex')
  // In a session of its own: an interactive shell would take the terminal.
  const zsh = spawn('zsh', ['-ic', `\\builtin print -rl -- '' ${mark} $fpath ${mark}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  let list = ''
  const told = new Promise<void>((resolve) => {
    let said = ''
    // What they have started may hold the pipe open for ever, so its end is not waited for.
    zsh.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_CHARACTERS)
      const [, paths, after] = said.split(`\n${mark}\n`)
      if (paths === undefined || after === undefined) return
      list = paths
      resolve()
    })
    zsh.on('error', () => resolve()).on('close', () => resolve())
  })
  await within(signal, ZSH_MS, told)
  zsh.stdout.destroy()
  await stopGroup(zsh.pid, list === '' ? 0 : KILL_MS)
  signal.throwIfAborted()
  return list.split('\n')
}
