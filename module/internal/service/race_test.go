// Licensed under the Apache License, Version 2.0; see LICENSE.

//go:build race

package service

const raceEnabled = true
