/**
 * A way: one transport of a gathering. It announces, looks, and dials each address that is there until
 * it is settled how we stand to it.
 */
import { now } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { Slots } from '../slots.ts'
import { toTopic } from '../topic.ts'
import type { JoinOptions, Presence } from '../transport/transport.ts'

/** How a dialled address turned out: `retry` is worth another try soon, `later` at the next look-up. */
export type Outcome = 'linked' | 'retry' | 'later' | 'never'

/** What a way is made of. */
export interface Passage {
  /** The transport's name. */
  readonly transport: string
  /** The transport's distance. */
  readonly distance: number
  readonly join: (options: JoinOptions) => Promise<Presence>
}

/** What a way needs of its gathering. */
export interface WayHost {
  /** Somebody connected to us. */
  accept(connection: Connection, way: Way): void
  /** Dials once, and tells once how that turned out. */
  meet(way: Way, presence: Presence, address: string, settled: (outcome: Outcome) => void): void
  /** True for an address of this way at which nobody new is to be met. */
  isLinkedAt(way: Way, address: string): boolean
  /** After each look, every few seconds. */
  looked(): void
  warn(message: string): void
}

/** `flushed` waits no longer than this for peers that do not answer. */
const FLUSH_MS = 3_000
const RETRY_MS = 25
/** 16 bytes in hex. */
const MARK_DIGITS = 32

export class Way {
  readonly transport: string
  readonly distance: number
  readonly #join: (options: JoinOptions) => Promise<Presence>
  readonly #host: WayHost
  #presence: Presence | undefined
  #announced = false
  #seeks = false
  #announcing: Promise<void> = Promise.resolve()
  #destroyed = false
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  /** Addresses that are being dialled, or wait for their turn, until it is settled how we stand to them. */
  readonly #dials = new Set<string>()
  readonly #slots = new Slots(limits.dialsPending)
  /** Called when nobody is dialled any more. */
  readonly #onidle: (() => void)[] = []
  /** Addresses that said no for good. Names are never reused. */
  readonly #never = new Set<string>()
  /** Those of the last look. */
  #known: readonly string[] = []

  constructor({ transport, distance, join }: Passage, host: WayHost) {
    this.transport = transport
    this.distance = distance
    this.#join = join
    this.#host = host
  }

  /** Where others dial us on this way. */
  get address(): string | undefined {
    return this.#presence?.address
  }

  get presence(): Presence | undefined {
    return this.#presence
  }

  /** What peers that meet us on another way know this one by; it tells nobody where we are. */
  get mark(): string | undefined {
    const { address } = this
    return address === undefined ? undefined : markOf(this.transport, address)
  }

  /** Resolves when the roles that were asked for last are taken up. */
  announced(): Promise<void> {
    return this.#announcing
  }

  /** Takes up roles, once more if they changed, and looks. */
  async begin(server: boolean, client: boolean): Promise<void> {
    this.#announcing = this.#announcing.catch(() => {}).then(() => this.#announce(server, client))
    await this.#announcing
    if (!this.#destroyed) await this.refresh()
  }

  async #announce(server: boolean, client: boolean): Promise<void> {
    if (this.#destroyed) return
    this.#seeks = client
    if (this.#presence === undefined || (server && !this.#announced)) {
      await this.#presence?.destroy()
      this.#announced = server
      this.#presence = await this.#join({
        announce: server,
        onconnection: (connection) => this.#host.accept(connection, this),
        onwarning: (message) => this.#host.warn(message),
        onfound: () => this.#lookAgain(),
      })
    }
    if (this.#destroyed) await this.#presence.destroy()
  }

  /** Looks once, and resolves when everyone who was there is linked, has refused, or does not answer. */
  async refresh(): Promise<void> {
    // A look that began before this call may have missed what its caller knows of.
    await this.#round?.catch(() => {})
    await this.#look()
    if (this.#presence?.settled !== undefined) {
      await this.#presence.settled()
      await this.#look()
    }
    await Promise.race([this.#idle(), patience(FLUSH_MS)])
  }

  /** True while this address is being dialled. */
  isDialling(address: string | undefined): boolean {
    return address !== undefined && this.#dials.has(address)
  }

  /** True while an address with one of these marks is being dialled. */
  isDiallingMarked(marks: readonly string[]): boolean {
    return marks.length > 0 && [...this.#dials].some((at) => marks.includes(markOf(this.transport, at)))
  }

  /** Stops announcing and looking. Connections stay. */
  async destroy(): Promise<void> {
    this.#destroyed = true
    clearTimeout(this.#timer)
    await this.#announcing.catch(() => {})
    await this.#presence?.destroy()
  }

  #lookAgain(isRescan = false): void {
    this.#look(isRescan).catch((error: unknown) => this.#host.warn(messageOf(error)))
  }

  #look(isRescan = false): Promise<void> {
    clearTimeout(this.#timer)
    this.#round = this.#lookOnce(isRescan).finally(() => {
      this.#round = undefined
      if (this.#destroyed) return
      this.#host.looked()
      const wait = limits.rescanMsMin + Math.random() * (limits.rescanMsMax - limits.rescanMsMin)
      this.#timer = setTimeout(() => this.#lookAgain(true), wait)
      this.#timer.unref()
    })
    return this.#round
  }

  /**
   * A re-scan leaves newcomers alone who can dial us, and do: they published before they looked. Dialled at once by all who
   * are there, two hundred that start together would have twice the work, and so little time that they dial again (measured:
   * 28 s instead of 55). Who is there at the next re-scan too was missed, or does not dial.
   */
  async #lookOnce(isRescan: boolean): Promise<void> {
    const presence = this.#presence
    if (presence === undefined) return
    const addresses = await presence.lookup()
    if (!this.#seeks) return
    const before = this.#known
    this.#known = addresses
    // Made for the first who is not settled: mostly there is none.
    let known: ReadonlySet<string> | undefined
    // The first peer is met before the others take the processors: one is dialled now, two in the next turn, then four.
    let free = 1
    let burst = 1
    for (const address of addresses) {
      if (this.#host.isLinkedAt(this, address) || this.#dials.has(address) || this.#never.has(address))
        continue
      if (isRescan && this.#announced) {
        known ??= new Set(before)
        if (!known.has(address)) continue
      }
      if (free === 0) {
        await turn()
        if (this.#destroyed) return
        burst *= 2
        free = burst
      }
      free -= 1
      this.#dials.add(address)
      this.#slots.begin((done) => {
        this.#dial(presence, address, now() + limits.helloMs, () => {
          this.#settled(address)
          done()
        })
      })
    }
    if (this.#never.size === 0) return
    const there = new Set(addresses)
    for (const address of this.#never) if (!there.has(address)) this.#never.delete(address)
  }

  /** Dials an address until it is settled how we stand to it. */
  #dial(presence: Presence, address: string, deadline: number, settled: () => void): void {
    if (this.#destroyed) return settled()
    this.#host.meet(this, presence, address, (outcome) => {
      if (outcome === 'never') this.#never.add(address)
      if (outcome !== 'retry' || now() > deadline) settled()
      else void respite().then(() => this.#dial(presence, address, deadline, settled))
    })
  }

  #settled(address: string): void {
    this.#dials.delete(address)
    if (this.#dials.size === 0) for (const act of this.#onidle.splice(0)) act()
  }

  /** Resolves when nobody is dialled. */
  #idle(): Promise<void> {
    if (this.#dials.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onidle.push(resolve))
  }
}

function markOf(transport: string, address: string): string {
  return toTopic(`${transport}\0${address}`).hex.slice(0, MARK_DIGITS)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}

/** A moment between two tries. It keeps the program alive: nothing else may do so while we are told to wait. */
export function respite(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS * (1 + Math.random() * 4)))
}
