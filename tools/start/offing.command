#!/bin/sh
# Starts offing from the folder "wheels" beside this file. The first start installs it there, without a network.
# 双击即可：第一次会用旁边 wheels 文件夹中的软件包安装（无需联网），之后直接打开。
# With words after its name it runs that command:  ./offing.command quote 852872 DEU
# It uses Python 3.11 to 3.13; OFFING_PYTHON names one.

here=$(cd -- "$(dirname -- "$0")" && pwd -P) || exit 2
wheels=$here/wheels

stop() {
  printf '\n%s\n%s\n' "$1" "$2" >&2
  if [ -t 0 ]; then printf '\n[Enter] ' >&2; read -r _; fi
  exit 2
}

able() { # a Python of the right age that can make a virtual environment
  "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

wheel=
for one in "$wheels"/offing-*.whl; do [ -f "$one" ] && wheel=$one; done
[ -n "$wheel" ] || stop "There is no offing wheel in $wheels. Unpack the whole folder first." \
  "$wheels 中没有 offing 的软件包。请先完整解压文件夹。"

place=$here/.offing
[ -w "$here" ] || place=${XDG_DATA_HOME:-$HOME/.local/share}/offing/start
stamp=$(cat "$wheel" "$here/install.txt" | cksum)

if [ "$(cat "$place/installed" 2>/dev/null)" != "$stamp" ] || ! "$place/bin/python" -c '' 2>/dev/null; then
  python=
  for one in "${OFFING_PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
    if [ -n "$one" ] && able "$one"; then python=$one; break; fi
  done
  [ -n "$python" ] || stop "Python 3.11, 3.12 or 3.13 is needed and was not found. Install it, then start again." \
    "需要 Python 3.11、3.12 或 3.13，未找到。请先安装，再重新启动。"
  printf '%s\n%s\n' "Installing once, without a network ..." "首次安装（无需联网）……" >&2
  rm -rf "$place"
  "$python" -m venv "$place" &&
    "$place/bin/python" -m pip --disable-pip-version-check install -q --no-index \
      --find-links "$wheels" -r "$here/install.txt" &&
    printf '%s\n' "$stamp" >"$place/installed" ||
    stop "It could not be installed; what stands above says why." "安装失败，原因见上。"
fi

if [ $# -eq 0 ]; then
  cd -- "$here" || exit 2
  set -- serve
  "$place/bin/python" -m offing "$@" || stop "offing has stopped." "offing 已停止。"
  exit 0
fi
exec "$place/bin/python" -m offing "$@"
