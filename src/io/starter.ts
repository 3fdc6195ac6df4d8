/** A small shell that starts one command after another. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { reasonOf } from '../errors.ts'
import { randomBytes } from '../random.ts'
import { type CommandLine, type Ending, SHELL, unstarted } from './command.ts'
import { stopGroup } from './process-group.ts'
import { type Hear, ReplyPipe } from './reply-pipe.ts'

/**
 * The shell first reads a file of ours through /proc: only then is `/proc/$PPID` this program, and there is room for records.
 * The second `exec` in a shell of its own runs no builtin, and takes no descriptor of ours along; if the first one fails,
 * the command was not started, which is told apart from each status by a `!`. The trap, which commands do not inherit,
 * keeps the shell when its group is ended: it is to tell the status.
 */
const SCRIPT = `
exec <&3 >&3 3>&-
trap : TERM
read -r LSWARM_RECORD && read -r LSWARM_REPLY </proc/$PPID/fd/$LSWARM_RECORD || exit
test "$LSWARM_REPLY" = "$1" && command -p mkfifo -m 600 "$1" && echo || exit
shift
export LSWARM_CONNECTION LSWARM_PEER LSWARM_TRANSPORT
while read -r LSWARM_RECORD LSWARM_REPLY LSWARM_CONNECTION LSWARM_PEER LSWARM_TRANSPORT; do
  (command exec </proc/$PPID/fd/$LSWARM_RECORD >/proc/$PPID/fd/$LSWARM_REPLY || { printf !; exit; }
   exec "$@" 2>&4 4>&-)
  echo $?
done`

/** A file without a name (O_TMPFILE); Node does not name it. */
const NO_NAME = 0o20_000_000 | constants.O_DIRECTORY

const NO_RECORD = 'a shell cannot open its record in /proc'

export interface StarterOptions {
  /** As `forShell` gives it. */
  readonly command: CommandLine
  /** Of the commands. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What one command is started with. */
export interface Start {
  /** Its stdin. */
  readonly record: Uint8Array
  /** For its environment; words without spaces. */
  readonly connection: number
  readonly peer: string
  readonly transport: string
  /** Gets its stdout. */
  readonly hear: Hear
}

export class Starter {
  /** False when it cannot start anything. */
  readonly isReady: Promise<boolean>
  /** It will start no more. */
  closed = false
  /** There when it is ready. */
  replies: ReplyPipe | undefined
  readonly #directory: string
  readonly #shell: ChildProcess
  readonly #control: Socket
  /** Gets what the shell says, or how it has ended. Unasked, it only ends. */
  #hearAnswer: (answer: string | Ending) => void = () => this.close()
  /** Why it cannot start anything. */
  #fault: unknown

  constructor({ command: { file, args }, env }: StarterOptions, directory: string) {
    this.#directory = directory
    const path = join(directory, `lswarm-${randomBytes(16).toString('hex')}`)
    this.#shell = spawn(SHELL, ['-c', SCRIPT, 'sh', path, file, ...args], {
      detached: true,
      env: { ...env },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 2],
    })
    // Without a descriptor to spare Node gives no stdio, and tells why later.
    const control = this.#shell.stdio?.[3]
    this.#control = control instanceof Socket ? control : new Socket()
    let line = ''
    this.#control
      .on('error', () => {})
      .on('data', (chunk) => {
        line += chunk.toString('latin1')
        if (!line.endsWith('\n')) return
        this.#hearAnswer(line)
        line = ''
      })
    const gone = (ending: Ending) => {
      this.closed = true
      this.#hearAnswer(ending)
    }
    this.#shell
      .once('error', (error) => gone(unstarted(reasonOf(error))))
      // After all that it has told: it could not fork.
      .once('close', (_status, signal) =>
        gone(signal === null ? unstarted('a shell cannot start it') : { signal }),
      )
    this.isReady = this.#open(path)
  }

  async run({ record, connection, peer, transport, hear }: Start): Promise<Ending> {
    try {
      await this.isReady
      if (this.closed || this.replies === undefined) throw this.#fault ?? new Error(NO_RECORD)
      this.replies.hearWith(hear)
      const answer = await this.#ask(record, ` ${this.replies.fd} ${connection} ${peer} ${transport}`)
      if (!this.replies.drain() || this.closed) this.close()
      if (typeof answer !== 'string') return answer
      return answer.startsWith('!') ? unstarted(NO_RECORD) : { status: Number(answer) }
    } catch (error) {
      this.close()
      return unstarted(reasonOf(error))
    }
  }

  stop(killAfterMs: number): Promise<void> {
    this.closed = true
    // It starts no more, and ends after its command.
    this.#control.end()
    return stopGroup(this.#shell.pid, killAfterMs)
  }

  deafen(): void {
    this.closed = true
    this.replies?.deafen()
  }

  close(): void {
    this.closed = true
    this.#control.end()
    this.replies?.close()
  }

  /** Lets the shell find a file, as it will find records, and make the fifo at `path`. */
  async #open(path: string): Promise<boolean> {
    try {
      const answer = await this.#ask(Buffer.from(`${path}\n`), '')
      if (typeof answer === 'string') this.replies = new ReplyPipe(path)
    } catch (error) {
      this.#fault = error
      this.closed = true
    }
    if (this.closed) this.close()
    return !this.closed
  }

  /**
   * Puts a record into a file for the shell, and tells it in which.
   * @returns the line that it answers, or how it has ended
   */
  async #ask(record: Uint8Array, more: string): Promise<string | Ending> {
    const fd = openSync(this.#directory, NO_NAME | constants.O_RDWR, 0o400)
    try {
      writeFileSync(fd, record)
      return await new Promise((resolve) => {
        this.#hearAnswer = resolve
        this.#control.write(`${fd}${more}\n`)
      })
    } finally {
      this.#hearAnswer = () => this.close()
      closeSync(fd)
    }
  }
}
