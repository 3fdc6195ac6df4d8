/**
 * One transport of a topic: announces us there, looks who is there, and dials each address until
 * the dial has an outcome.
 */
import { abortable, destroyedError, pause, within } from '../abort.ts'
import { now } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { Slots } from '../slots.ts'
import { toTopic } from '../topic.ts'
import type { JoinOptions, Presence } from '../transport/transport.ts'

/**
 * How a dial turned out: `retry` is worth another try soon, `later` at the next look; an address
 * that is `rejected` is not dialled again.
 */
export type Outcome = 'linked' | 'retry' | 'later' | 'rejected'

export interface TransportSessionOptions {
  /** Tells it from the others of its topic, of which some may have the same name. */
  readonly key: string
  /** The transport's name. */
  readonly name: string
  /** The transport's distance. */
  readonly distance: number
  readonly join: (options: JoinOptions) => Promise<Presence>
  /** Ends everything. */
  readonly signal: AbortSignal
}

export interface TransportSessionHooks {
  /** A peer has connected to us. */
  readonly onConnection: (connection: Connection, on: TransportSession) => void
  /** Dials once. Never rejects. */
  readonly dial: (address: string, on: TransportSession) => Promise<Outcome>
  /** True for an address whose peer is linked already. */
  readonly isLinkedAt: (address: string, on: TransportSession) => boolean
  readonly onWarning: (message: string) => void
}

/** `flushed` waits no longer than this for peers that do not answer. */
const FLUSH_MS = 3_000
const RETRY_MS = 25
/** A peer that does not dial us is dialled after so many looks at the latest. */
const PATIENT_LOOKS = 5
/** 16 bytes in hex. */
const MARK_DIGITS = 32

export class TransportSession {
  readonly key: string
  readonly name: string
  readonly distance: number
  readonly #join: (options: JoinOptions) => Promise<Presence>
  readonly #signal: AbortSignal
  readonly #hooks: TransportSessionHooks
  #wanted = { server: false, client: false }
  #presence: Presence | undefined
  #isAnnounced = false
  #taking: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  /** Addresses that are being dialled or wait for their turn. */
  readonly #dialling = new Map<string, Promise<void>>()
  readonly #slots = new Slots(limits.dialsPending)
  /** Addresses that are not dialled again. An address is never reused. */
  readonly #rejected = new Set<string>()
  /** The addresses of the last look, each with the number of looks in a row that have seen it. */
  #looks: ReadonlyMap<string, number> = new Map()
  #hasLooked = false
  /** Peers that have connected to us, or that we have begun to dial, since the last look. */
  #arrivals = 0
  /** What the last look failed with, so that a failure that lasts is told once. */
  #failure = ''

  constructor({ key, name, distance, join, signal }: TransportSessionOptions, hooks: TransportSessionHooks) {
    this.key = key
    this.name = name
    this.distance = distance
    this.#join = join
    this.#signal = signal
    this.#hooks = hooks
  }

  get presence(): Presence | undefined {
    return this.#presence
  }

  /** Where others dial us here; `undefined` when we are not announced. */
  get address(): string | undefined {
    return this.#presence?.address
  }

  /** What peers that meet us on another transport know this address by. It tells nobody where we are. */
  get mark(): string | undefined {
    const { address } = this
    return address === undefined ? undefined : markOf(this.name, address)
  }

  /** Is to be announced or not, and to dial or not, from now on: `announced` and `refresh` take it up. */
  setRoles(server: boolean, client: boolean): void {
    this.#wanted = { server, client }
  }

  /** Resolves when we are announced, if that is wanted. When it rejects, each look tries again. */
  announced(): Promise<void> {
    this.#taking = this.#taking.catch(() => {}).then(() => this.#takeUp())
    return abortable(this.#signal, this.#taking)
  }

  /** Looks once, and resolves when everyone who was there is linked, has refused, or does not answer. */
  async refresh(): Promise<void> {
    // A look that began before this call may have missed what its caller knows of.
    await this.#looking?.catch(() => {})
    await this.#look(false)
    const settled = this.#presence?.settled?.()
    if (settled !== undefined) {
      await abortable(this.#signal, settled)
      await this.#look(false)
    }
    await within(this.#signal, FLUSH_MS, this.#idle())
    if (this.#signal.aborted) throw destroyedError()
  }

  isDialling(address: string | undefined): boolean {
    return address !== undefined && this.#dialling.has(address)
  }

  /** True while an address with one of these marks is being dialled. */
  isDiallingMarked(marks: readonly string[]): boolean {
    return marks.length > 0 && [...this.#dialling.keys()].some((at) => marks.includes(markOf(this.name, at)))
  }

  /** Is findable no longer; called once the signal has aborted. Links stay. */
  async destroy(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#taking.catch(() => {})
    await this.#presence?.destroy()
  }

  async #takeUp(): Promise<void> {
    const { server } = this.#wanted
    const before = this.#presence
    if (this.#signal.aborted || (before !== undefined && server === this.#isAnnounced)) return
    this.#presence = await this.#join({
      announce: server,
      signal: this.#signal,
      onconnection: (connection) => {
        this.#arrivals += 1
        this.#hooks.onConnection(connection, this)
      },
      onwarning: this.#hooks.onWarning,
      onfound: () => this.#lookNow(false),
    })
    this.#isAnnounced = server
    await before?.destroy()
  }

  #lookNow(isRescan: boolean): void {
    if (this.#signal.aborted) return
    this.#look(isRescan).then(
      () => {
        this.#failure = ''
      },
      (error: unknown) => {
        if (this.#signal.aborted || messageOf(error) === this.#failure) return
        this.#failure = messageOf(error)
        this.#hooks.onWarning(this.#failure)
      },
    )
  }

  #look(isRescan: boolean): Promise<void> {
    clearTimeout(this.#timer)
    this.#looking = this.#lookOnce(isRescan).finally(() => {
      this.#looking = undefined
      if (this.#signal.aborted) return
      const wait = limits.rescanMsMin + Math.random() * (limits.rescanMsMax - limits.rescanMsMin)
      this.#timer = setTimeout(() => this.#lookNow(true), wait).unref()
    })
    return this.#looking
  }

  async #lookOnce(isRescan: boolean): Promise<void> {
    await this.announced()
    const presence = this.#presence
    if (presence === undefined) return
    const addresses = await abortable(this.#signal, presence.lookup())
    if (!this.#wanted.client) return
    const before = this.#looks
    this.#looks = new Map(addresses.map((address) => [address, (before.get(address) ?? 0) + 1]))
    for (const address of this.#rejected) if (!this.#looks.has(address)) this.#rejected.delete(address)
    // Somebody who asks for a look asks for everybody.
    const leavesSome = this.#isAnnounced && (isRescan || !this.#hasLooked)
    const isCalm = this.#arrivals === 0 && this.#dialling.size === 0
    this.#arrivals = 0
    this.#hasLooked = true
    // The first peer is met before the others take the processors: one is dialled now, two in the
    // next turn of the event loop, then four.
    let free = 1
    let burst = 1
    for (const address of addresses) {
      if (this.#isSettled(address)) continue
      if (leavesSome && this.#dialsUs(presence, address, isRescan, isCalm)) continue
      if (free === 0) {
        await turn()
        if (this.#signal.aborted) return
        burst *= 2
        free = burst
      }
      free -= 1
      this.#dial(address)
    }
  }

  /**
   * A peer that has announced itself after us has seen us when it looked, and dials us: two hundred that start together
   * would else dial each other twice, and lose each other for want of time. One that was missed, or does not dial, is
   * dialled once nobody arrives any more, or after some looks.
   */
  #dialsUs(presence: Presence, address: string, isRescan: boolean, isCalm: boolean): boolean {
    const isLater = presence.isLater?.(address) ?? isRescan
    if (!isLater) return false
    const looks = this.#looks.get(address) ?? 0
    return !isRescan || looks < 2 || (!isCalm && looks < PATIENT_LOOKS)
  }

  #isSettled(address: string): boolean {
    return this.#dialling.has(address) || this.#rejected.has(address) || this.#hooks.isLinkedAt(address, this)
  }

  #dial(address: string): void {
    this.#arrivals += 1
    const dialled = this.#slots.run(() => this.#dialUntilSettled(address))
    this.#dialling.set(
      address,
      dialled.finally(() => this.#dialling.delete(address)),
    )
  }

  async #dialUntilSettled(address: string): Promise<void> {
    const deadline = now() + limits.helloMs
    while (!this.#signal.aborted) {
      const outcome = await this.#hooks.dial(address, this)
      if (outcome === 'rejected') this.#rejected.add(address)
      if (outcome !== 'retry' || now() > deadline) return
      await respite(this.#signal)
    }
  }

  /** Resolves when nobody is being dialled. */
  async #idle(): Promise<void> {
    while (this.#dialling.size > 0) await Promise.all(this.#dialling.values())
  }
}

function markOf(transport: string, address: string): string {
  return toTopic(`${transport}\0${address}`).hex.slice(0, MARK_DIGITS)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A moment between two tries. */
export function respite(signal: AbortSignal): Promise<void> {
  return pause(signal, RETRY_MS * (1 + Math.random() * 4))
}
