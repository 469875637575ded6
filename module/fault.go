// Licensed under the Apache License, Version 2.0; see LICENSE.

//go:build !gojktest

package main

import "mod_gojk/module/internal/service"

// fault is where tests make a request fail; here nothing happens, and nothing is left of the call.
func fault(*service.Request) {}
