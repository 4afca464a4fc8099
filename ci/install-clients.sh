#!/usr/bin/env bash
# The mail clients that the harness drives, in one command. Debian and Ubuntu, as root. May be run again: what is
# there already is left alone.
# Usage: bash ci/install-clients.sh [--check]      (--check: say what is missing, install nothing; exit code 1 if so)
#
# From apt: what can stand side by side. Unpacked below $HARNESS_CLIENTS_DIR (default ~/.local/share/fakeeop/clients):
# the mail programs that would replace one another, nodemailer, and a .NET runtime. Nothing below /etc is configured,
# no service is started. PostgreSQL is not a client: the tests of the journal run one of their own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
clients=${HARNESS_CLIENTS_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/fakeeop/clients}
began=$SECONDS

packages=(swaks libnet-ssleay-perl libnet-dns-perl curl msmtp s-nail libio-socket-ssl-perl nodejs npm golang-go
  mono-runtime mono-mcs libmono-system-data4.0-cil m4 libwrap0 postgresql)
# Postfix with no configuration, never started: its how-to wants an installed one. Not where another mail program is.
[[ -e /usr/sbin/sendmail ]] || packages+=(postfix)
unpacked=(nullmailer dma postfix exim4-daemon-light opensmtpd sendmail-bin sendmail-cf)
dotnet=dotnetcore2==3.1.23
openssl=psycopg2-binary==2.9.9  # its wheel holds the OpenSSL 1.1 that this .NET needs and Debian 12 has not

have() { command -v "$1" >/dev/null 2>&1; }
program_of() {  # the program that a package brings
  case $1 in
    libnet-ssleay-perl) echo perl:Net::SSLeay ;;
    libnet-dns-perl) echo perl:Net::DNS ;;
    libio-socket-ssl-perl) echo perl:IO::Socket::SSL ;;
    nodejs) echo node ;;
    golang-go) echo go ;;
    mono-runtime) echo mono ;;
    mono-mcs) echo mcs ;;
    libmono-* | libwrap0) echo "package:$1" ;;
    postfix) echo "file:/usr/sbin/postconf" ;;
    postgresql) echo "file:/usr/lib/postgresql/*/bin/initdb" ;;
    *) echo "$1" ;;
  esac
}
is_here() {
  local what
  what=$(program_of "$1")
  case $what in
    perl:*) perl -M"${what#perl:}" -e 1 2>/dev/null ;;
    file:*) compgen -G "${what#file:}" >/dev/null ;;
    package:*) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
    *) have "$what" ;;
  esac
}

missing=()
for package in "${packages[@]}"; do is_here "$package" || missing+=("$package"); done
absent=()
for package in "${unpacked[@]}"; do [[ -e $clients/${package%%4-*}/version ]] || absent+=("$package"); done
[[ -e $clients/node_modules/nodemailer/package.json ]] || absent+=(nodemailer)
[[ -e $clients/dotnet/version ]] || absent+=(dotnet)

if [[ ${1:-} == --check ]]; then
  if [[ ${#missing[@]} -eq 0 && ${#absent[@]} -eq 0 ]]; then
    echo "install-clients: nothing is missing"
    exit 0
  fi
  echo "install-clients: missing: ${missing[*]:-} ${absent[*]:-}"
  exit 1
fi

if ! have apt-get || ! have dpkg; then
  echo "install-clients: this is not Debian: no apt-get; see docs/clients.md for what each client needs" >&2
  exit 2
fi
if [[ $EUID -ne 0 && ${#missing[@]} -gt 0 ]]; then
  echo "install-clients: must be root to install: ${missing[*]}" >&2
  exit 2
fi
umask 022
mkdir -p "$clients"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ ${#missing[@]} -gt 0 || ${#absent[@]} -gt 0 ]] && [[ $EUID -eq 0 ]]; then
  apt-get update -qq
fi
if [[ ${#missing[@]} -gt 0 ]]; then
  # nothing is to be started: a package that asks is told so, and PostgreSQL's own cluster is taken away again
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -rf "$work" "$policy"' EXIT
  fi
  clusters=$(compgen -G "/etc/postgresql/*/main" || true)
  if have debconf-set-selections; then
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
  fi
  # one mail program of its own choosing would come along as a recommendation
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$work/apt.log" 2>&1 ||
    { cat "$work/apt.log" >&2; exit 1; }
  if [[ -z $clusters ]] && have pg_dropcluster; then
    for made in $(compgen -G "/etc/postgresql/*/main" || true); do
      pg_dropcluster --stop "$(basename "$(dirname "$made")")" main
    done
  fi
fi

unpack() {  # unpack PACKAGE FOLDER: and the version, as dpkg calls it
  rm -rf "$work/deb" && mkdir "$work/deb"
  (cd "$work/deb" && apt-get download -qq -o APT::Sandbox::User=root "$1")
  rm -rf "${clients:?}/$2.new"
  dpkg -x "$work/deb/"*.deb "$clients/$2.new"
  dpkg-deb -f "$work/deb/"*.deb Version >"$clients/$2.new/version"
  rm -rf "${clients:?}/$2" && mv "$clients/$2.new" "$clients/$2"
}
python=${PYTHON:-python3}
for each in ${absent[@]+"${absent[@]}"}; do
  case $each in
    nodemailer) npm install --silent --no-audit --no-fund --prefix "$clients" nodemailer ;;
    dotnet)
      "$python" -m pip download -qq --no-deps --only-binary :all: --platform manylinux1_x86_64 --dest "$work" "$dotnet"
      "$python" -m pip download -qq --no-deps --only-binary :all: --platform manylinux2014_x86_64 \
        --python-version 3.11 --dest "$work" "$openssl"
      rm -rf "$clients/dotnet.new" && mkdir -p "$clients/dotnet.new/openssl" "$work/openssl"
      "$python" -m zipfile -e "$work"/dotnetcore2-*.whl "$clients/dotnet.new"
      "$python" -m zipfile -e "$work"/psycopg2_binary-*.whl "$work/openssl"
      chmod +x "$clients/dotnet.new/dotnetcore2/bin/dotnet"
      cp "$work/openssl/psycopg2_binary.libs"/libcrypto-*.so.1.1 "$clients/dotnet.new/openssl/"
      cp "$work/openssl/psycopg2_binary.libs"/libssl-*.so.1.1 "$clients/dotnet.new/openssl/libssl.so.1.1"
      echo "$dotnet" >"$clients/dotnet.new/version"
      rm -rf "$clients/dotnet" && mv "$clients/dotnet.new" "$clients/dotnet"
      ;;
    *) unpack "$each" "${each%%4-*}" ;;
  esac
done
echo "install-clients: installed ${#missing[@]} packages, unpacked ${#absent[@]} into $clients, in $((SECONDS - began)) s"
