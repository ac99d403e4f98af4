#!/bin/sh
# expect_compile_error.sh PATTERN COMPILER...: succeeds when the compiler fails with an error that
# matches PATTERN and, but for notes, with no other; with an empty PATTERN when it succeeds.
pattern=$1
shift
errors=$("$@" 2>&1)
status=$?
if [ -z "$pattern" ]; then
    [ "$status" -eq 0 ] && exit 0
    echo "$errors"
    exit 1
fi
if [ "$status" -eq 0 ]; then
    echo "compiled, but should not"
    exit 1
fi
if [ "$(echo "$errors" | grep -c ' error: ')" -gt 1 ]; then
    echo "more than one error:"
    echo "$errors"
    exit 1
fi
echo "$errors" | grep -qE "$pattern" && exit 0
echo "failed for another reason than $pattern:"
echo "$errors"
exit 1
