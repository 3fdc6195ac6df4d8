/** `exec` as it is typed. */
import { type Command, commonOf, meetingWith } from '../command.ts'
import { raw } from '../network.ts'
import { time } from '../option.ts'
import * as option from '../options.ts'

const commandTimeout = time({
  flag: 'timeout',
  summary: 'end each command after this long: status 124 at the caller',
})

export const execCommand: Command = {
  verb: 'exec',
  summary: 'a command for each peer that connects, the stream on its descriptors 0 and 1',
  operands: ['TOPIC'],
  command: 'needed',
  ownTimeout: true,
  options: [option.queue, ...Object.values(option.exec), raw, ...meetingWith(commandTimeout)],
  examples: [
    [
      'lswarm exec --queue thumbs -- sh -c \'read f; convert "$f" "$f.png"\'',
      'a worker; start as many as you like',
    ],
    ['lswarm exec upper -- tr a-z A-Z', 'each lswarm connect upper gets a tr of its own'],
    ["lswarm exec --max 4 tests -- sh -c 'read name; npm test -- $name'", 'four at a time, the others wait'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/exec.ts')).exec(context, {
      ...commonOf(args),
      command: args.command ?? { file: '', args: [] },
      max: args.get(option.exec.max) ?? (args.get(option.queue) ? 1 : 40),
      queue: args.get(option.queue),
      maxPerPeer: args.get(option.exec.maxPerPeer),
      busy: args.get(option.exec.busy),
      pipes: args.get(option.exec.pipes),
      once: args.get(option.exec.once),
      killAfterMs: args.get(option.exec.killAfter),
      commandMs: args.get(commandTimeout),
    }),
}
