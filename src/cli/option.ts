/** One option: its name, what it takes, what it is for, and how its text is read. */
import { messageOf, SwarmError } from '../errors.ts'

export interface Option<T> {
  /** The long name, without dashes. */
  readonly flag: string
  readonly short?: string
  /** What its value is called in help; absent for a switch. */
  readonly value?: string
  /** May be given more than once, with another value each time. A switch may anyway. */
  readonly repeat?: boolean
  /** May be given as an empty text. */
  readonly mayBeEmpty?: boolean
  readonly summary: string
  /** What completion offers: fixed words, or files. */
  readonly choices?: readonly string[]
  /**
   * @param typed `undefined` when the option was not given
   * @throws SwarmError OPTION_INVALID, naming the option as it was typed
   */
  read(typed: Typed | undefined): T
}

/** An option on the command line. */
export interface Typed {
  /** Its name with its dashes: `-n`, `--count`. */
  readonly dashed: string
  /** Its values, in order; none for a switch. */
  readonly texts: readonly string[]
}

/** What was given on the command line. */
export interface Given {
  /** The options that were typed, by their long names. */
  readonly typed: ReadonlyMap<string, Typed>
  get<T>(option: Option<T>): T
}

type About<T = unknown> = Omit<Option<T>, 'read'>

/** A switch: given or not. */
export function toggle(about: About<boolean>): Option<boolean> {
  return { ...about, read: (typed) => typed !== undefined }
}

/** A text, with a default, read by `parse`. */
export function valued<T, D>(
  about: About<T | D>,
  missing: () => D,
  parse: (text: string) => T,
): Option<T | D> {
  return {
    ...about,
    read: (typed) => {
      const text = typed?.texts[0]
      if (typed === undefined || text === undefined) return missing()
      try {
        return parse(text)
      } catch (error) {
        throw new SwarmError('OPTION_INVALID', `${typed.dashed}: ${messageOf(error)}`)
      }
    },
  }
}

/** A text without a default, read by `parse`. */
export function parsed<T>(about: About, parse: (text: string) => T): Option<T | undefined> {
  return valued(about, () => undefined, parse)
}

/** A text, as it is typed. */
export function text(about: About): Option<string | undefined> {
  return parsed(about, (typed) => typed)
}

/** A whole number from `min` on. */
export function number(about: About, min: number): Option<number | undefined> {
  return parsed({ value: 'N', ...about }, parseCount(min))
}

/** A time above zero, in milliseconds. */
export function time(about: About): Option<number | undefined> {
  return parsed({ value: 'DUR', ...about }, parseTimeout)
}

/** One of a few words, which are what completion offers. */
export function choice<const T extends string>(about: About, choices: readonly T[]): Option<T | undefined> {
  return parsed({ ...about, choices }, parseChoice(choices))
}

/** The same option with a default. */
export function withDefault<T, const D>(option: Option<T | undefined>, fallback: D): Option<T | D> {
  return { ...option, read: (typed) => option.read(typed) ?? fallback }
}

/** A text that may be given several times. */
export function repeated(about: About<readonly string[]>): Option<readonly string[]> {
  return { ...about, repeat: true, read: (typed) => typed?.texts ?? [] }
}

/** `500ms`, `10s`, `2m`, `1h`, `1.5s`; a bare number is seconds, as in ncat. Milliseconds, at most 24 days. */
export function parseDuration(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[parts?.[2] ?? 's'] ?? 1_000
  const ms = Number(parts?.[1]) * unit
  // Node's timers hold 31 bits.
  if (!parts || ms > 2_147_483_647)
    throw new Error(`takes a duration like 500ms, 10s or 2m, not ${show(text)}`)
  return Math.round(ms)
}

/** A duration that is not zero. */
export function parseTimeout(text: string): number {
  const ms = parseDuration(text)
  if (ms === 0) throw new Error(`takes a duration above zero, not ${show(text)}`)
  return ms
}

const SIZE_UNITS = ['', 'K', 'M', 'G', 'T', 'P']

/** `500`, `10K`, `1.5G`: bytes, by 1024; `10kB` by 1000. */
export function parseSize(text: string): number {
  const [, number, unit = '', thousand] = /^(\d{1,15}(?:\.\d{1,9})?)([KMGTP]?)(i?B?)$/i.exec(text) ?? []
  const base = /^B$/i.test(thousand ?? '') && unit !== '' ? 1_000 : 1_024
  const bytes = Math.round(Number(number) * base ** SIZE_UNITS.indexOf(unit.toUpperCase()))
  if (number === undefined || (thousand === 'i' && unit === '') || !Number.isSafeInteger(bytes))
    throw new Error(`takes a size like 500, 10K or 1.5G, not ${show(text)}`)
  return bytes
}

const COUNT_MAX = 999_999_999

/** A whole number from `min` to 999999999. */
export function parseCount(min: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (!/^\d+$/.test(text) || count < min || count > COUNT_MAX)
      throw new Error(`takes a whole number from ${min} to ${COUNT_MAX}, not ${show(text)}`)
    return count
  }
}

/** A port; 0 stands for any that is free. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`takes a port from 0 to 65535, not ${show(text)}`)
  return port
}

/** One of a few words. */
export function parseChoice<const T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((one) => one === text)
    if (choice === undefined) throw new Error(`takes ${choices.join(', ')}, not ${show(text)}`)
    return choice
  }
}

/** A dash, or two before a name that is longer than a letter. */
export function dashed(flag: string): `-${string}` {
  return flag.length === 1 ? `-${flag}` : `--${flag}`
}

export function show(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text
  // JSON leaves the separators of lines and paragraphs as they are.
  return JSON.stringify(short).replaceAll(/[\u2028\u2029]/g, (separator) =>
    separator === '\u2028' ? '\\u2028' : '\\u2029',
  )
}
