/** Scripts that raise each diagnostic, by its message. The status of a script is that of the program that it runs. */
export type Scripts = Readonly<Record<string, string>>

/** Errors: each ends the program with the status of its script. */
export const errors: Scripts = {
  'unknown verb TEXT; see lswarm --help': 'lswarm sned t',
  'the verb comes first: lswarm VERB TOPIC OPTION': 'lswarm --quiet join t',
  'VERB takes OPERAND': 'lswarm join',
  'VERB does not take TEXT': 'lswarm join t x',
  'VERB takes a command: lswarm VERB TOPIC -- COMMAND': 'lswarm exec t',
  'VERB has no option OPTION; see lswarm VERB --help': 'lswarm join t --cuont 3',
  'OPTION takes VALUE': 'lswarm join t --count',
  'OPTION: takes a RULE, not TEXT': 'lswarm join t --count x',
  'OPTION is given twice': 'lswarm join t --count 1 --count 2',
  'OPTION takes no value': 'lswarm join t --keep=yes',
  'TEXT is not UTF-8': "lswarm join $'\\xff'",
  '--digest: NAME answers calls (exec, listen) and confirms no digest; choose other receivers with --to, or leave out --digest':
    'lswarm exec t --ready -- cat 2>one & met one; lswarm send t --digest crc32',
  'OPTION: descriptor N is not open': 'lswarm recv t --ready-fd 9',
  'OPTION: NAME is open for MODE only': 'lswarm recv t --ready-fd 7 7</dev/null',
  'a topic is not empty': 'lswarm join ""',
  'hex: takes 64 hex digits, not TEXT': 'lswarm join hex:12',
  'key: takes 52 z-base-32 digits, not TEXT': 'lswarm join key:12',
  'beyond this machine lswarm needs a topic key: TEXT': 'lswarm recv t --dht',
  'cannot read PATH: REASON': 'lswarm recv t --dht --key-file missing',
  'PATH has mode MODE, others may read it: chmod 600 PATH':
    'key; chmod 644 key; lswarm recv t --dht --key-file key',
  'PATH is too long for a key':
    'key; head -c 9000 /dev/zero | tr "\\0" a >key; lswarm recv t --dht --key-file key',
  'PATH: line N is one too many for a key': 'key; lswarm key new >>key; lswarm recv t --dht --key-file key',
  'PATH: a key REASON': 'key; : >key; lswarm recv t --dht --key-file key',
  'a key REASON': 'LSWARM_KEY=lskey1 lswarm recv t --dht',
  'PATH: line N: a key REASON':
    'key; tr 8 9 <key | tr 1 2 >other; chmod 600 other; lswarm recv t --dht --key-file other',
  'a key among the arguments can be read by everyone on this machine: TEXT':
    'lswarm recv "$(lswarm key new)"',
  'key takes new, word or id, not TEXT': 'lswarm key old',
  'key id takes a --seed-file': 'lswarm key id',
  'OPTION: LSWARM_LOCAL_ONLY is set, so nothing leaves this machine':
    'LSWARM_LOCAL_ONLY=1 lswarm recv t --dht --public',
  'OPTION and OPTION exclude each other': 'lswarm join t --quiet --verbose',
  'OPTION and OPTION exclude each other: REASON': 'lswarm send t --queue --digest crc32',
  'OPTION goes with OPTIONS: REASON': 'lswarm wait t -n 1001',
  'OPTION goes with OPTIONS': 'lswarm recv t --bootstrap 127.0.0.1:1',
  '--tls-key, --tls-cert and --tls-ca go together':
    'lswarm recv t --public --tls-key k --listen tls://127.0.0.1:1',
  'tls: needs a key, a certificate and a CA: --tls-key, --tls-cert, --tls-ca':
    'lswarm recv t --public --listen tls://127.0.0.1:1',
  'cannot use PATH: REASON':
    'echo x >x; lswarm recv t --listen tls://127.0.0.1:1 --tls-key x --tls-cert x --tls-ca x',
  'OPTION: PATH names no id': 'key; : >ids; lswarm recv t --dht --key-file key --allow ids',
  'a bootstrap node has an IPv4 address, not TEXT': "lswarm recv t --dht --public --bootstrap '[::1]:9'",
  'PLACE is HOST:PORT, not TEXT': 'lswarm recv t --dht --public --bootstrap nowhere',
  'PLACE is HOST:PORT with a port from N to 65535, not TEXT': 'lswarm recv t --public --listen tcp://x:65536',
  'an endpoint is TEXT': 'lswarm recv t --public --listen http://x',
  'OPTION: line N of PATH is no id of 64 hex digits': 'echo x >ids; lswarm recv t --dht --public --allow ids',
  'REASON: say for whom, with --allow ID, or use a topic key': 'lswarm exec t --dht --public -- cat',
  'a bridge leads somewhere: give --dht, --lan, --listen URL or --connect URL': 'lswarm bridge t',
  '--raw takes OPERAND': 'lswarm send t --raw --dht',
  '--raw goes with --dht': `lswarm send hex:${'0'.repeat(64)} --raw`,
  'exec --raw would run the command for anybody: say for whom, with --allow ID': `lswarm exec hex:${'0'.repeat(64)} --raw --dht -- cat`,
  'udp:// REASON': 'lswarm pub t x --public --listen udp://127.0.0.1:1',
  'udp:// is for signed messages alone: pub and sub': 'lswarm recv t --public --listen udp://127.0.0.1:1',
  'completion takes NAMES, not TEXT': 'lswarm completion tcsh',
  'no place to write to: neither OPTION nor HOME is set':
    'env -u XDG_CONFIG_HOME -u HOME lswarm completion fish --install',
  'N DATAGRAMS not sent: REASON':
    'unshare --map-root-user --net lswarm pub t x --public --connect udp://10.9.9.9:9 --timeout 10s',
  'cannot find PLACE: REASON': 'lswarm pub t x --public --connect udp://nowhere.invalid:1',
  'NAME is there': 'lswarm recv t --name bob --ready 2>bob & met bob; lswarm wait t --gone bob --no-wait',
  'id takes ACTIONS, not TEXT': 'lswarm id steal',
  'id ACTION takes OPERAND': 'lswarm id new',
  'id ACTION does not take TEXT': 'lswarm id new a b',
  'a name is RULE, not TEXT': 'lswarm id new "a b"',
  'a public key is key: and 52 z-base-32 digits, not TEXT': 'lswarm id trust a b',
  'this is no ed25519 key that signatures could be trusted of': `lswarm id trust a key:${'y'.repeat(52)}`,
  '--from: TEXT is neither a key nor a known name': 'lswarm sub t --from nobody',
  'MESSAGE is not JSON: REASON':
    'lswarm pub t --json { 2>&1 | sed "s/.*message\\":\\"/lswarm: /" >&2; exit 2',
  'MESSAGE has N bytes; a message has at most N, lswarm send carries more':
    'lswarm pub t "$(head -c 70000 /dev/zero | tr "\\0" a)"',
  'no config directory: neither XDG_CONFIG_HOME nor HOME is set': 'HOME= lswarm id list',
  'no identity NAME; make it with: lswarm id new NAME': 'lswarm pub t hi --id nobody',
  'there is an identity NAME already; it is left as it is': 'lswarm id new me; lswarm id new me',
  'the identity NAME is damaged: not an ed25519 private key':
    'lswarm id new me; echo x >"$(find "$HOME" -type f -name "me*" | head -n 1)"; lswarm pub t hi --id me',
  'NAME is not known': 'lswarm id forget nobody',
  'NAME is known with another key, KEY; TEXT':
    'lswarm id new me; lswarm id new you; lswarm id trust her "$(lswarm id show me)"; lswarm id trust her "$(lswarm id show you)"',
  'NAME is an identity of your own; its file would be lost': 'lswarm id new me; lswarm id forget me',
  'PATH is a symbolic link, not a file':
    'lswarm id new me; f=$(find "$HOME" -type f -name "me*" | head -n 1); mv "$f" away; ln -s "$PWD/away" "$f"; lswarm pub t hi --id me',
  'cannot ACTION PATH: REASON': 'mkdir full; touch full/x; HOME=$PWD/full/x lswarm id new me',
  'PATH REASON (choose another with --dir or $LSWARM_DIR)': 'mkdir -m 755 open; lswarm recv t --dir open',
  'cannot make PATH: REASON (choose another with --dir or $LSWARM_DIR)': 'lswarm recv t --dir missing/below',
  'cannot listen at PLACE: REASON': 'lswarm recv t --public --listen tcp://203.0.113.1:9',
  'cannot listen at TCP port N: REASON':
    'key; node -e "const s = require(\\"net\\").createServer().listen(0, () => console.log(\\"ready\\", s.address().port))" >port & met port; lswarm recv t --lan --key-file key --port "$(cut -d " " -f 2 port)"',
  'cannot open PATH: REASON': 'lswarm send t missing',
  'PATH is a directory': 'lswarm send t .',
  'N LINES longer than N bytes not sent':
    'lswarm join t -d --ready 2>alice & met alice; head -c 1100000 /dev/zero | tr "\\0" a | lswarm join t',
  'cannot write the output: REASON': 'lswarm limits >/dev/full',
  'cannot write the output: REASON; the identity is made, and lswarm id show NAME prints its key':
    'lswarm id new a >/dev/full',
  '--ready-fd: cannot write to descriptor N: REASON': 'lswarm join t -d --ready-fd 3 3>/dev/full',
  'cannot write PATH: REASON': 'lswarm recv t -o missing/file',
  'COMMAND ended with status N': 'lswarm recv t 2>/dev/null >&2 & lswarm send t -- false',
  'COMMAND: cannot be run': 'touch file; lswarm exec t -- ./file',
  'COMMAND: command not found': 'lswarm exec t -- no-such-command',
  'gave up after N s (--timeout)': 'lswarm recv t --timeout 100ms',
  'N PEERS of N there': 'lswarm send t --no-wait',
  'N PEERS there': 'lswarm wait t --no-wait',
  'no sender is there': 'lswarm recv t --no-wait',
  'no handler is there': 'lswarm connect t --no-wait',
  'nobody is there': 'lswarm sub t --no-wait',
  'the stream from NAME broke off after N bytes: REASON':
    'head -c 100000 /dev/zero | snake cut t 2>snake & met snake; lswarm recv t',
  'the stream from NAME broke off: REASON': 'lswarm send t -- sh -c "exit 3" 2>one & lswarm recv t -- cat',
  'PATH was changed while it was sent':
    'echo x >file; lswarm send t file --ready 2>one & sent=$!; met one; echo y >>file; lswarm recv t >two 2>&1; wait $sent; status=$?; cat one >&2; exit $status',
  'PATH was cut short: it had N':
    'echo x >file; lswarm send t file --ready 2>one & sent=$!; met one; : >file; lswarm recv t >two 2>&1; wait $sent; status=$?; cat one >&2; exit $status',
  'not confirmed by NAMES':
    'lswarm recv t --ready 2>one | head -c 1 & met one; head -c 50000000 /dev/zero | lswarm send t',
  'failed: RECORDS':
    'lswarm exec t --queue --ready -- false 2>worker & met worker; echo x | lswarm send t --queue',
  'N of KEY missing for good': 'snake gap t 2>snake & met snake; lswarm sub t --strict',
  'the stream from NAME is not what was sent: DIGEST':
    'head -c 100000 /dev/zero | snake lie t 2>snake & met snake; lswarm recv t',
  'the connection to NAME was lost before its exit status':
    'lswarm exec t --ready -- sh -c "kill -9 \\$PPID" 2>server & met server; lswarm connect t',
  'NAME is REASON':
    'lswarm exec t --max 1 --busy refuse --ready -- cat 2>server & met server; { echo ready; exec sleep 60; } | lswarm connect t >first & met first; lswarm connect t',
  'no handler could be asked':
    'lswarm exec t --max 1 --busy refuse --ready -- cat 2>server & met server; { echo ready; exec sleep 60; } | lswarm connect t >first & met first; lswarm connect --all t </dev/null',
  'no key was typed': "asked $'\\4'",
  'cannot listen in PATH: REASON (choose another with --dir or $LSWARM_DIR)':
    'touch "$LSWARM_DIR/$(topic)"; lswarm recv t',
  'PATH is a path of N bytes, limit N (choose a shorter one with --dir or $LSWARM_DIR)':
    // As on macOS.
    `echo 'Object.defineProperty(process, "platform", { value: "darwin" })' >mac.cjs
    NODE_OPTIONS="--require $PWD/mac.cjs" lswarm recv t --dir "$PWD/$(printf '%0100d' 0)"`,
  'cannot read PATH: REASON (choose another with --dir or $LSWARM_DIR)':
    'ln -s "$(topic)" "$LSWARM_DIR/$(topic)"; lswarm peers t',
  'cannot read the input: REASON': 'lswarm recv t --ready 2>one & met one; lswarm send t /proc/self/mem',
}

/** Warnings, after which the program goes on; those of `pub` and `sub` are `messages`. */
export const warnings: Scripts = {
  'listening at URL': 'lswarm recv t --public --listen tcp://127.0.0.1:0 --timeout 2s; [ $? = 124 ] && exit',
  'PATH: line N is not NAME KEY and first or trusted; TEXT':
    'lswarm id new me; lswarm id trust her "$(lswarm id show me)"; f=$(find "$HOME" -name known); echo nonsense >>"$f"; lswarm id list; exit',
  'a line longer than N bytes from NAME is not shown':
    'lswarm join t -d --ready 2>one & met one; head -c 1100000 /dev/zero | tr "\\0" a | lswarm send t; kill %1; wait %1; cat one >&2',
  'cannot ask NAME: REASON':
    'lswarm exec t --max 1 --busy refuse --ready -- cat 2>server & met server; { echo ready; exec sleep 60; } | lswarm connect t >first & met first; lswarm connect --all t </dev/null; exit',
  'no exit status from NAME':
    'lswarm exec t --ready -- sleep 60 2>server & met server; lswarm connect --all t --timeout 1s </dev/null; exit',
  'N LINES said to nobody':
    'lswarm join t -d --timeout 1s --ready 2>one & met one; mkfifo in; lswarm join t <in & exec 3>in; wait %1; echo x >&3; exec 3>&-; wait %2; exit',
  'a peer speaks REASON': 'snake future t 2>snake & met snake; lswarm join t --timeout 1s; exit',
  'a peer refused: REASON': 'snake older t 2>snake & met snake; lswarm join t --timeout 1s; exit',
  'whoever on the local network guesses the word can join: TEXT':
    'lswarm recv t --lan --timeout 2s; [ $? = 124 ] && exit',
  'NAME: REASON':
    'lswarm recv t --ready 2>one >/dev/full & met one; lswarm recv t --ready 2>two >/dev/null & met two; head -c 50000000 /dev/zero | lswarm send t -n 2; exit',
  'record N: REASON':
    'lswarm exec t --queue --ready -- sh -c "kill -9 \\$(cat pid)" 2>worker & echo $! >pid; met worker; echo x | lswarm send t --queue --retries 0; exit',
  'NAME is unable to start commands: REASON':
    'cp "$(type -P cat)" gone; lswarm exec t --queue --ready -- ./gone 2>worker & met worker; rm gone; echo x | lswarm send t --queue; exit',
  'unable to start commands: REASON':
    'cp "$(type -P cat)" gone; lswarm exec t --queue --ready -- ./gone 2>worker & met worker; rm gone; echo x | lswarm send t --queue; cat worker >&2; exit',
  'multicast DNS at ADDRESS: REASON':
    'key; unshare --map-root-user --net bash -c "ip link set lo up; ip link add a type veth peer name b; ip addr add 10.9.9.1/24 dev a; ip link set a up; ip link set b up; python3 -c \\"import socket,time; s=socket.socket(2,2); s.bind((\\\\\\"0.0.0.0\\\\\\",5353)); print(\\\\\\"ready\\\\\\",flush=True); time.sleep(30)\\" >held & until grep -q ready held; do sleep 0.02; done; lswarm recv t --lan --key-file key --timeout 2s; kill %1"; exit',
}

/** Warnings of `pub` and `sub`. */
export const messages: Scripts = {
  'missed N of KEY': 'snake gap t 2>snake & met snake; lswarm sub t -n 2',
  'NAME is not heard any more: REASON': 'snake forge t 2>snake & met snake; lswarm sub t --timeout 1s; exit',
  'NAME is not spoken to any more: REASON':
    'snake forge t 2>snake & met snake; echo hi | lswarm pub t -n 2 --timeout 1s; exit',
  'KEY signed two messages with number N: TEXT':
    'snake twice t 2>snake & met snake; lswarm sub t --timeout 1s; exit',
  'THE KEY OF NAME HAS CHANGED: TEXT': 'snake crowd t 2>snake & met snake; lswarm sub t --timeout 2s; exit',
  'N AUTHORS used a name known with another key':
    'snake crowd t 2>snake & met snake; lswarm sub t -n 66; exit',
  'names are not remembered: REASON':
    'snake crowd t 2>snake & met snake; XDG_CONFIG_HOME=/proc lswarm sub t -n 1; exit',
}
