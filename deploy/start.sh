#!/bin/sh
# What the container runs: the web server, the worker, or any other command of turnus.
set -eu
case "${1:-web}" in
    web) exec turnus serve ;;
    worker) exec turnus work ;;
    *) exec turnus "$@" ;;
esac
