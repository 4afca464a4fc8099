#!/usr/bin/env bash
# A Postfix of your own in a folder: configuration, queue and log are in there, nothing below /etc or /var is touched,
# and no port is opened. Needs Postfix 3.4 or newer, and root, as Postfix does.
# Usage: private.sh start FOLDER LINES     LINES: a file of lines for main.cf
#        private.sh send FOLDER FROM TO    sends what stands on standard input
#        private.sh result FOLDER          waits for the first delivery (30 s at most) and prints its line of the log
#        private.sh stop FOLDER
set -euo pipefail
command=$1
folder=$(realpath -m "$2")
export MAIL_CONFIG="$folder/etc"

log_line() {  # waits for the first line of the log that has these words, 30 s at most
  timeout 30 tail -n +1 -F "$folder/log" 2> /dev/null | grep -m 1 "$1" || true
}

start() {
  local owner group queue="$folder/queue"
  mkdir -p "$folder/etc" "$queue" "$folder/data"
  touch "$folder/etc/main.cf" "$folder/etc/master.cf"  # postconf looks for them, even for built-in values
  owner=$(postconf -dh mail_owner)
  group=$(postconf -dh setgid_group)
  if ! runuser -u "$owner" -- test -x "$folder"; then
    echo "private.sh: the user $owner cannot get into $folder: take a folder that all can reach" >&2
    exit 1
  fi
  : > "$folder/log"
  cat > "$folder/etc/main.cf" << END
compatibility_level = 3
queue_directory = $queue
data_directory = $folder/data
maillog_file = $folder/log
maillog_file_prefixes = $folder
myhostname = app.contoso.com
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_loglevel = 1
$(cat "$1")
END
  cat > "$folder/etc/master.cf" << END
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
END
  touch -d "1 minute ago" "$folder/etc/main.cf" "$folder/etc/master.cf"  # Postfix lets new ones settle for seconds
  (
    cd "$queue"
    mkdir -p active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid
    chown "$owner" active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public
    chown "$owner" "$folder/data"
    chgrp "$group" maildrop public
    chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace
    chmod 730 maildrop
    chmod 710 public
  )
  "$(postconf -dh daemon_directory)/master" -c "$folder/etc" -w
  log_line "daemon started" > /dev/null
}

stop() {
  local number
  number=$(tr -d ' ' < "$folder/queue/pid/master.pid")
  kill "$number"
  flock --timeout 30 "$folder/queue/pid/master.pid" true  # the master holds it as long as it lives
  rm "$folder/queue/pid/master.pid"
}

case $command in
  start) start "$3" ;;
  send) sendmail -C "$folder/etc" -f "$3" -- "$4" ;;
  result) log_line "status=" ;;
  stop) stop ;;
  *) sed -n '2,8s/^# //p' "$0"; exit 2 ;;
esac
