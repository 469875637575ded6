package main

func mountCases() []Case { return nil }
