package main

func stickyCases() []Case { return nil }
