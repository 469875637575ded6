// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"io"
	"strconv"
)

// Type is the kind of a worker. Its values are those of GOJK_WORKER_* in mod_gojk.h.
type Type uint32

// The types.
const (
	TypeAJP    Type = 1 // ajp13
	TypeLB     Type = 2 // lb
	TypeStatus Type = 3 // status
)

// String returns the type as workers.properties names it.
func (t Type) String() string {
	return word("type", int(t), "type(0)", "ajp13", "lb", "status")
}

// Secret is a text that must not be shown. fmt prints "***" with every verb; convert it to string to use it.
type Secret string

// Format hides the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "***") }

// Activation is what the operator wants of a member. The values are mod_jk's.
type Activation uint8

// The activations.
const (
	Active   Activation = 0
	Disabled Activation = 1
	Stopped  Activation = 2
)

// String returns the activation as the status worker shows it.
func (a Activation) String() string {
	return word("activation", int(a), "ACT", "DIS", "STP")
}

// PingMode is the set of moments at which a connection is probed by default (ping_mode).
type PingMode uint8

// The moments.
const (
	PingConnect  PingMode = 1 << 0 // C
	PingPrepost  PingMode = 1 << 1 // P
	PingInterval PingMode = 1 << 2 // I
)

// String returns the letters of the set.
func (m PingMode) String() string {
	letters := ""
	for i, letter := range "CPI" {
		if m&(1<<i) != 0 {
			letters += string(letter)
		}
	}
	return letters
}

// Method is how a balancer distributes. The values are mod_jk's.
type Method uint8

// The methods.
const (
	MethodRequest  Method = 0
	MethodTraffic  Method = 1
	MethodBusyness Method = 2
	MethodSession  Method = 3
	MethodNext     Method = 4
)

// String returns the method as the status worker shows it.
func (m Method) String() string {
	return word("method", int(m), "Request", "Traffic", "Busyness", "Sessions", "Next")
}

// Lock is mod_jk's locking mode. The values are mod_jk's.
type Lock uint8

// The locking modes.
const (
	Optimistic  Lock = 0
	Pessimistic Lock = 1
)

// String returns the locking mode as the status worker shows it.
func (l Lock) String() string {
	return word("lock", int(l), "Optimistic", "Pessimistic")
}

// word returns the word of a value, or the value as a number with the name of its type.
func word(name string, value int, words ...string) string {
	if value >= 0 && value < len(words) {
		return words[value]
	}
	return name + "(" + strconv.Itoa(value) + ")"
}
