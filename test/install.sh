#!/usr/bin/env bash
# Installs a build: install.sh APXS BUILD_FOLDER [DESTDIR]. Both libraries go into httpd's modules folder, apxs.conf becomes its configuration:
# on Debian as mods-available/gojk.load and gojk.conf (then: a2enmod gojk), elsewhere as gojk.conf beside httpd.conf.
set -euo pipefail
apxs=$1 build=$2 dest=${3:-}
modules=$("$apxs" -q LIBEXECDIR)
conf=$("$apxs" -q SYSCONFDIR)
logs=logs run=logs
debian=$([ -d "$conf/mods-available" ] && echo yes || true)
[ -z "$debian" ] || { logs=/var/log/apache2 run=/var/run/apache2; }

install -d "$dest$modules"
install -m 644 "$build/mod_gojk.so" "$build/libgojk.so" "$dest$modules/"
text=$(sed -e "s#@MODULES@#$modules#; s#@CONF@#$conf#; s#@LOGS@#$logs#; s#@RUN@#$run#" apxs.conf)

# Never overwrites what an administrator has edited.
put() {
    local file=$dest$1
    install -d "$(dirname "$file")"
    if [ -e "$file" ] && ! diff -q "$file" - >/dev/null <<<"$2"; then
        echo "kept $file (it was edited); the new one is $file.new"
        file=$file.new
    fi
    printf '%s\n' "$2" >"$file"
    echo "installed $file"
}

echo "installed $dest$modules/mod_gojk.so and libgojk.so"
if [ -n "$debian" ]; then
    put "$conf/mods-available/gojk.load" "$(grep '^LoadModule' <<<"$text")"
    put "$conf/mods-available/gojk.conf" "$(grep -v '^LoadModule' <<<"$text")"
    echo "now: a2enmod gojk"
else
    put "$conf/gojk.conf" "$text"
    echo "now: add 'Include $conf/gojk.conf' to httpd.conf"
fi
