# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What app/run and tests/run share: installing what the machine lacks, and building the project.
# Sourced by both, after `set -euo pipefail` and with `project` set to the project's folder. All it
# says goes to standard error: standard output belongs to the program that is started.
# Exit statuses: 1 the build failed, 3 the machine lacks something, 128 + n ended by signal n.

: "${project:?}"

say() { printf 'manyhands: %s\n' "$*" >&2; }

fail() # STATUS MESSAGE...
{
    local status=$1
    shift
    say "$@"
    exit "$status"
}

# --- Signals ----------------------------------------------------------------------------------

# What a script has to do whenever it ends, and may replace.
cleanup() { :; }
trap cleanup EXIT

# Ends what was started, then dies of the same signal, so that a caller sees what happened.
interrupted() # SIGNAL
{
    trap '' INT TERM HUP
    local job
    for job in $(jobs -p); do
        kill -TERM -- "-$job" 2>/dev/null || kill -TERM "$job" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    progress_erase
    say "stopped by SIG$1"
    cleanup # bash does not always, when it dies of a signal
    trap - "$1"
    kill -s "$1" $$
}
trap 'interrupted INT' INT
trap 'interrupted TERM' TERM
trap 'interrupted HUP' HUP

# Runs a command as a group of its own and waits for it: a trap then acts at once, where a command
# in the foreground would have to end first, and can end all of the group. (`set -m` would make the
# group too, but it takes the terminal, and stops a script that was started with &.)
# The redirection is in here, or else a trap would write to the log too.
run_group() # keep_lock|drop_lock, LOG or nothing, COMMAND...
{
    local status=0 inherit=$1 output=$2
    shift 2
    (
        if [[ $inherit == drop_lock ]]; then unlock; fi
        if [[ $output ]]; then exec >"$output" 2>&1; fi
        exec setsid "$@" </dev/null
    ) &
    wait $! || status=$?
    return "$status"
}

# --- Progress ---------------------------------------------------------------------------------

on_terminal() { [[ -t 2 && ${TERM:-dumb} != dumb ]]; }
progress_erase() { if on_terminal; then printf '\r\e[K' >&2; fi; }

# Shows that LOG grows, until progress_stop: its newest line on a terminal, else a single line, and
# that only after two seconds, so that a build with nothing to do says nothing.
progress_start() # LABEL LOG
{
    (
        exec {never}<> <(:) >/dev/null
        local tick=0 line shown=
        while kill -0 $$ 2>/dev/null; do
            # A read that never succeeds is a sleep that starts no process.
            read -rt 0.2 -u "$never" || true
            tick=$((tick + 1))
            if on_terminal; then
                line=$(tail -n 1 "$2" 2>/dev/null || true)
                line="$1: ${line//[[:cntrl:]]/ }"
                if [[ $line != "$shown" ]]; then printf '\r\e[K%s' "${line:0:78}" >&2; fi
                shown=$line
            elif ((tick == 10)); then
                say "$1 (log: $2)"
                break
            fi
        done
    ) &
    progress=$!
}

progress_stop()
{
    kill "$progress" 2>/dev/null || true
    wait "$progress" 2>/dev/null || true
    progress_erase
}

# Shows what went wrong: from the first error a build tool names, else the last lines.
show_log() # LOG
{
    local lines
    lines=$(awk '/^(FAILED: |CMake Error|E: )/ { shown = 1 }
                 shown { print substr($0, 1, 240); if (++count == 40) exit }' "$1")
    [[ $lines ]] || lines=$(tail -n 20 "$1")
    printf '%s\n' "$lines" >&2
}

# --- One at a time ----------------------------------------------------------------------------

# A build folder belongs to one script at a time. What a script starts inherits the lock: if the
# script is killed, the next one waits until the compilers it left behind are gone as well.
lock_file=
lock() # FOLDER
{
    if [[ ! -d $1 ]]; then mkdir -p "$1" 2>/dev/null || true; fi
    if [[ ! -d $1 || ! -w $1 ]]; then
        fail 3 "cannot write in $1: make it yours, or copy the project to a folder of your own"
    fi
    exec {lock_file}>>"$1/.lock"
    if ! flock --nonblock "$lock_file"; then
        say "another start is working in $1: waiting for it"
        flock "$lock_file" &
        wait $! # which a signal ends, as it would not end a wait in the foreground
    fi
}

unlock()
{
    if [[ $lock_file ]]; then
        exec {lock_file}>&-
        lock_file=
    fi
}

# --- Packages ---------------------------------------------------------------------------------

# Whether the machine has what a probe of packages.tsv looks for.
probe() # PROBE
{
    local pattern=${1#*:} folder
    case $1 in
        program:*) type -P "$pattern" >/dev/null ;;
        file:*) compgen -G "$pattern" >/dev/null ;;
        header:*)
            for folder in /usr/local/include /usr/include /usr/include/*-linux-gnu*; do
                if [[ -e $folder/$pattern ]]; then return 0; fi
            done
            return 1
            ;;
        *) fail 1 "resources/packages.tsv: '$1' is no probe: header:, program: or file:" ;;
    esac
}

# Fills missing_needs (in words) and missing_packages (each once) for the uses named.
find_missing() # run|test|bench...
{
    missing_needs=()
    missing_packages=()
    local need probe package use more
    while IFS=$'\t' read -r need probe package use more || [[ $need ]]; do
        if [[ -z $need || $need == '#'* ]]; then continue; fi
        if [[ ! $use =~ ^(run|test|bench)$ || $more ]]; then
            fail 1 "resources/packages.tsv: the line of '$need' is not:" \
                "need, probe, package, run|test|bench"
        fi
        if [[ " $* " != *" $use "* ]] || probe "$probe"; then continue; fi
        missing_needs+=("$need")
        if [[ " ${missing_packages[*]} " != *" $package "* ]]; then
            missing_packages+=("$package")
        fi
    done <"$project/resources/packages.tsv"
}

in_words() # ITEM...
{
    local IFS=,
    local joined="$*"
    printf '%s' "${joined//,/, }"
}

# What apt-get would do, into `plan`; fails where it cannot tell or cannot do it.
simulate() { plan=$(LC_ALL=C apt-get -s "${install[@]}" 2>"$log" </dev/null); }

refuse_removal()
{
    local removed
    removed=$(awk '/^(Remv|Purg) / { print $2 }' <<<"$plan")
    if [[ $removed ]]; then
        fail 3 "missing: $needs. To install it, apt-get would remove: ${removed//$'\n'/ }." \
            "Nothing was changed. If that is what you want, run as root: apt-get ${install[*]}"
    fi
}

# Finds the way to root, into `as_root`; `ask` where it leads through a password, which is asked for
# only where somebody can type it.
find_root() # LINE FOR THE ADMINISTRATOR
{
    as_root=()
    ask=
    if [[ $(id -u) == 0 ]]; then return; fi
    as_root=(sudo)
    if type -P sudo >/dev/null; then
        if sudo -n true 2>/dev/null; then return; fi
        if [[ -t 0 ]]; then
            ask=yes
            return
        fi
    fi
    no_root "$1"
}

ask_password() # LINE FOR THE ADMINISTRATOR
{
    if [[ $ask ]]; then sudo -v || no_root "$1"; fi
}

no_root() # LINE FOR THE ADMINISTRATOR
{
    fail 3 "missing: $needs. Installing needs an administrator, who runs as root: $1"
}

# Runs apt-get as root, in the foreground: sudo may have to ask, and dpkg is not to be cut off.
apt() # LABEL ARGUMENT...
{
    local status=0 label=$1
    shift
    progress_start "$label" "$log"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get "$@" \
        >"$log" 2>&1 </dev/null || status=$?
    progress_stop
    return "$status"
}

update_lists()
{
    local line="apt-get update && apt-get ${install[*]}"
    find_root "$line"
    say "missing: $needs. Fetching the lists of packages first"
    ask_password "$line"
    if ! apt "fetching the lists of packages" update; then
        show_log "$log"
        fail 3 "missing: $needs. apt-get update failed (all of it: $log);" \
            "when the network is there, start again, or run as root: $line"
    fi
}

plan_anew()
{
    if ! simulate; then
        tail -n 15 <<<"$plan" >&2
        show_log "$log"
        fail 3 "missing: $needs. apt-get cannot install it here;" \
            "to see why: apt-get -s ${install[*]}"
    fi
    refuse_removal
}

announce()
{
    local uris size names
    uris=$(LC_ALL=C apt-get --print-uris --yes "${install[@]}" 2>/dev/null </dev/null || true)
    size=$(sed -nE 's,^Need to get ([^/]*)(/.*)? of archives.*,\1,p' <<<"$uris")
    names=$(awk '/^Inst / { printf " %s", $2 }' <<<"$plan")
    if [[ ! $updated ]]; then say "missing: $needs"; fi
    say "to download: ${size:-an unknown size}; to install:"
    fold -s -w 100 <<<"$names" >&2
}

# Sees to it that the machine has what is needed. Where nothing is missing, this starts no program.
install_missing() # run|test|bench...
{
    find_missing "$@"
    if ((${#missing_needs[@]} == 0)); then return; fi

    # Somebody else may be installing the same just now.
    lock "$project/build"
    find_missing "$@"
    if ((${#missing_needs[@]} == 0)); then
        unlock
        return
    fi

    local needs log=$project/build/packages.log plan as_root ask updated=
    needs=$(in_words "${missing_needs[@]}")
    local install=(install --no-install-recommends "${missing_packages[@]}")
    if ! type -P apt-get >/dev/null; then
        fail 3 "missing: $needs. There is no apt-get here to install it with;" \
            "install what Debian calls: ${missing_packages[*]}"
    fi

    if simulate; then
        refuse_removal
    else
        # No lists yet, or too old ones.
        update_lists
        updated=yes
        plan_anew
    fi
    find_root "apt-get ${install[*]}"
    announce
    ask_password "apt-get ${install[*]}"
    # --no-remove: what the simulation promised must hold. Configuration files stay as they are.
    local really=(--yes --no-remove -o DPkg::Lock::Timeout=300
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "${install[@]}")
    if ! apt "installing" "${really[@]}"; then
        # Lists that are too old name files that the server no longer has.
        if [[ ! $updated ]]; then
            update_lists
            plan_anew
        fi
        if [[ $updated ]] || ! apt "installing" "${really[@]}"; then
            show_log "$log"
            fail 3 "missing: $needs. apt-get failed (all of it: $log);" \
                "to try it yourself, as root: apt-get ${install[*]}"
        fi
    fi

    find_missing "$@"
    if ((${#missing_needs[@]} > 0)); then
        needs=$(in_words "${missing_needs[@]}")
        fail 3 "installed ${install[*]:2}, yet still not found: $needs;" \
            "resources/packages.tsv says what is looked for"
    fi
    unlock
}

# --- Building ---------------------------------------------------------------------------------

# As many compilers at once as there are processors, but a GiB of memory for each.
compilers()
{
    local count limit kib key value _
    count=$(nproc)
    while read -r key value _; do
        if [[ $key == MemAvailable: ]]; then kib=$value; fi
    done </proc/meminfo
    # In a container its own limit holds.
    for limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
        if [[ -r $limit ]] && read -r value <"$limit" && [[ $value != max ]]; then
            kib=$((value / 1024 < kib ? value / 1024 : kib))
        fi
    done
    local gib=$((kib < 1048576 ? 1 : kib / 1048576))
    echo $((count < gib ? count : gib))
}

# Whether a CMake cache has each NAME=VALUE.
cached() # FOLDER NAME=VALUE...
{
    local cache=$1/CMakeCache.txt setting
    shift
    for setting in "$@"; do
        grep -Eqx "${setting%%=*}:[A-Z]+=${setting#*=}" "$cache" || return 1
    done
}

# The project that a build folder was configured for.
home() { sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$1/CMakeCache.txt"; }

# Configures FOLDER unless that was done and holds; the settings are NAME=VALUE, separated by spaces.
configure() # FOLDER SETTINGS OF A FRESH FOLDER, SETTINGS IT MUST HAVE
{
    local folder=$1 log=$1/configure.log entry fresh=() required settings
    read -ra settings <<<"$2"
    read -ra required <<<"$3"

    if [[ -e $folder/CMakeCache.txt && ! $(home "$folder") -ef $project ]]; then
        # The folder was copied or moved here and is full of paths of the other place. Everything
        # would be built again anyway. Build folders within are judged when their turn comes.
        say "$folder was made for a project in another place: building anew"
        for entry in "$folder"/* "$folder"/.[!.]*; do
            if [[ -e $entry && $entry != "$folder/.lock" && ! -e $entry/CMakeCache.txt ]]; then
                rm -rf "$entry"
            fi
        done
    fi

    if [[ -e $folder/build.ninja && -e $folder/CMakeCache.txt && ! -e $folder/.configuring ]]; then
        if cached "$folder" "${required[@]}"; then return; fi
        settings=()
    else
        # Nothing there, or what an interrupted or failed configuration has left.
        fresh=(--fresh)
    fi
    : >"$folder/.configuring"
    progress_start "configuring" "$log"
    if ! run_group keep_lock "$log" cmake "${fresh[@]}" -S "$project" -B "$folder" -G Ninja \
        "${settings[@]/#/-D}" "${required[@]/#/-D}"; then
        progress_stop
        show_log "$log"
        fail 1 "configuring failed; all of it: $log"
    fi
    progress_stop
    rm "$folder/.configuring"
}

# Configures where needed, and builds the targets. Ninja itself sees to changed CMake files.
build() # FOLDER, SETTINGS OF A FRESH FOLDER, SETTINGS IT MUST HAVE, TARGET...
{
    local folder=$1 log=$1/build.log
    configure "$1" "$2" "$3"
    shift 3
    progress_start "building" "$log"
    if ! NINJA_STATUS='[%f/%t] ' \
        run_group keep_lock "$log" ninja -C "$folder" -j "$(compilers)" "$@"; then
        progress_stop
        show_log "$log"
        fail 1 "building failed; all of it: $log"
    fi
    progress_stop
}
