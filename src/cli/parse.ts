/** argv to a command and its arguments: syntax only, nothing is done. */
import leven from 'leven'
import type { Options } from 'yargs-parser'
import read from 'yargs-parser/browser'
import { SwarmError } from '../errors.ts'
import { withArticle } from '../verbs/context.ts'
import { type Args, type Command, checkOperands } from './command.ts'
import { commands } from './commands.ts'
import { type Option, show } from './option.ts'
import { common } from './options.ts'

/** How yargs reads (its own reader, and that one without files: all of yargs is loaded for help alone): texts stay texts, nothing is guessed, and `--` ends the options. */
const READING = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'flatten-duplicate-arrays': true,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'populate--': true,
  'strip-aliased': true,
} as const

/**
 * @throws SwarmError OPTION_INVALID, with the verb that was meant
 */
export function findCommand(verb: string): Command {
  const command = commands.find((one) => one.verb === verb)
  if (command !== undefined) return command
  if (verb.startsWith('-')) {
    const option = nearest(verb.replace(/^-+/, ''), [common.help.flag, common.version.flag], '--')
    throw new SwarmError('OPTION_INVALID', `the verb comes first: lswarm VERB TOPIC ${verb}${option}`)
  }
  const meant = nearest(
    verb,
    commands.map((one) => one.verb),
  )
  throw new SwarmError('OPTION_INVALID', `unknown verb ${JSON.stringify(verb)}${meant}; see lswarm --help`)
}

/** @throws SwarmError OPTION_INVALID for what the command does not know, or does not take so */
export function parse(command: Command, argv: readonly string[]): Args {
  checkSwitches(command, argv)
  const parsed = new Map<string, unknown>(Object.entries(read([...argv], readingOf(command))))
  const values = new Map<string, readonly string[]>()
  for (const [key, value] of parsed) {
    if (key === '_' || key === '$0' || key === '--') continue
    const texts = readTexts(command, key, value)
    if (texts !== undefined) values.set(key, texts)
  }
  const after = texts(parsed.get('--'))
  const operands = [...texts(parsed.get('_')), ...(command.command ? [] : after)]
  const line =
    command.command && after[0] !== undefined ? { file: after[0], args: after.slice(1) } : undefined
  if (!values.has(common.help.flag) && !values.has(common.version.flag)) {
    checkOperands(command, operands, line !== undefined)
    // Node has put U+FFFD for bytes that are not UTF-8: topics of different bytes would be one.
    const broken = operands.find((operand) => operand.includes('\ufffd'))
    if (broken !== undefined) throw new SwarmError('OPTION_INVALID', `${show(broken)} is not UTF-8`)
    if (command.command === 'needed' && !line?.file) {
      throw new SwarmError(
        'OPTION_INVALID',
        `${command.verb} takes a command: lswarm ${command.verb} TOPIC -- COMMAND`,
      )
    }
  }
  return {
    operands,
    command: line,
    given: new Set(values.keys()),
    get: (option) => option.read(values.get(option.flag)),
  }
}

function readingOf({ options }: Command): Options {
  const flags = (isSwitch: boolean) =>
    options.filter(({ value }) => (value === undefined) === isSwitch).map(({ flag }) => flag)
  const alias = Object.fromEntries(
    options.flatMap(({ flag, short }) => (short === undefined ? [] : [[flag, [short]]])),
  )
  return { alias, boolean: flags(true), string: flags(false), configuration: READING }
}

/** yargs takes `--keep=x` for "not keep": a switch is given or not. */
function checkSwitches(command: Command, argv: readonly string[]): void {
  const end = argv.indexOf('--')
  for (const word of end < 0 ? argv : argv.slice(0, end)) {
    const [dashed = '', flag] = /^--?([^=]+)(?==)/.exec(word) ?? []
    const option = flag && command.options.find((one) => one.flag === flag || one.short === flag)
    if (option && option.value === undefined)
      throw new SwarmError('OPTION_INVALID', `${dashed} takes no value`)
  }
}

/** The texts given for one key, `undefined` for a switch that is off. */
function readTexts(command: Command, key: string, value: unknown): readonly string[] | undefined {
  const option = command.options.find((one) => one.flag === key)
  if (option === undefined) throw unknown(command, key)
  const dashed = `${option.flag.length === 1 ? '-' : '--'}${option.flag}`
  if (value === undefined || value === false) return undefined
  const given = Array.isArray(value) ? value : [value]
  if (given.length > 1 && !option.repeat) throw new SwarmError('OPTION_INVALID', `${dashed} is given twice`)
  if (option.value === undefined) return []
  const texts = given.map(String)
  if (texts.includes(''))
    throw new SwarmError('OPTION_INVALID', `${dashed} takes ${withArticle(option.value ?? '')}`)
  return texts
}

function unknown(command: Command, key: string): SwarmError {
  const dashed = key.length === 1 ? `-${key}` : `--${key}`
  const meant = nearest(
    key,
    command.options.map((option: Option<unknown>) => option.flag),
    '--',
  )
  return new SwarmError(
    'OPTION_INVALID',
    `${command.verb} has no option ${dashed}${meant}; see lswarm ${command.verb} --help`,
  )
}

/** `, did you mean …?`, when one of `known` is near enough. */
function nearest(typed: string, known: readonly string[], dashes = ''): string {
  const [best] = known
    .map((word) => ({ word, distance: leven(typed, word) }))
    .sort((a, b) => a.distance - b.distance)
  const near = best !== undefined && typed.length > 1 && best.distance <= (typed.length > 3 ? 2 : 1)
  return near ? `, did you mean ${dashes}${best.word}?` : ''
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
