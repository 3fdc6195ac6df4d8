/** The texts of `--help`, laid out by yargs. */
import yargs from 'yargs'
import { type Command, commands } from './commands.ts'
import { statuses } from './status.ts'

const AFTER = { needed: ' -- COMMAND [ARG...]', allowed: ' [-- COMMAND [ARG...]]', none: '' }

/** All of them, by verb; that of the program under `''`. */
export async function allHelp(): Promise<Record<string, string>> {
  const texts = [['', await helpOf()]]
  for (const command of commands) texts.push([command.verb, await helpOf(command)])
  return Object.fromEntries(texts)
}

/** The text of `lswarm --help`, or of `lswarm VERB --help`. */
export async function helpOf(command?: Command): Promise<string> {
  // That a text is a text is no news.
  if (command !== undefined)
    return `${(await configure(command).getHelp()).replace(/ +\[(boolean|string)\]/g, '')}\n`
  const base = reader().usage(
    'lswarm VERB TOPIC [options]\n\nnetcat for names: processes that say the same word meet,\nwith no port, no broker, no daemon and no configuration.',
  )
  for (const { verb, operands, summary } of commands) base.command([verb, ...operands].join(' '), summary)
  const codes = statuses.map(([status, meaning]) => `  ${String(status).padEnd(6)} ${meaning}`).join('\n')
  return `${await base.epilogue(`lswarm VERB --help tells more.\n\nExit status:\n${codes}`).getHelp()}\n`
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

function configure(command: Command) {
  const configured = reader().usage(
    `lswarm ${[command.verb, ...command.operands].join(' ')} [options]${AFTER[command.command ?? 'none']}\n\n${command.summary}`,
  )
  for (const option of command.options) {
    const { flag, short, value, summary } = option
    configured.option(flag, {
      ...(short !== undefined && { alias: short }),
      type: value === undefined ? 'boolean' : 'string',
      describe: value === undefined ? summary : `${value}: ${summary}`,
    })
  }
  for (const [line, does] of command.examples) configured.example(line, does)
  return configured
}
