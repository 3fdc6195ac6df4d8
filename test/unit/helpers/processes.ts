/** Other processes of a test: they tell what happens by messages, and never outlive it. */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { buildSync } from 'esbuild'
import type { Place, Role } from './places.ts'
import { defer } from './scene.ts'
import { until, within } from './wait.ts'

/** What `fixtures/peer.ts` is told. */
export interface PeerOptions {
  readonly basedir: string
  readonly topic: string
  readonly name: string
  /** What it does with a connection: sends back, ends its side, throws; `leave`: exits by itself when it is flushed. */
  readonly does?: 'echo' | 'end' | 'throw' | 'leave'
  readonly server?: boolean
}

/** What `fixtures/party.ts` is told. */
export interface PartyOptions {
  readonly place: Place
  readonly role: Role
  /** Default: `room`. */
  readonly topics?: readonly string[]
  /** What it does with a connection: reads it and ends after its peer; nothing; writes 8 MB. Default `read`. */
  readonly does?: 'read' | 'nothing' | 'flood'
  /** Signals for which it has a handler of its own, which exits with 7. */
  readonly signals?: readonly NodeJS.Signals[]
  /** Signals that it only tells of. */
  readonly ignored?: readonly NodeJS.Signals[]
  /** Signals that end it, by a listener that does so only if it is alone: as the package signal-exit does. */
  readonly polite?: readonly NodeJS.Signals[]
  /** Signals that it only tells of, once. */
  readonly once?: readonly NodeJS.Signals[]
  /** It exits so soon after it began to join. */
  readonly exits?: { readonly how: 'nextTick' | 'microtask'; readonly ticks: number }
  readonly observer?: boolean
  /** False: it is ready before it is flushed. */
  readonly waits?: boolean
  /** It gossips on the topics. */
  readonly gossips?: boolean
  /** Its file mode creation mask. */
  readonly umask?: number
}

/** On a busy machine even a start of Node takes long. */
const START_MS = 60_000
const CACHE = join(import.meta.dirname, '../../../node_modules/.cache/lswarm-fixtures', String(process.pid))
const known = new Map<string, string>()

/** A fixture in JavaScript, for as long as this process lives: compiling it in each process took longer than its test. */
function compiled(fixture: string): string {
  let path = known.get(fixture)
  if (path !== undefined) return path
  buildSync({
    entryPoints: [join(import.meta.dirname, '../fixtures', `${fixture}.ts`)],
    outdir: CACHE,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  })
  if (known.size === 0) process.once('exit', () => rmSync(CACHE, { recursive: true, force: true }))
  path = join(CACHE, `${fixture}.mjs`)
  known.set(fixture, path)
  return path
}

export class TestProcess {
  readonly child: ChildProcess
  /** Everything that it told, in order. */
  readonly told: Record<string, unknown>[] = []
  stderr = ''
  readonly #exited: Promise<unknown[]>

  constructor(
    t: TestContext,
    fixture: 'peer' | 'listener' | 'party',
    argument: string,
    observed?: NodeJS.ProcessEnv,
  ) {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    this.child = fork(compiled(fixture), [argument], {
      execArgv:
        observed === undefined
          ? []
          : ['--require', join(import.meta.dirname, '../fixtures/observed-listen.cjs')],
      env: { ...env, ...observed },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#exited = new Promise((resolve) => this.child.once('exit', (...status) => resolve(status)))
    this.child.stderr?.on('data', (text) => {
      this.stderr += String(text)
    })
    this.child.on('message', (message) => {
      if (typeof message === 'object' && message !== null) this.told.push({ ...message })
    })
    defer(t, () => this.kill('SIGKILL'))
  }

  /** Waits until it has told `key`, and gives the value. */
  async tells(key: string): Promise<unknown> {
    const found = () => this.told.find((message) => key in message)
    const exit = this.#exited.then(async (status) => {
      // What it told last may be read after its exit is known.
      if (this.child.connected) await new Promise((resolve) => this.child.once('disconnect', resolve))
      if (!found()) throw new Error(`ended (${status}) without telling ${key}: ${this.stderr}`)
    })
    await Promise.race([until(() => found() !== undefined, `a process tells ${key}`, START_MS), exit])
    return found()?.[key]
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Stops it, and waits until it stands. */
  async stop(): Promise<void> {
    this.signal('SIGSTOP')
    if (process.platform !== 'linux') return
    await until(
      () => / T /.test(readFileSync(`/proc/${this.child.pid}/stat`, 'utf8')),
      'a process is stopped',
    )
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal)
    await this.exit()
  }

  /** Its status or signal, once it has ended. */
  async exit(): Promise<unknown> {
    const [status, signal] = await within(this.#exited, 'a process ends')
    return status ?? signal
  }
}

/** A peer in a process of its own, that has joined. */
export async function peerProcess(t: TestContext, options: PeerOptions): Promise<TestProcess> {
  const peer = new TestProcess(t, 'peer', JSON.stringify(options))
  await peer.tells('ready')
  return peer
}

/** A peer at a place, in a process of its own, that is ready. */
export async function partyProcess(t: TestContext, options: PartyOptions): Promise<TestProcess> {
  const party = new TestProcess(t, 'party', JSON.stringify(options))
  await party.tells('ready')
  return party
}
