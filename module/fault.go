// Licensed under the Apache License, Version 2.0; see LICENSE.

//go:build !gojktest

package main

import "mod_gojk/module/internal/service"

// fault and faultInMap are where tests make a request fail; here nothing happens, and nothing is left of the calls.
func fault(*service.Request) {}

func faultInMap(*service.MapQuery) {}
