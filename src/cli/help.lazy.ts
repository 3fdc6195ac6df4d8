/** The texts of `--help`, laid out by yargs. */
import yargs from 'yargs'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { descriptions } from './descriptions.ts'
import { describeRules } from './rule.ts'
import { ownRules } from './rules.ts'
import { statuses } from './status.ts'

const AFTER = { needed: ' -- COMMAND [ARG...]', allowed: ' [-- COMMAND [ARG...]]', none: '' }

/**
 * All of them: `''` is that of `lswarm --help`, a verb that of `lswarm VERB --help`, and `help VERB` that of the
 * manual, for where no page can be shown.
 */
export async function allHelp(): Promise<Record<string, string>> {
  const texts = [['', await programHelp()]]
  for (const command of commands) {
    texts.push([command.verb, await verbHelp(command, [])])
    texts.push([`help ${command.verb}`, await verbHelp(command, descriptions[command.verb] ?? [])])
  }
  return Object.fromEntries(texts)
}

async function programHelp(): Promise<string> {
  const base = reader().usage(
    'lswarm VERB TOPIC [options]\n\nnetcat for names: processes that say the same word meet,\nwith no port, no broker, no daemon and no configuration.',
  )
  for (const { verb, operands, summary } of commands) base.command([verb, ...operands].join(' '), summary)
  const codes = statuses.map(([status, meaning]) => `  ${String(status).padEnd(6)} ${meaning}`).join('\n')
  return `${await base
    .epilogue(`lswarm help VERB and lswarm VERB --help tell more.\n\nExit status:\n${codes}`)
    .getHelp()}\n`
}

async function verbHelp(command: Command, paragraphs: readonly string[]): Promise<string> {
  // yargs names the type of an option behind its summary, without a space or on the next line if it does not fit.
  const text = (await configure(command, paragraphs).getHelp()).replace(/\s*\[(boolean|string)\]$/gm, '')
  return `${text}\n`
}

function reader() {
  return yargs()
    .scriptName('lswarm')
    .exitProcess(false)
    .help(false)
    .version(false)
    .showHelpOnFail(false)
    .wrap(100)
}

function configure(command: Command, paragraphs: readonly string[]) {
  const usage = `lswarm ${[command.verb, ...command.operands].join(' ')} [options]${AFTER[command.command ?? 'none']}`
  const configured = reader().usage([usage, command.summary, ...paragraphs].join('\n\n'))
  for (const option of command.options) {
    const { flag, short, value, summary } = option
    configured.option(flag, {
      ...(short !== undefined && { alias: short }),
      type: value === undefined ? 'boolean' : 'string',
      describe: value === undefined ? summary : `${value}: ${summary}`,
    })
  }
  for (const [line, does] of command.examples) configured.example(line, does)
  const rules = describeRules(ownRules(command)).map(([condition, what]) => `  ${condition}: ${what}`)
  if (rules.length > 0) configured.epilogue(['Options together:', ...rules].join('\n'))
  return configured
}
