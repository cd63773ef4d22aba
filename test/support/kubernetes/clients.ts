/** Applications of one container that say the secret KEY whenever it is another one, by each way. */

const held = (options: string, url: string): string => `
  etag=none
  while :; do
    answer=$(curl -s -m 80 -w ' %header{etag}' ${options} -H "If-None-Match: $etag" -H 'Prefer: wait=60' ${url}/v1/secrets/KEY) || sleep 0.2
    etag="\${answer##* }"
    [ -z "\${answer% *}" ] || say "\${answer% *}"
  done`;

/** Each asks for the secret as an application of its way would, and says the answer. */
export const SAYING = {
  http: held('-H "Authorization: Bearer $(cat $CLEF_AGENT_TOKEN_FILE)"', "http://127.0.0.1:7779"),
  socket: held("--unix-socket $CLEF_AGENT_SOCKET", "http://localhost"),
  files: `
  while :; do
    value=$(cat /run/clef-secrets/KEY)
    [ "$value" = "$last" ] || say "$value"
    last=$value
    sleep 0.05
  done`,
  exec: `say "$KEY"; exec sleep infinity`,
} as const;

/**
 * Asks over HTTP again and again and says each change of "EXIT-CODE-OF-CURL ANSWER"; at SIGTERM goes on for
 * 20 more answers, says how many of all requests were broken, or reset before a byte of an answer came, and ends.
 */
export const ASKING = `
  trap 'ending=1' TERM
  n=0 broken=0 reset=0
  while [ -z "$ending" ] || [ $n -lt 20 ]; do
    answer=$(curl -s -m 5 -w ' %{size_header}' -H "Authorization: Bearer $(cat $CLEF_AGENT_TOKEN_FILE)" http://127.0.0.1:7779/v1/secrets/KEY)
    code=$? head="\${answer##* }" answer="\${answer% *}"
    [ -z "$ending" ] || n=$((n+1))
    # Refused (7) is no request that was accepted; anything else that is not an answer is one that was lost.
    if [ $code = 56 ] && [ "$head" = 0 ]; then reset=$((reset+1))
    elif [ $code != 0 ] && [ $code != 7 ]; then broken=$((broken+1)); fi
    [ "$code $answer" = "$last" ] || say "$code $answer"
    last="$code $answer"
    sleep 0.1
  done
  say "ended, $broken broken, $reset reset"`;
