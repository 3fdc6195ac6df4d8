/**
 * Every error that the program can give, with its cause and what to do: the section DIAGNOSTICS of lswarm(1).
 *
 * A word in capitals stands for what is at hand. The scripts in `test/helpers/raised.ts` raise each of them, and
 * `test/diagnostics.test.ts` finds errors of the sources that are missing here.
 */
export interface Diagnostic {
  readonly message: string
  /** What the program ends with; `undefined` for a warning, after which it goes on. */
  readonly status: number | undefined
  /** The cause, and the remedy. */
  readonly why: string
}

const usage = (message: string, why: string): Diagnostic => ({ message, status: 2, why })
const failed = (message: string, why: string): Diagnostic => ({ message, status: 1, why })
const ends = (status: number, message: string, why: string): Diagnostic => ({ message, status, why })
const warning = (message: string, why: string): Diagnostic => ({ message, status: undefined, why })

export const diagnostics: readonly Diagnostic[] = [
  // What was typed.
  usage(
    'unknown verb TEXT; see lswarm --help',
    'No verb is called so. The nearest one is named, if there is one.',
  ),
  usage(
    'the verb comes first: lswarm VERB TOPIC OPTION',
    'An option stands before the verb: move it behind.',
  ),
  usage('VERB takes OPERAND', 'An operand is missing: see the synopsis of the verb.'),
  usage('VERB does not take TEXT', 'There is an operand too many; one with spaces needs quotes.'),
  usage(
    'VERB takes a command: lswarm VERB TOPIC -- COMMAND',
    'Give it one, after a space, two dashes and a space.',
  ),
  usage(
    'VERB has no option OPTION; see lswarm VERB --help',
    'Other verbs may have it. The nearest one is named.',
  ),
  usage('OPTION takes VALUE', 'The option’s value is missing.'),
  usage('OPTION: takes a RULE, not TEXT', 'The value is none that the option takes.'),
  usage(
    'OPTION is given twice',
    'The option takes one value: leave one out. The help of an option says if it may be repeated.',
  ),
  usage('OPTION takes no value', 'It is a switch: leave out what follows the equals sign.'),
  usage('TEXT is not UTF-8', 'Topics, names and options are text. Bytes are given as hex: and 64 digits.'),
  usage(
    'OPTION and OPTION exclude each other',
    'One of them would have no effect: leave it out. The manual page of the verb lists what goes together.',
  ),
  usage('OPTION and OPTION exclude each other: REASON', 'Leave one of them out.'),
  usage('OPTION goes with OPTIONS', 'It has no effect without the other one.'),
  usage(
    'OPTION goes with OPTIONS: REASON',
    'A value of this size can never be reached unless the other option allows it.',
  ),
  usage(
    '--digest: NAME answers calls (exec, listen) and confirms no digest; choose other receivers with --to, or leave out --digest',
    'A handler’s command confirms by its exit status, and does not tell which bytes it read.',
  ),
  usage(
    'OPTION: descriptor N is not open',
    'lswarm was not started with it. Open it in the shell: N<file or N< <(command) to read, N>file or N> >(command) to write.',
  ),
  usage(
    'OPTION: NAME is open for MODE only',
    '--key-fd reads from its descriptor, --ready-fd writes to it: open it that way.',
  ),
  usage('a topic is not empty', 'Give it at least one character.'),
  usage('hex: takes 64 hex digits, not TEXT', 'A topic of that form is exactly 32 bytes.'),
  usage('key: takes 52 z-base-32 digits, not TEXT', 'A topic of that form is exactly 32 bytes.'),
  // Keys.
  usage(
    'beyond this machine lswarm needs a topic key: TEXT',
    'Make one with lswarm key new and give it to all peers, or say --public for a topic that anybody may join.',
  ),
  usage('cannot read PATH: REASON', 'The file of a key or of ids cannot be opened.'),
  usage('PATH has mode MODE, others may read it: chmod 600 PATH', 'A secret is for its owner alone.'),
  usage('PATH is too long for a key', 'It is another file.'),
  usage('PATH: line N is one too many for a key', 'A file holds one key: remove the other lines.'),
  usage(
    'PATH: line N: a key REASON',
    'It is not whole: the character or word that is wrong is named where that can be known.',
  ),
  usage('PATH: a key REASON', 'The same of a file that is empty, and of words on several lines.'),
  usage(
    'a key REASON',
    'It is not whole: the character or word that is wrong is named where that can be known.',
  ),
  usage('no key was typed', 'The prompt was left with an end of file.'),
  usage(
    'a key among the arguments can be read by everyone on this machine: TEXT',
    'The key is spoilt: make a new one, and give it with --key-file, --key-fd or LSWARM_KEY.',
  ),
  usage('key takes new, word or id, not TEXT', 'These are what lswarm key makes.'),
  usage('key id takes a --seed-file', 'An id belongs to a seed.'),
  // Ways beyond this machine.
  usage(
    'OPTION: LSWARM_LOCAL_ONLY is set, so nothing leaves this machine',
    'Unset it, if that is meant to change.',
  ),
  usage('--tls-key, --tls-cert and --tls-ca go together', 'Both sides show a certificate.'),
  usage('tls: needs a key, a certificate and a CA: --tls-key, --tls-cert, --tls-ca', 'Name the three files.'),
  usage('cannot use PATH: REASON', 'The file is not what --tls-key, --tls-cert or --tls-ca takes.'),
  usage('a bootstrap node has an IPv4 address, not TEXT', 'The DHT speaks IPv4 only.'),
  usage('PLACE is HOST:PORT, not TEXT', 'IPv6 addresses stand in brackets.'),
  usage(
    'PLACE is HOST:PORT with a port from N to 65535, not TEXT',
    'Port 0 stands for any that is free where lswarm listens; nobody can be dialled at it.',
  ),
  usage('an endpoint is TEXT', 'These are the forms of what is listened at and connected with.'),
  usage(
    'OPTION: line N of PATH is no id of 64 hex digits',
    'lswarm key id prints an id; one stands on each line.',
  ),
  usage(
    'OPTION: PATH names no id',
    'An empty list would let everybody in: leave the option out, or mend the file.',
  ),
  usage('REASON: say for whom, with --allow ID, or use a topic key', 'A command is not run for everybody.'),
  usage(
    'exec --raw would run the command for anybody: say for whom, with --allow ID',
    'A command is not run for everybody.',
  ),
  usage('--raw takes OPERAND', 'A topic of Hyperswarm is 32 bytes.'),
  usage('--raw goes with --dht', 'That is where programs that use Hyperswarm are.'),
  usage('udp:// REASON', 'Datagrams carry signed messages only: pub connects, sub listens.'),
  usage('udp:// is for signed messages alone: pub and sub', 'Streams need tcp://, tls:// or unix:.'),
  usage('completion takes NAMES, not TEXT', 'There is a completion for these shells.'),
  usage(
    'a bridge leads somewhere: give --dht, --lan, --listen URL or --connect URL',
    'Without one of them there is nothing beyond this machine.',
  ),
  // Identities and messages.
  usage('id takes ACTIONS, not TEXT', 'These are what can be done with identities.'),
  usage('id ACTION takes OPERAND', 'An operand is missing.'),
  usage('id ACTION does not take TEXT', 'There is an operand too many.'),
  usage('a name is RULE, not TEXT', 'Names of identities are names of files.'),
  usage('a public key is key: and 52 z-base-32 digits, not TEXT', 'lswarm id show prints it.'),
  usage('this is no ed25519 key that signatures could be trusted of', 'Anybody could sign for it.'),
  usage('--from: TEXT is neither a key nor a known name', 'lswarm id list shows those that are known.'),
  usage('MESSAGE is not JSON: REASON', 'With --json each message is a JSON value.'),
  usage(
    'MESSAGE has N bytes; a message has at most N, lswarm send carries more',
    'A message goes through every peer; send is for one stream of any length.',
  ),
  failed('no config directory: neither XDG_CONFIG_HOME nor HOME is set', 'Set one of them.'),
  failed('no place to write to: neither OPTION nor HOME is set', 'Set one of them for --install.'),
  failed('no identity NAME; make it with: lswarm id new NAME', '--id names an identity of yours.'),
  failed(
    'there is an identity NAME already; it is left as it is',
    'Choose another name, or remove its file.',
  ),
  failed(
    'the identity NAME is damaged: not an ed25519 private key',
    'Its file holds something else: restore it.',
  ),
  failed('NAME is not known', 'lswarm id list shows those that are.'),
  failed('NAME is known with another key, KEY; TEXT', 'Look whose key it is before you forget the old one.'),
  failed(
    'NAME is an identity of your own; its file would be lost',
    'Remove the file yourself, if that is meant.',
  ),
  failed('PATH is a symbolic link, not a file', 'Secrets are not kept behind links.'),
  failed(
    'cannot ACTION PATH: REASON',
    'The config directory or a file in it cannot be used, for the reason named.',
  ),
  // The machine.
  failed(
    'PATH REASON (choose another with --dir or $LSWARM_DIR)',
    'The runtime directory has to be yours alone: mode 0700.',
  ),
  failed(
    'cannot make PATH: REASON (choose another with --dir or $LSWARM_DIR)',
    'Its parent has to be there, and writable.',
  ),
  failed(
    'cannot listen in PATH: REASON (choose another with --dir or $LSWARM_DIR)',
    'No socket can be made there.',
  ),
  failed(
    'PATH is a path of N bytes, limit N (choose a shorter one with --dir or $LSWARM_DIR)',
    'Only Linux has a way to a socket with a longer path.',
  ),
  failed(
    'cannot read PATH: REASON (choose another with --dir or $LSWARM_DIR)',
    'The topic’s directory cannot be read.',
  ),
  failed(
    'cannot listen at PLACE: REASON',
    'The address is not of this machine, or the port is taken or forbidden.',
  ),
  failed(
    'cannot listen at TCP port N: REASON',
    'The port is taken or forbidden: choose another with --port.',
  ),
  failed(
    'the network needs the package PACKAGE, which is not installed: npm install TEXT',
    'lswarm was installed without optional dependencies.',
  ),
  failed(
    'cannot load NAME, a native module that the network needs: REASON',
    'Node’s permission model forbids it unless Node is started with --allow-addons; or the module was built for another system: install lswarm again.',
  ),
  failed(
    'too many open files (raise the limit with ulimit -n)',
    'The program itself needs about 30 descriptors.',
  ),
  failed('cannot find PLACE: REASON', 'No address has this name.'),
  failed('N DATAGRAMS not sent: REASON', 'The network refused them: they are lost.'),
  failed(
    'cannot open PATH: REASON',
    'The file to send is not there or not to be read, or lswarm was not started with the descriptor.',
  ),
  failed('PATH is a directory', 'As input, tar(1) makes one stream of it; --output takes a file.'),
  failed('cannot read the input: REASON', 'Reading stdin or the file failed; receivers are told.'),
  failed('N LINES longer than N bytes not sent', 'join carries lines; send carries any bytes.'),
  failed('cannot write the output: REASON', 'The disk is full, or the reader failed; the sender is told.'),
  failed(
    'cannot write the output: REASON; the identity is made, and lswarm id show NAME prints its key',
    'id new has stored the identity, but could not print its public key.',
  ),
  failed('cannot write PATH: REASON', 'The file of --output cannot be made or written.'),
  warning(
    'PATH could only be written in place: it holds the first N bytes, and no more',
    'The stream broke off, and the file could not be replaced: its directory is closed to you, or it is mounted.',
  ),
  failed(
    '--ready-fd: cannot write to descriptor N: REASON',
    'Whoever waits for the line would wait forever: the descriptor has to be open for writing.',
  ),
  failed(
    'COMMAND: cannot be started (REASON)',
    'The system, or Node’s permission model, refused it after it was found.',
  ),
  failed('COMMAND ended with status N', 'What it got or gave is not confirmed.'),
  ends(126, 'COMMAND: cannot be run', 'The file is not executable.'),
  ends(127, 'COMMAND: command not found', 'It is in no directory of PATH.'),
  ends(124, 'gave up after N s (--timeout)', 'It took longer than --timeout says.'),
  // Others.
  ends(3, 'N PEERS of N there', 'With --no-wait nobody is waited for.'),
  ends(3, 'N PEERS there', 'With --no-wait nobody is waited for.'),
  ends(3, 'no sender is there', 'With --no-wait nobody is waited for.'),
  ends(3, 'no handler is there', 'With --no-wait nobody is waited for.'),
  ends(3, 'nobody is there', 'With --no-wait nobody is waited for.'),
  ends(4, 'the stream from NAME broke off after N bytes: REASON', 'What came is written; send it again.'),
  ends(
    4,
    'the stream from NAME broke off: REASON',
    'The command read from the socket itself, so the bytes were not counted. Send it again.',
  ),
  ends(
    4,
    'PATH was changed while it was sent',
    'Something wrote to the file after send had opened it, so the content may be a mixture. Send it again, or a copy of it.',
  ),
  ends(
    4,
    'PATH was cut short: it had N',
    'The file is shorter than it was when send opened it. Send it again.',
  ),
  ends(4, 'not confirmed by NAMES', 'Before it is told why. Others have it all.'),
  ends(
    4,
    'failed: RECORDS',
    'Each with its reason: the command ended with another status than 0, workers were lost, no worker can start commands, or there is no room for the reply in TMPDIR.',
  ),
  ends(4, 'N of KEY missing for good', 'With --strict: nobody who is there has these messages.'),
  ends(4, 'N CONNECTIONS cut: NAMES did not get all', 'With --raw: their connections were lost.'),
  ends(4, 'NAME did not get all that was sent', 'With --raw: its connection was lost.'),
  ends(4, 'incomplete: the connection with NAME was cut', 'With --raw: it was lost before its end.'),
  ends(4, 'cut by NAME', 'Somebody at a top has ended this peer.'),
  ends(
    5,
    'the stream from NAME is not what was sent: DIGEST',
    'The bytes were changed on their way: send it again.',
  ),
  ends(3, 'no handler could be asked', 'With --all: each one is busy or has left, and was named before.'),
  ends(255, 'the reply of NAME broke off', 'Its connection was lost before the end of the reply.'),
  ends(255, 'the connection to NAME was lost before its exit status', 'The handler’s peer was killed.'),
  ends(3, 'NAME is there', 'With --no-wait nobody is waited for: --gone tells that the peer has not left.'),
  ends(3, 'NAME is REASON', 'Its --max is reached and it lets nobody wait, or it is ending.'),
  // It goes on.
  warning('N LINES said to nobody', 'All peers had left before the end of stdin.'),
  warning('missed N LINES from NAME', 'We were slow, and its --slow drops what is too much.'),
  warning('NAME REASON: cut off', 'It was too slow for --slow cut, or took nothing for 30 s.'),
  warning('a line longer than N bytes is not sent; use lswarm send', 'It would hold up all others.'),
  warning('a line longer than N bytes from NAME is not shown', 'NAME sends no lines, or other ones: see -0.'),
  warning('NAME: REASON', 'One of several receivers or handlers has failed; the others go on.'),
  warning('cannot ask NAME: REASON', 'With --all: this handler is busy or has left; the others are asked.'),
  warning('no exit status from NAME', 'With --all: its command still ran when --timeout passed.'),
  warning('record N: REASON', 'Its worker was lost; the record is tried again.'),
  warning(
    'waiting for NAME to answer record N',
    'No reply was printed for 5 s. If the worker hangs, end or kill it: another one gets the record.',
  ),
  warning(
    'NAME is unable to start commands: REASON',
    'This worker gave its records back; they go to other workers. Free what it lacks, or restart it.',
  ),
  warning(
    'unable to start commands: REASON',
    'This worker gives its records back until it can start commands again. Free what it lacks.',
  ),
  failed(
    'cannot use sockets: REASON',
    'Node runs with --permission: start it with --allow-net too, or without --permission.',
  ),
  warning(
    'this Node cannot use WebAssembly, so it cannot draw the TEXT',
    'Node runs with --jitless, or ulimit -v leaves V8 too little address space. Everything else works.',
  ),
  warning('missed N of KEY', 'Nobody who is there has these messages.'),
  warning('NAME is not heard any more: REASON', 'It sent what no author had signed, and is cut off.'),
  warning('NAME is not spoken to any more: REASON', 'It sent what no author had signed, and is cut off.'),
  warning('listening at URL', 'Port 0 was asked for: this is the port that was free.'),
  warning(
    'KEY signed two messages with number N: TEXT',
    'Its key is used twice at a time, or its owner lies.',
  ),
  warning(
    'THE KEY OF NAME HAS CHANGED: TEXT',
    'Somebody may be using the name; lswarm id forget NAME, if it is right.',
  ),
  warning('N AUTHORS used a name known with another key', 'So many warnings are not shown one by one.'),
  warning(
    'PATH: line N is not NAME KEY and first or trusted; TEXT',
    'The file of known names is damaged: the line is skipped. Mend or remove it, or name it to lswarm id forget.',
  ),
  warning('names are not remembered: REASON', 'The config directory cannot be written.'),
  warning('a peer speaks REASON', 'It has another version of lswarm: install the same.'),
  warning('a peer refused: REASON', 'It has another version of lswarm: install the same.'),
  warning('cannot stand for NAME: REASON', 'The peers of one side do not meet this one through the bridge.'),
  warning(
    'too few file descriptors for all peers: raise the limit (ulimit -n)',
    'Some peers are not linked.',
  ),
  warning(
    'whoever on the local network guesses the word can join: TEXT',
    'A topic key keeps them out: --key-file, with what lswarm key new makes.',
  ),
  warning(
    'somebody is on the topic, and refuses us or cannot be reached: TEXT',
    'Its --allow or --deny shuts us out, no way leads to it, or it was killed a moment ago.',
  ),
  warning('no answer from the network yet: TEXT', 'There is no way to the network, or --bootstrap is wrong.'),
  warning('gave up URL: REASON', 'So many tries as --max-retries allows have failed.'),
  warning('N DATAGRAMS came too fast to be read', 'Datagrams that find no room are lost.'),
  warning('multicast DNS at ADDRESS: REASON', 'The network takes no multicast: name peers with --peer.'),
]
