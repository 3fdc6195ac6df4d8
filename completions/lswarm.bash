# bash completion for lswarm. Generated from the option table by "npm run generate".
_lswarm() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap limits --help --version' -- "$cur"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    [ "${COMP_WORDS[i]}" = -- ] || continue
    COMPREPLY=($(compgen -c -f -- "$cur"))
    return
  done
  case $prev in
    --slow) COMPREPLY=($(compgen -W 'wait drop cut' -- "$cur")); return ;;
    --digest) COMPREPLY=($(compgen -W 'sample crc32 blake2b' -- "$cur")); return ;;
    --progress) COMPREPLY=($(compgen -W 'auto bar json none' -- "$cur")); return ;;
    --busy) COMPREPLY=($(compgen -W 'wait refuse' -- "$cur")); return ;;
    --tls-key|--tls-cert|--tls-ca|--key-file|--seed-file|--dir|-o|--output) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    -n|--count|--to|--linger|--prefix|--name|--listen|--connect|--bootstrap|--peer|--port|--retry|--max-retries|--key-fd|--allow|--deny|--max-peers|--timeout|--ready-fd|--size|--drop-slow|--retries|--max|--max-per-peer|--kill-after|--id|--type|--from|--history|--gone|--interval|--host) return ;;
  esac
  case $cur in
    -*)
      case ${COMP_WORDS[1]} in
        join) COMPREPLY=($(compgen -W '-n --count --to -d --slow --linger --plain --time --bell --prefix -0 --null -k --keep --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        send) COMPREPLY=($(compgen -W '-n --count --to --digest --size --drop-slow --progress --queue --ordered --retries -0 --null --no-wait --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        recv) COMPREPLY=($(compgen -W '-o --output --progress -k --keep --no-wait --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        exec) COMPREPLY=($(compgen -W '--queue --max --max-per-peer --busy --pipes --once --kill-after --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        connect) COMPREPLY=($(compgen -W '--to --all --prefix -0 --null --no-wait --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        listen) COMPREPLY=($(compgen -W '-k --keep --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        pub) COMPREPLY=($(compgen -W '-n --count --id --type -0 --null --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        sub) COMPREPLY=($(compgen -W '-n --count --from --history --require-known --strict --type --prefix -0 --null --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        id) COMPREPLY=($(compgen -W '--json -q --quiet -v --verbose -h --help -V --version' -- "$cur")) ;;
        bridge) COMPREPLY=($(compgen -W '--progress --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        wait) COMPREPLY=($(compgen -W '-n --count --gone --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        peers) COMPREPLY=($(compgen -W '--name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        topics) COMPREPLY=($(compgen -W '--name --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        top) COMPREPLY=($(compgen -W '--interval --once --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        key) COMPREPLY=($(compgen -W '--seed-file --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        bootstrap) COMPREPLY=($(compgen -W '--host --port --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' -- "$cur")) ;;
        limits) COMPREPLY=($(compgen -W '--json -h --help -V --version' -- "$cur")) ;;
      esac
      ;;
    *) [ "${COMP_WORDS[1]}" != send ] || COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -F _lswarm lswarm
