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
  #tell: (ending: Ending) => void = () => {}
  /** The file that the shell is to read. */
  #record: number | undefined
  /** Why there could be none. */
  #fault: unknown

  constructor({ command: { file, args }, env }: StarterOptions, directory: string, onend: () => void) {
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
    this.#prove(path)
    this.isReady = new Promise((resolve) => {
      const open = () => {
        try {
          this.replies = new ReplyPipe(path)
        } catch (error) {
          this.#fault = error
          this.closed = true
        }
        if (this.closed) this.close()
        resolve(!this.closed)
      }
      let line = ''
      this.#control
        .on('error', () => {})
        .on('data', (chunk) => {
          line += chunk.toString('latin1')
          if (!line.endsWith('\n')) return
          if (this.replies === undefined) open()
          else this.#end(line.startsWith('!') ? unstarted(NO_RECORD) : { status: Number(line) })
          line = ''
        })
      const gone = (ending: Ending) => {
        this.closed = true
        resolve(false)
        this.#end(ending)
        onend()
      }
      this.#shell
        .once('error', (error) => gone(unstarted(reasonOf(error))))
        // After all that it has told: it could not fork.
        .once('close', (_status, signal) =>
          gone(signal === null ? unstarted('a shell cannot start it') : { signal }),
        )
    })
    void this.isReady.then(() => this.#forget())
  }

  async run({ record, connection, peer, transport, hear }: Start): Promise<Ending> {
    try {
      await this.isReady
      if (this.closed || this.replies === undefined) throw this.#fault ?? new Error(NO_RECORD)
      const fd = this.#keep(record)
      this.replies.hearWith(hear)
      const told = new Promise<Ending>((resolve) => {
        this.#tell = resolve
      })
      this.#control.write(`${fd} ${this.replies.fd} ${connection} ${peer} ${transport}\n`)
      return await told
    } catch (error) {
      this.close()
      return unstarted(reasonOf(error))
    } finally {
      this.#forget()
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

  /** Gives the shell a file to find, as it will find records. */
  #prove(path: string): void {
    try {
      this.#control.write(`${this.#keep(Buffer.from(`${path}\n`))}\n`)
    } catch (error) {
      this.#fault = error
      this.#control.end()
    }
  }

  /** Puts it into a file for the shell. */
  #keep(record: Uint8Array): number {
    const fd = openSync(this.#directory, NO_NAME | constants.O_RDWR, 0o400)
    this.#record = fd
    writeFileSync(fd, record)
    return fd
  }

  #forget(): void {
    if (this.#record !== undefined) closeSync(this.#record)
    this.#record = undefined
  }

  #end(ending: Ending): void {
    const isOurs = this.replies?.drain() ?? false
    if (!isOurs || this.closed) this.close()
    this.#tell(ending)
  }
}
