// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

// #cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra -I${SRCDIR}/..
// #cgo LDFLAGS: -Wl,--wrap=pthread_create
import "C"
