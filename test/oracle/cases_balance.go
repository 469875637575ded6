package main

func balanceCases() []Case { return nil }
