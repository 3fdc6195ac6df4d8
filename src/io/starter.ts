/** A small shell that starts one command after another. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { messageOf, SwarmError } from '../errors.ts'
import { randomBytes } from '../random.ts'
import { type CommandLine, type Ending, SHELL } from './command.ts'
import { stopGroup } from './process-group.ts'
import { type Hear, ReplyPipe } from './reply-pipe.ts'

/**
 * The `exec` in a shell of its own runs no builtin, and takes no descriptor of ours along. The trap, which commands do
 * not inherit, keeps the shell when its group is ended: it is to tell the status.
 */
const SCRIPT = `
exec <&3 >&3 3>&-
trap : TERM
test -x /proc/$PPID/fd && command -p mkfifo -m 600 "$1" && echo || exit
shift
export LSWARM_CONNECTION LSWARM_PEER LSWARM_TRANSPORT
while read -r LSWARM_RECORD LSWARM_REPLY LSWARM_CONNECTION LSWARM_PEER LSWARM_TRANSPORT; do
  (exec "$@" </proc/$PPID/fd/$LSWARM_RECORD >/proc/$PPID/fd/$LSWARM_REPLY 2>&4 4>&-)
  echo $?
done`

/** A file without a name (O_TMPFILE); Node does not name it. */
const NO_NAME = 0o20_000_000 | constants.O_DIRECTORY
/** As shells tell of a command that cannot be started. */
const NOT_STARTED = 126

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

  constructor({ command: { file, args }, env }: StarterOptions, directory: string, onend: () => void) {
    this.#directory = directory
    const path = join(directory, `lswarm-${randomBytes(16).toString('hex')}`)
    this.#shell = spawn(SHELL, ['-c', SCRIPT, 'sh', path, file, ...args], {
      detached: true,
      env: { ...env },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 2],
    })
    const control = this.#shell.stdio[3]
    this.#control = control instanceof Socket ? control : new Socket()
    this.isReady = new Promise((resolve) => {
      const open = () => {
        try {
          this.replies = new ReplyPipe(path)
        } catch {
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
          else this.#end({ status: Number(line) })
          line = ''
        })
      const gone = (ending: Ending) => {
        this.closed = true
        resolve(false)
        this.#end(ending)
        onend()
      }
      this.#shell
        .once('error', (error) => gone({ status: NOT_STARTED, reason: messageOf(error) }))
        // After all that it has told.
        .once('close', (status, signal) => gone(signal === null ? { status: status ?? 0 } : { signal }))
    })
  }

  async run({ record, connection, peer, transport, hear }: Start): Promise<Ending> {
    let fd: number | undefined
    try {
      await this.isReady
      if (this.closed || this.replies === undefined)
        throw new SwarmError('COMMAND_FAILED', 'no shell starts it')
      fd = openSync(this.#directory, NO_NAME | constants.O_RDWR, 0o400)
      writeFileSync(fd, record)
      this.replies.hearWith(hear)
      const told = new Promise<Ending>((resolve) => {
        this.#tell = resolve
      })
      this.#control.write(`${fd} ${this.replies.fd} ${connection} ${peer} ${transport}\n`)
      return await told
    } catch (error) {
      this.close()
      return { status: NOT_STARTED, reason: messageOf(error) }
    } finally {
      if (fd !== undefined) closeSync(fd)
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

  #end(ending: Ending): void {
    const isOurs = this.replies?.drain() ?? false
    if (!isOurs || this.closed) this.close()
    this.#tell(ending)
  }
}
