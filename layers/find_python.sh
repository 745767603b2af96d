#!/bin/sh
# Prints the path of a Python of the version asked for, such as 3.13; fails where this machine has none.
# PYTHON_PATH may name one that stands where nobody looks.
version=$1
for python in "$PYTHON_PATH" "python$version" "$(${UV:-uv} python find --offline "$version" 2>/dev/null)" \
	"${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python"$version"; do
	found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null) || continue
	if [ "${found%% *}" = "$version" ]; then
		printf '%s\n' "${found#* }"
		exit 0
	fi
done
exit 1
