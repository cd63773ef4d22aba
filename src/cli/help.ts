/** What `--help` prints; the README's table of commands is compared with it. */
export const HELP = `clef-agent - serves packed secrets on 127.0.0.1, verified and fresh

Usage: clef-agent [COMMAND]

Commands:
  run                      run the agent; the default. Configured by CLEF_AGENT_… variables
  exec -- COMMAND [ARG]... run a command with the secrets in its environment
      --namespace NAME       secrets of this namespace by their bare keys, repeatable
      --only PATTERN         those whose name matches; * is any text, repeatable
      --map NAME=VARIABLE    set this secret as VARIABLE, repeatable
      --shell-names          names in upper case, - and . as _
      --preserve-env         a variable that is set already stays
      --clear-env            of the agent's environment only PATH, HOME and the like
      --allow-name NAME      let a dangerous name through, repeatable
      --on-change WHAT       restart (the default), signal:NAME or ignore
      --splay DURATION       wait a random time up to this before acting on a change
      --stop-signal NAME     how it is stopped, SIGTERM without it
      --stop-timeout TIME    SIGKILL after this, 10s without it
      --no-env               hand over no secret
      --no-api               open no port
      --agent                take the secrets from an agent that runs already
  files --once             write the secrets as files (CLEF_AGENT_FILES_DIR), leave them and exit
  pack [FILE]              pack secrets (JSON, YAML or dotenv; standard input without FILE)
      --identity NAME        service identity the artifact is for
      --environment NAME     environment it is for
      --recipient AGE        age recipient, repeatable
      --kms PROVIDER         instead of recipients: aws, gcp or azure
      --kms-key KEY          the KMS key: ARN or alias, resource name, or key URL
      --ttl DURATION         expire after 90s, 45m, 12h or 30d; never without it
      --signing-key FILE     private key to sign with, or the key itself in CLEF_SIGNING_KEY
      --signing-kms-key KEY  or sign with this AWS KMS key (CLEF_SIGNING_KMS_KEY)
      --format FORMAT        json, yaml, dotenv, sops-dotenv or kubernetes-secret, where FILE does not tell
      --namespace NAME       put flat secrets into this namespace
      --allow-empty          pack even if there are no secrets in it
      --out FILE             write here, atomically; standard output without it
      --force                replace FILE even if it is no artifact
  keygen age --out FILE    make an age identity in FILE, print its recipient
      --post-quantum         of the post-quantum hybrid kind
  keygen signing --out FILE
                           make a signing key in FILE, print its verify key
  inspect FILE...          show what artifacts say of themselves; needs no key
      --json                 as JSON
  verify FILE...           the same, and exit 1 unless an agent would accept them all
      --verify-key KEY       or CLEF_AGENT_VERIFY_KEY; without it no signature is checked
      --identity NAME        or CLEF_AGENT_IDENTITY
      --environment NAME     or CLEF_AGENT_ENVIRONMENT
      --json                 as JSON
  revoke FILE              put the artifact's revocation marker in its place
      --identity NAME --environment NAME
                             whom it was for, where FILE is damaged
      --force                replace FILE even if it is no artifact
  refresh                  let the agent on this machine look at its source now; exit 1
                           unless what it holds is verified
  healthcheck [live|ready] ask the agent on this machine; exit 1 if the answer is no

  --help, -h, --version

Logs go to standard error, results to standard output.
Exit codes: 0 done, 1 failed or the answer is no, 2 wrong usage.
`;
