#!/bin/sh
# The least that an agent can be: it reads no prompt, prints no events, and works in the folder where it was started.
set -eu
case $PULLWRIGHT_PHASE in
  classify) printf '{"classification": "bug"}' > "$PULLWRIGHT_OUTPUT" ;;
  plan) printf '{"plan": "# Plan\\n\\nAdd."}' > "$PULLWRIGHT_OUTPUT" ;;
  build)
    sed -i 's/a - b/a + b/' sum.mjs
    echo "$PULLWRIGHT_ISSUE_NUMBER" > issue.txt
    ;;
esac
