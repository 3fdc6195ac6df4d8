/** The process's terminal, for what is drawn on it: taken, and always given back. */
import process from 'node:process'
import { unlessHungUp } from '../io/descriptor.ts'
import type { KeyEvents, Modes, Terminal } from '../tui/terminal.ts'
import { colourLevel } from './colours.ts'
import { decodeKeys } from './keys.ts'
import { writeAll } from './report.ts'

export class ProcessTerminal implements Terminal {
  readonly stdin = unlessHungUp(0, () => process.stdin)
  readonly stdout = unlessHungUp(1, () => process.stdout)
  readonly colours = colourLevel(process.env)
  onstop: (() => void) | undefined
  onreturn: (() => void) | undefined
  /** What it was taken with, until it is given back. */
  #modes: Modes | undefined
  /** Not while we are stopped. */
  #isTaken = false
  /** Its other end has gone: SIGHUP says so too, and errors are no news. */
  #isLost = false

  /** @throws Interrupted when it has hung up */
  constructor() {
    const lost = () => {
      this.#isLost = true
    }
    this.stdout.on('error', lost)
    this.stdin.on('error', lost)
  }

  get columns(): number {
    return this.stdout.columns || Number(process.env.COLUMNS) || 80
  }

  get rows(): number {
    return this.stdout.rows || Number(process.env.LINES) || 24
  }

  write(text: string): void {
    if (!this.#isLost) this.stdout.write(text)
  }

  take(modes: Modes): void {
    this.#modes = modes
    process.on('exit', this.#restore)
    // Before the words that say what went wrong: they are to be read.
    process.prependListener('uncaughtException', this.#restore)
    process.on('SIGTSTP', this.#stopped)
    process.on('SIGCONT', this.#continued)
    this.#hold()
  }

  giveBack(): void {
    process.off('exit', this.#restore)
    process.off('uncaughtException', this.#restore)
    process.off('SIGTSTP', this.#stopped)
    process.off('SIGCONT', this.#continued)
    this.stdin.pause()
    this.#restore()
    this.#modes = undefined
  }

  suspend(): void {
    // All of the pipeline, as the terminal would have it.
    this.#stop(0)
  }

  interrupt(): void {
    process.kill(process.pid, 'SIGINT')
  }

  listen(events: KeyEvents): void {
    decodeKeys(this.stdin, events)
    // The kernel says so too, maybe later, maybe to others than us.
    const hangUp = () => process.kill(process.pid, 'SIGHUP')
    this.stdin.once('end', hangUp).once('error', hangUp)
    this.stdout.once('error', hangUp)
  }

  readonly #restore = () => {
    if (!this.#isTaken) return
    this.#isTaken = false
    this.#raw(false)
    this.#writeNow(this.#modes?.leave ?? '')
  }

  #hold(): void {
    this.#isTaken = true
    this.#raw(true)
    this.#writeNow(this.#modes?.enter ?? '')
  }

  #stop(target: number): void {
    if (!this.#isTaken) return
    this.onstop?.()
    this.#restore()
    process.off('SIGTSTP', this.#stopped)
    process.kill(target, 'SIGTSTP')
    // Where there is no shell to go on from, the signal does nothing.
    setImmediate(this.#continued)
  }

  /** Somebody sent us what the terminal would. */
  readonly #stopped = () => this.#stop(process.pid)

  /** A shell may have changed its modes while we were stopped, also by a SIGSTOP that nobody was told of. */
  readonly #continued = () => {
    if (this.#modes === undefined) return
    if (!this.#isTaken) process.on('SIGTSTP', this.#stopped)
    this.#raw(false)
    this.#hold()
    this.onreturn?.()
  }

  #raw(isRaw: boolean): void {
    try {
      this.stdin.setRawMode(isRaw)
    } catch {
      this.#isLost = true
    }
  }

  /** At once, whatever becomes of the event loop. */
  #writeNow(text: string): void {
    if (writeAll(1, text) !== undefined) this.#isLost = true
  }
}
