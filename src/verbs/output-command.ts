/** `recv -- COMMAND`: a command that reads the stream; its exit status 0 is the confirmation. */
import type { Duplex } from 'node:stream'
import { SwarmError } from '../errors.ts'
import { type CommandLine, failureOf, type Running, type RunOptions } from '../io/command.ts'
import { until } from './context.ts'
import type { Outflow } from './intake.ts'

/** As of spawn.lazy.ts. */
export type Run = (command: CommandLine, options: RunOptions) => Running

const STOP_MS = 2_000

export class OutputCommand implements Outflow {
  /** The command failed before the end of the stream. */
  onfail: ((error: SwarmError) => void) | undefined
  readonly #command: CommandLine
  readonly #signal: AbortSignal
  readonly #run: Run
  #child: Running | undefined

  /** @param run starts the command */
  constructor(command: CommandLine, signal: AbortSignal, run: Run) {
    this.#command = command
    this.#signal = signal
    this.#run = run
  }

  get hasStarted(): boolean {
    return this.#child !== undefined
  }

  /**
   * The command gets the socket itself. Resolves when it has ended with 0.
   * @throws SwarmError COMMAND_FAILED, or the signal's reason when the command has been ended
   */
  async takeSocket(socket: Duplex, signal: AbortSignal): Promise<void> {
    const child = this.#start(socket)
    try {
      await this.#success(child, signal)
    } catch (error) {
      await child.stop(STOP_MS)
      throw error
    }
  }

  /** The command gets what is written, through a pipe. What it leaves unread is forgotten. */
  begin(): void {
    this.#startInPipe()
  }

  write(chunk: Buffer, done: () => void): void {
    const stdin = this.#child?.stdin
    if (!stdin || stdin.destroyed) return done()
    stdin.write(chunk, () => done())
  }

  async commit(): Promise<void> {
    const child = this.#child ?? this.#startInPipe()
    child.stdin?.end()
    await this.#success(child, this.#signal)
  }

  /** Ends the command, before it finds an end of its input that is none. */
  async discard(): Promise<void> {
    await this.#child?.stop(STOP_MS)
    this.#child?.stdin?.destroy()
  }

  #start(stdin: RunOptions['stdin']): Running {
    this.#child = this.#run(this.#command, { stdin, stdout: 'inherit', env: {} })
    return this.#child
  }

  #startInPipe(): Running {
    const child = this.#start('pipe')
    child.stdin?.on('error', () => {})
    this.#success(child, this.#signal).then(
      () => child.stdin?.destroy(),
      (error: unknown) => {
        if (error instanceof SwarmError) this.onfail?.(error)
      },
    )
    return child
  }

  async #success(child: Running, signal: AbortSignal): Promise<void> {
    const failed = failureOf(this.#command.file, await until(signal, child.ended))
    if (failed !== undefined) throw failed
  }
}
