/** The process's terminal, for a view that takes all of it: taken, and always given back. */
import { writeSync } from 'node:fs'
import process from 'node:process'
import { isatty } from 'node:tty'
import type { Terminal } from '../tui/terminal.ts'
import type { Report } from '../verbs/context.ts'
import { colourLevel, isDumb } from './colours.ts'

/** Alternate screen, no wrapping at the edge, no cursor; and back. */
const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[H\u001b[2J'
const LEAVE = '\u001b[0m\u001b[?2026l\u001b[?25h\u001b[?7h\u001b[?1049l'

/** True where somebody looks at the output, and can press keys. */
export function isInteractive(): boolean {
  return isatty(0) && isatty(1) && !isDumb(process.env)
}

/** So much of what was said while the screen was taken is said later. */
const HELD_MAX = 20

/** A report that waits until `release`: what is written over a view would be lost, and the view with it. */
export function holdReport(report: Report): { readonly report: Report; release(): void } {
  const held: (() => void)[] = []
  const hold = (say: () => void) => {
    held.push(say)
    if (held.length > HELD_MAX) held.shift()
  }
  return {
    report: {
      info: (message, details) => hold(() => report.info(message, details)),
      warn: (message, details) => hold(() => report.warn(message, details)),
      verbose: (message, details) => hold(() => report.verbose(message, details)),
    },
    release: () => {
      for (const say of held.splice(0)) say()
    },
  }
}

/** @returns the terminal that stdin and stdout are */
export function openTerminal(): Terminal {
  const { stdin, stdout } = process
  let isTaken = false
  let isLost = false
  // A terminal that is gone is no news: SIGHUP says it too.
  stdout.on('error', () => {})
  stdin.on('error', () => {})

  const write = (text: string) => {
    if (!isLost) stdout.write(text)
  }
  /** At once, whatever becomes of the event loop. */
  const writeNow = (text: string) => {
    try {
      writeSync(1, text)
    } catch {
      isLost = true
    }
  }
  const raw = (isRaw: boolean) => {
    try {
      stdin.setRawMode(isRaw)
    } catch {
      isLost = true
    }
  }
  const giveBack = () => {
    if (!isTaken) return
    isTaken = false
    raw(false)
    writeNow(LEAVE)
  }
  const stopped = () => stop(process.pid)
  const returned = () => {
    process.on('SIGTSTP', stopped)
    isTaken = true
    raw(true)
    writeNow(ENTER)
    terminal.onreturn?.()
  }
  /** Stops us, or all of our group as the terminal's own Ctrl-Z would. */
  const stop = (target: number) => {
    if (!isTaken) return
    giveBack()
    process.off('SIGTSTP', stopped)
    process.once('SIGCONT', returned)
    process.kill(target, 'SIGTSTP')
  }
  const terminal: Terminal = {
    stdin,
    stdout,
    colours: colourLevel(process.env),
    write,
    enter: () => {
      isTaken = true
      process.on('exit', giveBack)
      // Before the words that say what went wrong: they are to be read.
      process.prependListener('uncaughtException', giveBack)
      process.on('SIGTSTP', stopped)
      writeNow(ENTER)
    },
    leave: () => {
      process.off('exit', giveBack)
      process.off('uncaughtException', giveBack)
      process.off('SIGTSTP', stopped)
      process.off('SIGCONT', returned)
      giveBack()
    },
    suspend: () => stop(0),
    onreturn: undefined,
  }
  return terminal
}
