/** This process's terminal, for what is drawn on it: its keys one by one, and all as it was when we leave. */
import process from 'node:process'
import { emitKeypressEvents } from 'node:readline'
import type { Terminal, TerminalEvents } from '../tui/chat-terminal.ts'
import { colourLevel } from './colours.ts'
import { writeAll } from './report.ts'

/** Bracketed paste: what is pasted comes between two marks, and is not taken for typed. */
const [PASTES_ON, PASTES_OFF] = ['\x1b[?2004h', '\x1b[?2004l']
const CURSOR_ON = '\x1b[?25h'

/** A key as Node's decoder gives it. */
interface Keypress {
  readonly name?: string
  readonly ctrl: boolean
  readonly meta: boolean
}

export class ProcessTerminal implements Terminal {
  readonly stdin = process.stdin
  readonly stdout = process.stdout
  readonly colours = colourLevel(process.env)
  #events: TerminalEvents | undefined
  /** What has come of a paste that has not ended. */
  #pasted: string[] | undefined
  readonly #restore = () => this.close()

  get columns(): number {
    return this.stdout.columns || Number(process.env.COLUMNS) || 80
  }

  get rows(): number {
    return this.stdout.rows || Number(process.env.LINES) || 24
  }

  open(events: TerminalEvents): void {
    this.#events = events
    emitKeypressEvents(this.stdin)
    this.stdin.on('keypress', (text, key) => this.#press(text, key))
    this.stdin.on('end', events.onend)
    // The terminal is gone: a write to it is an error without end.
    this.stdin.on('error', events.onend)
    this.stdout.on('error', events.onend)
    this.stdout.on('resize', events.onresize)
    process.on('SIGCONT', () => this.#take())
    process.on('exit', this.#restore)
    this.#take()
  }

  close(): void {
    if (this.#events === undefined) return
    this.#events = undefined
    process.off('exit', this.#restore)
    this.stdin.pause()
    this.#give()
  }

  interrupt(): void {
    process.kill(process.pid, 'SIGINT')
  }

  suspend(): void {
    this.#give()
    // All of the pipeline, as the terminal would have it.
    process.kill(0, 'SIGTSTP')
    // Where there is no shell to go on from, the signal does nothing.
    setImmediate(() => this.#take())
  }

  #take(): void {
    if (this.#events === undefined) return
    // A shell has set it back while we were stopped, and Node would not know.
    this.stdin.setRawMode(false)
    this.stdin.setRawMode(true)
    writeAll(1, PASTES_ON)
    this.stdin.resume()
    this.#events.onresize()
  }

  #give(): void {
    try {
      this.stdin.setRawMode(false)
    } catch {
      // It is gone.
    }
    writeAll(1, PASTES_OFF + CURSOR_ON)
  }

  #press(text: string | undefined, { name, ctrl, meta }: Keypress): void {
    if (name === 'paste-start') this.#pasted = []
    else if (name === 'paste-end') this.#endPaste()
    else if (this.#pasted !== undefined) this.#pasted.push(text ?? '')
    else {
      const isText = text !== undefined && !ctrl && !meta && !/^[\x00-\x1f\x7f-\x9f]/.test(text)
      this.#events?.onkey({ name, ctrl, meta, text: isText ? text : undefined })
    }
  }

  #endPaste(): void {
    const pasted = this.#pasted?.join('') ?? ''
    this.#pasted = undefined
    this.#events?.onpaste(pasted.replace(/\r\n?/g, '\n'))
  }
}
