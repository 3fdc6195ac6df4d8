/** Progress in words: how much, of how much, how fast, how long still, to whom. */
import { sanitize } from '../io/sanitize.ts'
import { plural } from '../verbs/context.ts'
import type { Progress } from '../verbs/progress.ts'

/** What was seen of a progress, and how fast it went. */
export interface Pace {
  readonly now: Progress
  readonly bytesPerSecond: number
  /** `undefined` when the size is not known, or nothing moves. */
  readonly secondsLeft: number | undefined
}

/** Bytes and time are looked at over the last few seconds, so that a pause shows, and a hiccup does not. */
const WINDOW_MS = 5_000

interface Sample {
  readonly atMs: number
  readonly bytes: number
}

/** Makes a pace from what is seen now and then. */
export class Pacer {
  #samples: Sample[] = []

  /** @param nowMs a clock that never jumps */
  pace(now: Progress, nowMs: number): Pace {
    const bytes = now.bytes ?? 0
    const last = this.#samples.at(-1)
    // A receiver that stays begins again with the next stream; the wait for a first byte is no slowness.
    if (last !== undefined && bytes < last.bytes) this.#samples = []
    else if (last?.bytes === 0) this.#samples = [last]
    this.#samples.push({ atMs: nowMs, bytes })
    // The oldest kept is at the edge of the window, or before it.
    while ((this.#samples[1]?.atMs ?? nowMs) < nowMs - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0] ?? { atMs: nowMs, bytes }
    const seconds = (nowMs - first.atMs) / 1_000
    const bytesPerSecond = seconds > 0 ? (bytes - first.bytes) / seconds : 0
    const left = now.size === undefined ? undefined : Math.max(0, now.size - bytes)
    const secondsLeft = left === undefined || bytesPerSecond === 0 ? undefined : left / bytesPerSecond
    return { now, bytesPerSecond, secondsLeft }
  }
}

/** One line for people. What matters most comes first: a narrow window cuts the end. */
export function progressLine(pace: Pace, peer: string, barCells = 0): string {
  const { now, bytesPerSecond, secondsLeft } = pace
  const { bytes, size, peers, laggard } = now
  const parts: string[] = []
  if (bytes === undefined) parts.push('a command has the stream itself')
  else if (size === undefined) parts.push(bytesText(bytes))
  else {
    const share = size === 0 ? 1 : Math.min(1, bytes / size)
    // Not 100 % before it is.
    const percent = share < 1 ? Math.min(99, Math.floor(share * 100)) : 100
    const filled = Math.round(share * barCells)
    if (barCells > 0) parts.push(`[${'#'.repeat(filled)}${'-'.repeat(barCells - filled)}]`)
    parts.push(`${percent}%`, `${bytesText(bytes)} of ${bytesText(size)}`)
  }
  if (bytes !== undefined && peers.length > 0) parts.push(`${bytesText(bytesPerSecond)}/s`)
  if (secondsLeft !== undefined && secondsLeft > 0) parts.push(`${timeText(secondsLeft)} left`)
  const [only = ''] = peers
  if (peers.length === 0 && !bytes) parts.push(`no ${peer} yet`)
  if (peers.length > 0) {
    const who = peers.length === 1 ? `${peer} ${sanitize(only)}` : plural(peers.length, peer)
    const slow = laggard === undefined ? '' : peers.length === 1 ? ', slow' : `, slow: ${sanitize(laggard)}`
    parts.push(who + slow)
  }
  return parts.join('  ')
}

/** The same for programs: the fields of an object of NDJSON. */
export function progressFields({ now, bytesPerSecond, secondsLeft }: Pace): object {
  const { bytes, size, peers, laggard } = now
  return {
    level: 'progress',
    ...(bytes !== undefined && { bytes }),
    ...(size !== undefined && { size }),
    bytesPerSecond: Math.round(bytesPerSecond),
    ...(secondsLeft !== undefined && { secondsLeft: Math.round(secondsLeft) }),
    peers,
    ...(laggard !== undefined && { laggard }),
  }
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `512 B`, `1.5 KiB`, `310 MiB`. */
export function bytesText(bytes: number): string {
  let unit = 0
  // 1023.5 would be written as 1024.
  for (; bytes >= 1023.5 && unit < UNITS.length - 1; unit++) bytes /= 1_024
  const digits = unit > 0 && bytes < 99.95 ? 1 : 0
  return `${bytes.toFixed(digits)} ${UNITS[unit]}`
}

/** `7 s`, `3:07 min`, `2:45 h`, `4 days`. */
export function timeText(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`
  if (whole < 172_800) return `${Math.floor(whole / 3_600)}:${two((whole % 3_600) / 60)} h`
  return `${Math.round(whole / 86_400)} days`
}
