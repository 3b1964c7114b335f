#!/usr/bin/env bash
# Copy the browser code of others that the site needs into the repository.
#
# It goes under web/, which Sphinx copies as it is: a script under _static/ would be added
# to every page. MathJax with its fonts (CHTML) is a third of the one-file SVG build on the
# wire: 262 kB and 15 to 30 kB for each font in use, against 679 kB.
set -euo pipefail

mathjax=3.2.2
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work" --no-save --silent "mathjax@$mathjax"
from=$work/node_modules/mathjax
to=$root/web/_static/vendor/mathjax

rm -rf "$to"
mkdir -p "$to/output/chtml/fonts/woff-v2" "$to/input/tex/extensions"
cp "$from/es5/tex-chtml.js" "$to/"
cp "$from"/es5/output/chtml/fonts/woff-v2/*.woff "$to/output/chtml/fonts/woff-v2/"
# What MathJax loads by itself when a page uses \boldsymbol, \cancel, \color and the like.
for extension in boldsymbol braket cancel color enclose html upgreek; do
  cp "$from/es5/input/tex/extensions/$extension.js" "$to/input/tex/extensions/"
done
cp "$from/LICENSE" "$to/"
du -sh "$to"
