/** `connect` as it is typed. */
import { type Command, commonOf, linesOf, meeting } from '../command.ts'
import { raw } from '../network.ts'
import { toggle } from '../option.ts'
import * as option from '../options.ts'

const own = {
  all: toggle({ flag: 'all', summary: 'to every handler there; their replies merged by whole lines' }),
} as const

export const connectCommand: Command = {
  verb: 'connect',
  summary: "stdin and stdout to one handler, ended with the handler's exit status",
  operands: ['TOPIC'],
  command: 'allowed',
  options: [option.to, ...Object.values(own), option.prefix, option.nul, option.noWait, raw, ...meeting],
  examples: [
    ['echo hello | lswarm connect upper', 'prints HELLO'],
    ['lswarm connect shell -- socat STDIO FILE:log,create', "the stream on a command's descriptors"],
  ],
  run: async (context, args) => {
    const peers = { ...commonOf(args), to: args.get(option.to), noWait: args.get(option.noWait) }
    if (!args.get(own.all))
      return (await import('../../verbs/connect.ts')).connect(context, { ...peers, command: args.command })
    return (await import('../../verbs/connect-all.ts')).connectAll(context, { ...peers, ...linesOf(args) })
  },
}
