/** `recv` as it is typed. */
import { type Command, commonOf, meeting } from '../command.ts'
import { raw } from '../network.ts'
import * as option from '../options.ts'

export const recvCommand: Command = {
  verb: 'recv',
  summary: "one sender's bytes to stdout, to a file or to a command",
  operands: ['TOPIC'],
  command: 'allowed',
  options: [option.output, option.progress, option.keep, option.noWait, raw, ...meeting],
  examples: [
    ['lswarm recv backup | tar x', 'status 4 when the stream broke off'],
    ['lswarm recv image -o disk.img', 'the file appears when it is complete'],
    ['lswarm recv backup -- tar x', 'the command reads from the socket itself'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/recv.ts')).recv(context, {
      ...commonOf(args),
      output: args.get(option.output),
      command: args.command,
      keep: args.get(option.keep),
      noWait: args.get(option.noWait),
    }),
}
