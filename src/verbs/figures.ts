/** Figures as people read them: short, and as wide as their column. */

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const

/** `0`, `999`, `1.2K`, `12K`, `3.4M`: at most 5 characters; a K is 1024. */
export function amount(count: number): string {
  let value = count
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const text = unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)
  return text + UNITS[unit]
}

/** `1.2K/s`; nothing is `0`. */
export function perSecond(rate: number): string {
  return rate < 0.5 ? '0' : `${amount(rate)}/s`
}

/** `0.3ms`, `12ms`, `1.5s`. */
export function shortly(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)}ms`
  if (ms < 999.5) return `${ms.toFixed(0)}ms`
  return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)}s`
}

/** `5s`, `3m12s`, `2h05m`, `4d06h`. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  if (s < 60) return `${s}s`
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`
  if (s < 86_400) return `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`
  return `${Math.floor(s / 86_400)}d${two(Math.floor((s % 86_400) / 3600))}h`
}

/** The time of day, and the day when it is not today's. */
export function clock(time: number, now: number): string {
  const [then, today] = [new Date(time), new Date(now)]
  const two = (n: number) => String(n).padStart(2, '0')
  if (then.toDateString() === today.toDateString()) return then.toTimeString().slice(0, 8)
  return `${two(then.getMonth() + 1)}-${two(then.getDate())}`
}
