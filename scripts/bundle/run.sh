#!/bin/bash
# Runs a program of this bundle: ./run.sh pdf2mdctl convert paper.pdf
#
# libtorch 2.11.0 is not part of the bundle. It is looked for in the folder that PDF2MD_TORCH_LIB
# names, in site/torch/lib beside this file, and in the torch package of python3.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)

torch_lib=${PDF2MD_TORCH_LIB:-}
if [[ -z $torch_lib && -e $here/site/torch/lib/libtorch_cpu.so ]]; then
  torch_lib=$here/site/torch/lib
fi
if [[ -z $torch_lib ]] && command -v python3 > /dev/null; then
  torch_lib=$(python3 -c 'import importlib.util, os
spec = importlib.util.find_spec("torch")
print(os.path.join(os.path.dirname(spec.origin), "lib") if spec else "")' 2> /dev/null) || torch_lib=
fi
if [[ ! -e $torch_lib/libtorch_cpu.so ]]; then
  echo "run.sh: no libtorch_cpu.so in \"$torch_lib\": set PDF2MD_TORCH_LIB to the folder torch/lib of torch 2.11.0" >&2
  exit 2
fi
export PDF2MD_TORCH_LIB=$torch_lib
export LD_LIBRARY_PATH=$torch_lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export FONTCONFIG_PATH=$here/share/fonts FONTCONFIG_FILE=$here/share/fonts/fonts.conf

if [[ $# == 0 ]]; then
  echo "usage: run.sh PROGRAM [ARGUMENT]...   programs: $(cd "$here/bin" && echo *)" >&2
  exit 2
fi
program=$1
shift
exec "$here/bin/$program" "$@"
