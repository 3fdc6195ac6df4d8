/** `completion`: prints the completion of a shell, or puts it where that shell looks for it. */
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { reasonOf, SwarmError } from '../errors.ts'
import { functionPath } from './ask-zsh.ts'
import { xdgDirectory } from './config-directory.ts'
import type { Context } from './context.ts'
import { print } from './table.ts'

export interface CompletionOptions {
  readonly shell: string
  /** Write it, instead of printing it. */
  readonly install: boolean
}

const BASH_COMPLETION = [
  '/usr/share/bash-completion/bash_completion',
  '/usr/local/share/bash-completion/bash_completion',
  '/opt/homebrew/share/bash-completion/bash_completion',
]

/** @throws SwarmError OPTION_INVALID for another shell, OUTPUT when it cannot be written */
export async function completion(context: Context, options: CompletionOptions): Promise<void> {
  const { shell, install } = options
  const scripts = await context.completions()
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
  const home = (variable: string, inHome: string) => xdgDirectory(env, variable, inHome, 'place to write to')
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
