/** What the monitor sees, held still between two frames, and for as long as it is paused. */
import type { Monitor } from '../verbs/monitor.ts'
import type { Row } from '../verbs/watched.ts'

/** What a view needs of it. */
type Watching = Pick<Monitor, 'onchange' | 'rows' | 'say' | 'cut'>

export interface View {
  readonly rows: readonly Row[]
  /** When they were so. */
  readonly time: number
  /** Everyone who was there has been seen. */
  readonly isReady: boolean
}

const FRAME_MS = 100
/** Where nothing happens, a frame is drawn so often: each one costs a hundredth of a second. */
const IDLE_MS = 10_000

export class Store {
  readonly monitor: Watching
  readonly #listeners = new Set<() => void>()
  #view: View = { rows: [], time: Date.now(), isReady: false }
  #looks = ''
  #isPaused = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(monitor: Watching) {
    this.monitor = monitor
    monitor.onchange = () => {
      // Peers that come by the hundred are shown together.
      this.#timer ??= setTimeout(() => this.refresh(), FRAME_MS / 2)
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly view = (): View => this.#view

  /** Everyone who was there has been seen. */
  ready(): void {
    this.#view = { ...this.#view, isReady: true, time: 0 }
    this.refresh()
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.refresh()
  }

  /** Takes over what the monitor sees now. */
  refresh(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isPaused) return
    const [rows, time] = [this.monitor.rows(), Date.now()]
    const { isReady } = this.#view
    const looks = `${isReady} ${rows.map(looksOf).join('\n')}`
    if (looks === this.#looks && Math.abs(time - this.#view.time) < IDLE_MS) return
    this.#looks = looks
    this.#view = { rows, time, isReady }
    for (const listener of this.#listeners) listener()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.monitor.onchange = undefined
  }
}

/** What is worth a frame: all but the trembling of the round trip. */
function looksOf({ key, rates, roundTripMs = 0, ...row }: Row): string {
  const { bytesIn, bytesOut, linesIn, linesOut, queueBytes, dropped, rate } = row
  const late = Math.round(Math.log2(Math.max(8, roundTripMs)))
  const trend = rates.slice(-TREND_SEEN).some((one) => one > 0) ? rates.join() : ''
  return [key, bytesIn, bytesOut, linesIn, linesOut, queueBytes, dropped, rate === 0, late, trend].join()
}

/** As much of a trend as is ever on the screen. */
const TREND_SEEN = 60
