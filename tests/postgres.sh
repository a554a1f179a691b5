#!/usr/bin/env bash
# A PostgreSQL server for tests: made in a folder of its own, reached over a socket there, and gone with all its data as
# soon as standard input ends. Its URL is the one line on standard output. A server that is killed is started again.
# With words: `postgres.sh PORT SETTING=VALUE …` also listens on that port of this machine, asks for a password there, and lets
# nobody in without TLS where `ssl=on`; with `FOLDER/server.crt` and `.key` in the environment (TLS=FOLDER), those are its own.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[[ -x ${bin:-}/initdb ]] || bin=$(dirname "$(command -v initdb || command -v pg_ctl || echo /none/at)")
if [[ ! -x $bin/initdb ]]; then
  echo "there is no PostgreSQL server here: install it (the package is postgresql), or name one with PLAY_TEST_POSTGRES" >&2
  exit 2
fi

# Short: the path of a socket has to fit in a hundred bytes.
folder=$(mktemp -d /tmp/play-postgres.XXXXXX)
cd "$folder"
as=()
if [[ $EUID -eq 0 ]]; then
  # It refuses to be root.
  chown postgres: "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
trap 'rm -rf "$folder"' EXIT

if ! "${as[@]}" "$bin/initdb" -D data -U play --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >log 2>&1; then
  cat log >&2
  exit 2
fi

port=${1:-5432} listen= settings=()
if (($#)); then
  listen=127.0.0.1
  for setting in "${@:2}"; do settings+=(-c "$setting"); done
  kind=host
  if [[ -n ${TLS:-} ]]; then
    kind=hostssl
    cp "$TLS"/server.{crt,key} data/
    chmod 600 data/server.key
    ((EUID)) || chown postgres: data/server.{crt,key}
  fi
  printf '%s\n' "local all all trust" "$kind all all 127.0.0.1/32 scram-sha-256" >data/pg_hba.conf
fi

serve() {
  while [[ ! -e stop ]]; do
    "${as[@]}" "$bin/postgres" -D data -k "$folder" -c "listen_addresses=$listen" -c "port=$port" -c max_connections=300 \
      -c shared_buffers=64MB -c logging_collector=off "${settings[@]}" >>log 2>&1 </dev/null || true
    sleep 0.1
  done
}
exec 3>&1 4>&2 >>log 2>&1
serve 3>&- 4>&- &
tries=0
until "$bin/pg_isready" -q -h "$folder" -p "$port"; do
  if ((++tries > 300)); then
    cat log >&4
    touch stop
    exit 2
  fi
  sleep 0.05
done
and=
if (($#)); then and="&port=$port"; fi
echo "postgres://play@/postgres?host=$folder$and" >&3
exec 3>&- 4>&-

cat >/dev/null
touch stop
kill -INT "$(head -1 data/postmaster.pid)"
wait
