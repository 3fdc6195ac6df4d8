/** `completion`: prints the completion of a shell, or puts it where that shell looks for it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { within } from '../abort.ts'
import { reasonOf, SwarmError } from '../errors.ts'
import { stopGroup } from '../io/process-group.ts'
import { xdgDirectory } from './config-directory.ts'
import type { Context } from './context.ts'
import { print } from './table.ts'

export interface CompletionOptions {
  readonly shell: string
  /** Write it, instead of printing it. */
  readonly install: boolean
  /** The completion of each shell that there is one for. */
  readonly scripts: Readonly<Record<string, () => string>>
}

const BASH_COMPLETION = [
  '/usr/share/bash-completion/bash_completion',
  '/usr/local/share/bash-completion/bash_completion',
  '/opt/homebrew/share/bash-completion/bash_completion',
]

/** A `.zshrc` may take its time. */
const ZSH_MS = 5_000
/** What has told us may end by itself until then. */
const KILL_MS = 500
/** More than any list of directories, after what the start-up files print. */
const SAID_CHARACTERS = 1_048_576

/** @throws SwarmError OPTION_INVALID for another shell, OUTPUT when it cannot be written */
export async function completion(context: Context, options: CompletionOptions): Promise<void> {
  const { shell, install, scripts } = options
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (script === undefined) {
    const all = Object.keys(scripts).join(', ')
    throw new SwarmError(
      'OPTION_INVALID',
      `completion takes ${all}, not ${JSON.stringify(shell.slice(0, 40))}`,
    )
  }
  if (!install) return print(context, script())
  const { path, hint } = await placeFor(shell, context)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, script())
  } catch (error) {
    throw new SwarmError('OUTPUT', `cannot write ${path}: ${reasonOf(error)}`, error)
  }
  context.report.info(`wrote ${path}${hint === undefined ? ', which a new shell reads' : ''}`, { path })
  if (hint !== undefined) context.report.info(hint)
}

/** Where it goes, and what has to be done that the shell finds it there. */
async function placeFor(
  shell: string,
  context: Context,
): Promise<{ path: string; hint?: string | undefined }> {
  const { env } = context
  const home = (variable: string, inHome: string) => {
    const directory = xdgDirectory(env, variable, inHome)
    if (directory !== undefined) return directory
    throw new SwarmError('CONFIG', `no place to write to: neither ${variable} nor HOME is set`)
  }
  if (shell === 'fish')
    return { path: join(home('XDG_CONFIG_HOME', '.config'), 'fish/completions/lswarm.fish') }
  if (shell === 'bash') {
    const own = env.BASH_COMPLETION_USER_DIR
    const base = own && isAbsolute(own) ? own : join(home('XDG_DATA_HOME', '.local/share'), 'bash-completion')
    const path = join(base, 'completions/lswarm')
    const hint = `bash finds it by the package bash-completion; without that, add to ~/.bashrc: . ${path}`
    return { path, hint: BASH_COMPLETION.some((file) => existsSync(file)) ? undefined : hint }
  }
  const found = await functionDirectory(context)
  if (found !== undefined) return { path: join(found, '_lswarm') }
  const directory = join(home('XDG_DATA_HOME', '.local/share'), 'zsh/site-functions')
  const line = `fpath=(${directory} $fpath); autoload -Uz compinit && compinit`
  return { path: join(directory, '_lswarm'), hint: `that zsh finds it, add to ~/.zshrc: ${line}` }
}

/** The first directory of the user's own in which zsh looks for functions. */
async function functionDirectory({ env, signal }: Context): Promise<string | undefined> {
  const base = env.ZDOTDIR || env.HOME || ''
  if (!isAbsolute(base)) return undefined
  const paths = await functionPath(signal)
  return paths.find((path) => path.startsWith(`${base}/`) && isWritable(path))
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The directories in which zsh looks for functions, as it says when it has read its start-up files; none where zsh is not
 * there, or does not say within its deadline.
 * What it and its start-up files have started is ended with it, unless it left their process group.
 * @throws the signal's reason
 */
async function functionPath(signal: AbortSignal): Promise<readonly string[]> {
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
