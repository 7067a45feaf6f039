# shellcheck shell=bash
# What build/test, build/demo and the like have in common; sourced, never run.
#
# Gives: `root` (the checkout), `cache` (what is fetched once and kept outside of it), CARGO_TARGET_DIR as an absolute path, and
# the functions below. Callers `set -euo pipefail` themselves.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cache="${CODRIVER_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/codriver}"
[[ $cache == /* ]] || cache="$PWD/$cache"

# One target directory for everything; a relative one means the caller's directory, not the one we change to.
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
[[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR="$PWD/$CARGO_TARGET_DIR"
export CARGO_TARGET_DIR

say() { printf '%s\n' "$*" >&2; }

# have COMMAND…: whether all of them are on PATH.
have() {
  local command
  for command in "$@"; do command -v "$command" >/dev/null 2>&1 || return 1; done
}

# apt_install PACKAGE…: installs system packages where that is ours to do.
apt_install() {
  [[ $(id -u) == 0 ]] && have apt-get || return 1
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" >&2 ||
    { apt-get update >&2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" >&2; }
}

# put MODE FILE WHERE: copies a file that is not there yet with that content. It appears whole, in place of the old one, so that
# whoever has that open keeps it, and builds side by side do each other no harm.
put() {
  local fresh
  if cmp -s "$2" "$3"; then return; fi
  fresh="$(mktemp "$3.XXXXXX")"
  cp "$2" "$fresh" && chmod "$1" "$fresh" && mv -f "$fresh" "$3"
}

# splice NAME FILE: standard input takes the place of what is in the file between the lines `<!-- NAME, from here -->` and
# `<!-- to here -->`. Without these lines, or without any input, nothing changes and it fails.
splice() {
  local fresh
  fresh="$(mktemp "$2.XXXXXX")"
  awk -v begin="<!-- $1, from here -->" '
    NR == FNR { input = input $0 "\n"; next }
    $0 == begin { print; printf "\n%s\n", input; skips = 1; found = 1 }
    skips && $0 == "<!-- to here -->" { skips = 0 }
    !skips { print }
    END { exit skips || !found || input == "" }
  ' - "$2" >"$fresh" && cat "$fresh" >"$2" && rm "$fresh" && return
  rm -f "$fresh"
  say "$2: its lines \`<!-- $1, from here -->\` and \`<!-- to here -->\`, or what to put between them, are missing"
  return 1
}

# need_rust COMPONENT…: cargo, and these rustup components.
need_rust() {
  local component
  if ! have cargo; then
    say "Rust is missing: install it from https://rustup.rs"
    return 1
  fi
  for component in "$@"; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 && continue
    say "installing the Rust component $component"
    { have rustup && rustup component add "$component" >&2; } ||
      { say "the Rust component $component is missing, and rustup cannot add it"; return 1; }
  done
}

# build_programs NAME…: these programs of the workspace, for development: $CARGO_TARGET_DIR/debug/NAME.
#
# They come out of the build that build/test makes of the whole workspace: for packages one by one, or without the tests, cargo
# chooses other features of what they share, and builds that once more for each. It takes a test's name to have the features of
# tests; the one named is small.
build_programs() {
  cargo build --quiet --locked --manifest-path "$root/Cargo.toml" --workspace --features codriver/conformance --test lib_sh \
    "${@/#/--bin=}" >&2
}

# need_node: node and npm.
need_node() {
  have node npm && return
  say "installing node and npm"
  apt_install nodejs npm && have node npm && return
  say "Node.js is missing: install node and npm (https://nodejs.org)"
  return 1
}

# into_cache NAME COMMAND…: the directory $cache/NAME, which COMMAND fills when called with a directory as its last argument.
# Appears whole or not at all, so that two runs at once do each other no harm. Says the directory on stdout.
into_cache() {
  local name="$1" wanted="$cache/$1" fresh
  shift
  if [[ ! -d $wanted ]]; then
    mkdir -p "$(dirname "$wanted")"
    fresh="$(mktemp -d "$wanted.XXXXXX")"
    if ! "$@" "$fresh" >&2 </dev/null; then
      rm -rf "$fresh"
      say "$name could not be fetched"
      return 1
    fi
    # Whoever came first wins; the other's is thrown away. `mv` would move into a directory that is there by now.
    if ! mkdir "$wanted.taken" 2>/dev/null; then
      rm -rf "$fresh"
      while [[ -d $wanted.taken ]]; do sleep 0.1; done
    else
      if [[ -d $wanted ]]; then rm -rf "$fresh"; else mv "$fresh" "$wanted"; fi
      rmdir "$wanted.taken"
    fi
  fi
  printf '%s\n' "$wanted"
}

npm_install() { # PACKAGE@VERSION… DIRECTORY
  npm install --prefix "${*: -1}" --no-audit --no-fund --no-save "${@:1:$#-1}"
}

# runtime_prefix VERSION: an npm prefix with that version of the Copilot runtime.
runtime_prefix() {
  need_node || return
  into_cache "runtimes/$1" npm_install "@github/copilot@$1"
}

# count LOG: sums what a log says of passed and failed tests, in the words of libtest and in ours; says `PASSED FAILED`. A test
# program that died without a summary is a failure.
count() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    { sub(/^test result: [A-Za-z]+\. /, "") }
    /^[0-9]+ passed[;,] [0-9]+ failed/ { passed += $1; failed += $3 }
    /^ *process didn.t exit successfully: / && !/\(exit status: 101\)/ { failed++ }
    END { print passed + 0, failed + 0 }'
}

# failures LOG: what it says of each failed test, in the shapes of libtest and of ours; where that is nothing, its end.
failures() {
  local said
  said="$(awk '
    /^FAIL |^---- .* stdout ----$/ { on = 1 }
    /^ok |^test |^failures:$|^test result: |^[0-9]+ passed/ { on = 0 }
    on' "$1")"
  if [[ -n $said ]]; then printf '%s\n' "$said"; else tail -n 60 "$1"; fi
}

# limited SECONDS COMMAND…: runs it in a process group of its own; when its time is over the group is ended, and the status is 124.
limited() {
  local seconds="$1" job watcher status=0
  shift
  set -m
  "$@" &
  job=$!
  (
    sleep "$seconds"
    say "time is over: $* ran for $seconds s"
    kill -TERM -- "-$job"
    sleep 5
    kill -KILL -- "-$job"
  ) 2>&1 &
  watcher=$!
  set +m
  # An interrupted caller must not leave the group behind: it is not in the terminal's.
  # shellcheck disable=SC2064
  trap "kill -TERM -- -$job -$watcher 2>/dev/null" INT TERM
  wait "$job" || status=$?
  trap - INT TERM
  if kill -0 "$watcher" 2>/dev/null; then
    kill -KILL -- "-$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
  fi
  if ((status == 143)); then status=124; fi
  return "$status"
}
