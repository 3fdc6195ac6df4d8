/**
 * Adverts: who is where on the networks of this machine, told and asked by multicast DNS (RFC 6762,
 * names as in RFC 6763). Anybody there can say anything: what is heard is a hint where to dial, and no
 * more, so there is little of it and it costs little.
 */
import { networkInterfaces } from 'node:os'
import multicastDns from 'multicast-dns'
import { now } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import { limits } from '../../limits.ts'

/** Where somebody says to be. */
export interface Hint {
  /** How it calls itself, another for each topic. */
  readonly instance: string
  readonly host: string
  readonly port: number
}

/** One topic that is advertised or sought. */
export interface Advert {
  /** The label under which it is found. */
  readonly label: string
  /** Ours; `undefined` for who only seeks. */
  readonly own: { readonly instance: string; readonly port: number } | undefined
  readonly onhint: (hint: Hint) => void
}

export interface Publication {
  /** Tells and asks as often as at first: somebody was lost. */
  hurry(): void
  /** Says farewell. */
  end(): void
}

const SERVICE = '_lswarm._tcp.local'
/** An advert is believed for so long, … */
const TTL_S = 120
/** … asked for and said again after these waits; the last is kept. */
const REPEATS_MS = [0, 250, 1_000, 3_000, 5_000, 10_000, 10_000, 10_000, 30_000]
/** However many are lost: not more often than this. */
const HURRY_MS = 5_000
/** Interfaces come and go. */
const INTERFACES_MS = 2_000
const RATE_WINDOW_MS = 1_000

type Mdns = ReturnType<typeof multicastDns>
type Said = {
  readonly name: string
  readonly type: string
  readonly ttl?: number | undefined
  readonly data?: unknown
}

export class Adverts {
  readonly #adverts = new Set<Advert>()
  /** One for each address family of each interface. */
  readonly #speakers = new Map<string, Mdns>()
  /** Hints that each source gave in this window. */
  readonly #heard = new Map<string, number>()
  readonly #onwarning: (message: string) => void
  readonly #watch: NodeJS.Timeout
  #windowAt = 0
  #hasWarned = false

  constructor(onwarning: (message: string) => void) {
    this.#onwarning = onwarning
    this.#listen()
    this.#watch = setInterval(() => this.#listen(), INTERFACES_MS)
    this.#watch.unref()
  }

  /** Tells and asks, often at first, until it is ended. */
  publish(advert: Advert): Publication {
    this.#adverts.add(advert)
    let timer: NodeJS.Timeout | undefined
    const repeat = (times: number) => {
      clearTimeout(timer)
      timer = setTimeout(
        () => {
          this.#tell(advert)
          this.#ask(advert)
          repeat(times + 1)
        },
        REPEATS_MS[Math.min(times, REPEATS_MS.length - 1)],
      )
      timer.unref()
    }
    repeat(0)
    let hurriedAt = now()
    return {
      hurry: () => {
        if (now() - hurriedAt < HURRY_MS || !this.#adverts.has(advert)) return
        hurriedAt = now()
        repeat(1)
      },
      end: () => {
        clearTimeout(timer)
        this.#adverts.delete(advert)
        this.#tell(advert, 0)
      },
    }
  }

  async destroy(): Promise<void> {
    clearInterval(this.#watch)
    await Promise.all(
      [...this.#speakers.values()].map((mdns) => new Promise<void>((resolve) => mdns.destroy(resolve))),
    )
  }

  /** Speaks on every interface that there is now. */
  #listen(): void {
    const wanted = new Map(interfaces().map((options) => [options.interface, options]))
    for (const [address, mdns] of this.#speakers) {
      if (wanted.has(address)) continue
      this.#speakers.delete(address)
      mdns.destroy()
    }
    for (const [address, options] of wanted) {
      if (this.#speakers.has(address)) continue
      const mdns = multicastDns(options)
      this.#speakers.set(address, mdns)
      mdns.on('query', ({ questions = [] }) => this.#answer(questions))
      mdns.on('response', ({ answers = [], additionals = [] }, { address: from }) =>
        this.#hear([...answers, ...additionals], from),
      )
      mdns.on('error', (error: unknown) => this.#warn(`multicast DNS at ${address}: ${messageOf(error)}`))
      // A network that takes no multicast is told by nobody being found there.
      mdns.on('warning', () => {})
      for (const advert of this.#adverts) {
        this.#tell(advert)
        this.#ask(advert)
      }
    }
  }

  #warn(message: string): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#onwarning(message)
  }

  #ask({ label }: Advert): void {
    for (const mdns of this.#speakers.values()) mdns.query([{ name: serviceOf(label), type: 'PTR' }])
  }

  #tell({ label, own }: Advert, ttl = TTL_S): void {
    if (own === undefined) return
    const name = `${own.instance}.${SERVICE}`
    for (const mdns of this.#speakers.values()) {
      mdns.respond([
        { name: serviceOf(label), type: 'PTR', ttl, data: name },
        { name, type: 'SRV', ttl, data: { target: `${own.instance}.local`, port: own.port } },
      ])
    }
  }

  #answer(questions: readonly { readonly name: string; readonly type: string }[]): void {
    for (const advert of this.#adverts) {
      const isAsked = ({ name, type }: { readonly name: string; readonly type: string }) =>
        name === serviceOf(advert.label) && (type === 'PTR' || type === 'ANY')
      if (questions.some(isAsked)) this.#tell(advert)
    }
  }

  #hear(records: readonly Said[], from: string): void {
    for (const advert of this.#adverts) {
      for (const { name, type, ttl, data } of records) {
        if (type !== 'PTR' || ttl === 0 || name !== serviceOf(advert.label)) continue
        if (typeof data !== 'string' || !data.endsWith(`.${SERVICE}`)) continue
        const instance = data.slice(0, -SERVICE.length - 1)
        const port = portOf(records, data)
        if (instance === advert.own?.instance || port === undefined || !this.#admits(from)) continue
        advert.onhint({ instance, host: from, port })
      }
    }
  }

  /** False for a source that says too much. */
  #admits(from: string): boolean {
    if (now() - this.#windowAt > RATE_WINDOW_MS) {
      this.#windowAt = now()
      this.#heard.clear()
    }
    const count = (this.#heard.get(from) ?? 0) + 1
    this.#heard.set(from, count)
    return count <= limits.advertMessages
  }
}

function serviceOf(label: string): string {
  return `_${label}._sub.${SERVICE}`
}

/** The port of an instance; `undefined` where none is told that can be dialled. */
function portOf(records: readonly Said[], instance: string): number | undefined {
  const said = records.find(({ name, type }) => type === 'SRV' && name === instance)?.data
  if (typeof said !== 'object' || said === null || !('port' in said)) return undefined
  const { port } = said
  return typeof port === 'number' && port >= 1 && port <= 65_535 ? port : undefined
}

/** How to speak on each interface: by IPv4 where it has an address, by IPv6 where it is linked. */
function interfaces() {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const four = addresses.find(({ family }) => family === 'IPv4')
    const six = addresses.find(({ family, scopeid }) => family === 'IPv6' && scopeid !== 0)
    return [
      ...(four ? [{ type: 'udp4', interface: four.address, bind: '0.0.0.0' } as const] : []),
      ...(six
        ? [{ type: 'udp6', ip: `ff02::fb%${name}`, interface: `::%${name}`, bind: '::' } as const]
        : []),
    ]
  })
}
